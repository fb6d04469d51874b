// A night for the tests of sites: two servers that the coordinator reaches, two in Paris, two in London. Whose secret is whose: only the runner
// of a site has the password of its hosts, in its environment.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestRecord } from '../../../src/lab/http/http-handler.ts';
import { usualQuirks } from '../../../src/lab/machine/quirks.ts';
import type { MishapSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { RunEvent } from '../../../src/model/outcome.ts';
import type { CliResult, RunningCli } from '../../support/cli.ts';
import { withLab, type TestLab } from '../../support/lab.ts';
import type { UsedPostgres } from '../support/use-postgres.ts';
import { nightPlaybook, readEvents } from './joined-night.ts';

const siteNames = ['paris', 'london'] as const;
type Site = (typeof siteNames)[number];

export const hostsOf: Readonly<Record<Site | 'hub', readonly string[]>> = {
  hub: ['ex01', 'ex02'],
  paris: ['ex03', 'ex04'],
  london: ['ex05', 'ex06'],
};

export interface SitesNight {
  readonly lab: TestLab;
  readonly state: string;
  readonly names: readonly string[];
  readonly before: Readonly<Record<string, unknown>>;
  readonly plan: string;
  readonly inventory: readonly string[];
  readonly sent: readonly { readonly host: string; readonly line: string; readonly atMs: number }[];
  readonly events: () => Promise<readonly RunEvent[]>;
  /** As whoever has all passwords. */
  run(...args: readonly string[]): Promise<CliResult>;
  /** The coordinator, without the passwords of the sites. */
  join(...args: readonly string[]): RunningCli;
  /** With the password of its site alone. */
  runner(site: Site, ...args: readonly string[]): RunningCli;
  runnerWith(site: Site, env: Readonly<Record<string, string>>, ...args: readonly string[]): RunningCli;
  /** Resolves once a host of the site was sent so many changes. */
  changes(hosts: readonly string[], count: number): Promise<void>;
  /** Resolves once a row is found. */
  until(text: string): Promise<void>;
}

export interface SitesOptions {
  readonly strategy?: string;
  readonly mishaps?: Readonly<Record<string, readonly MishapSpec[]>>;
  readonly leaseMs?: number;
  /** Lines of the playbook. */
  readonly rest?: string;
}

/** Two groups have a host at the hub and one in London. */
const usual = 'batches: [3, 100%], concurrency: 4, max_failed: 0, one_at_a_time_by: availability_group';
const changing = /\b(?:add|delete) excludedportrange\b|\bsc(?:\.exe)? (?:stop|start)\b/i;

export async function playSites(
  postgres: UsedPostgres['postgres'],
  { strategy = usual, mishaps = {}, leaseMs = 3000, rest = '' }: SitesOptions,
  play: (night: SitesNight) => Promise<void>,
): Promise<void> {
  const state = await postgres.createDatabase();
  const names = Object.values(hostsOf).flat();
  const sent: { host: string; line: string; atMs: number }[] = [];
  const started: RunningCli[] = [];
  const onRequest = (host: string, { operation, commandLine }: Pick<RequestRecord, 'operation' | 'commandLine'>) => {
    if (operation !== 'command' || commandLine === null || !changing.test(commandLine)) return;
    sent.push({ host, line: commandLine, atMs: performance.now() });
  };
  const servers = names.map((name) => ({
    name,
    quirks: { ...usualQuirks, oneList: true },
    mishaps: mishaps[name] ?? [],
  }));
  await withLab(
    servers,
    async (lab) => {
      const group = (site: Site): string =>
        `    ${site}:\n      hosts: { ${hostsOf[site].join(': , ')}: }\n` +
        `      vars: { site: ${site}, winrm: { password: { env: ${nameOf(site)} } } }\n`;
      const dags = [0, 1, 2, 3].map(
        (dag) =>
          `    dag${String(dag)}:\n      hosts: { ${names.filter((_, index) => index % 4 === dag).join(': , ')}: }\n` +
          `      vars: { availability_group: dag${String(dag)} }\n`,
      );
      const groups = [...siteNames.map(group), ...dags].join('');
      const sites = await lab.write('sites.yml', `all:\n  children:\n${groups}`);
      const inventory = ['-i', lab.inventoryFile, '-i', sites];
      const book = await lab.write('playbook.yml', nightPlaybook(strategy, rest));
      const plan = lab.path('night.plan');
      const hub = { FENCEPOST_STATE: state };
      const passwords = Object.fromEntries(siteNames.map((site) => [nameOf(site), lab.password]));
      const run = (...args: readonly string[]): Promise<CliResult> => lab.run(args, { env: { ...hub, ...passwords } });
      const start = (args: readonly string[], env: Readonly<Record<string, string>>): RunningCli => {
        const one = lab.start(args, { env: { ...hub, ...env } });
        started.push(one);
        return one;
      };
      const made = [await run('state', 'init'), await run('plan', ...inventory, '-p', book, '--out', plan)];
      for (const one of made) if (one.exitCode !== 0) throw new Error(one.stderr);
      await postgres.query(state, `UPDATE fencepost.setting SET lease_ms = ${String(leaseMs)}`);
      const runnerWith: SitesNight['runnerWith'] = (site, env, ...args) =>
        start(['runner', '--site', site, ...inventory, ...args], env);
      try {
        await play({
          lab,
          state,
          names,
          before: lab.states(),
          plan,
          inventory,
          sent,
          events: () => readEvents(state),
          run,
          join: (...args) => start(['apply', plan, ...inventory, '--join', 'night', '--yes', ...args], {}),
          runner: (site, ...args) => runnerWith(site, { [nameOf(site)]: lab.password }, ...args),
          runnerWith,
          async changes(hosts, count) {
            while (sent.filter((one) => hosts.includes(one.host)).length < count) await sleep(5);
          },
          async until(text) {
            while ((await postgres.query(state, text)).length === 0) await sleep(10);
          },
        });
      } finally {
        for (const one of started) one.kill('SIGKILL');
        await Promise.allSettled(started.map((one) => one.ended));
      }
    },
    { delayMs: 40, onRequest },
  );
}

/** The variable of the environment with the password of a site. */
function nameOf(site: Site): string {
  return `${site.toUpperCase()}_PASSWORD`;
}
