// The scene of every crash: three servers, one whose own service is restarted, in two batches; the command line as a process of its own
// that is killed; and what the servers are really like afterwards.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { essenceOf } from '../support/machine-state.ts';
import type { MishapSpec } from '../../src/lab/scenario/server-spec.ts';
import type { CliResult } from '../support/cli.ts';
import { preloadOf, type WriteDeath } from './kill-at-write.ts';
import { openLab, reserved, type TestLab } from '../support/lab.ts';

export const servers = ['ex01', 'ex02', 'ex03'] as const;

/** At request `n` to `server`: `before` it is carried out, or `after`, when its answer has not been sent yet. */
export interface RequestDeath {
  readonly server: (typeof servers)[number];
  readonly n: number;
  readonly side: 'before' | 'after';
}

export interface Scene {
  readonly lab: TestLab;
  /** Applies with a process that dies as told; null: it lives. */
  readonly apply: (death: RequestDeath | null) => Promise<CliResult>;
  readonly rollBack: (run: string, death: RequestDeath | null) => Promise<CliResult>;
  readonly resume: (run: string) => Promise<CliResult>;
  readonly verify: () => Promise<CliResult>;
  /** Any command with a process that dies at a write. */
  readonly dying: (args: readonly string[], death: WriteDeath) => Promise<CliResult>;
  readonly applyArguments: readonly string[];
  /** The state of the servers as text, services arrived. */
  readonly state: () => Readonly<Record<string, readonly string[]>>;
  /** The only run that applies; null when none was started. */
  readonly run: () => Promise<string | null>;
}

const playbook = `
name: Crash
hosts: exchange
exclusions:
  - { port: 9933, for: MSExchangeIMAP4BE }
  - { port: 9955, for: MSExchangePOP3BE }
when_held: { by_own_service: restart, by_other: block }
strategy: { canary: 1, batches: [100%], concurrency: 2, max_failed: 0 }
on_failure: rollback_host
`;

/** Returns what `body` returns. */
export async function withScene<T>(oneList: boolean, body: (scene: Scene) => Promise<T>): Promise<T> {
  const quirks = { ...usualQuirks, oneList, pendingQueries: 0 };
  const aim = createAim();
  const lab = await openLab(
    [
      { name: 'ex01', quirks, mishaps: [aim.hang('ex01')], language: 'de' },
      { name: 'ex02', quirks, mishaps: [aim.hang('ex02')], imap: 'running' },
      { name: 'ex03', quirks, mishaps: [aim.hang('ex03')], exclusions: [reserved(9955, { stores: ['persistent'] })] },
    ],
    {
      onRequest(server, record) {
        aim.onRequest(server, record);
      },
    },
  );
  try {
    const playbookFile = await lab.write('playbook.yml', playbook);
    const applyArguments = ['apply', '-i', lab.inventoryFile, '-p', playbookFile, '--yes'];
    const dieAt = (args: readonly string[], death: RequestDeath | null): Promise<CliResult> => {
      // What lives needs no process of its own.
      if (death === null) return lab.run(args);
      const offset = lab.fleet.server(death.server).requests.length;
      const child = lab.start(args);
      aim.at({ ...death, n: death.n + offset }, () => {
        child.kill('SIGKILL');
      });
      return child.ended.finally(() => {
        aim.at(null, () => undefined);
      });
    };
    return await body({
      lab,
      applyArguments,
      apply: (death) => dieAt(applyArguments, death),
      rollBack: (run, death) => dieAt(['rollback', run, '-i', lab.inventoryFile, '--yes'], death),
      resume: (run) => lab.run(['resume', run, '-i', lab.inventoryFile, '--yes']),
      verify: () => lab.run(['verify', '-i', lab.inventoryFile, '-p', playbookFile]),
      dying: (args, death) => lab.run(args, { env: { NODE_OPTIONS: preloadOf(death) } }),
      state: () => Object.fromEntries(lab.fleet.servers.map((one) => [one.name, essenceOf(one.machine)])),
      async run() {
        for (const name of await readdir(join(lab.stateDirectory, 'runs')).catch(() => [])) {
          const [first] = await lab.events(name).catch(() => []);
          if (first?.type === 'run-started' && first.kind === 'apply') return name;
        }
        return null;
      },
    });
  } finally {
    await lab.close();
  }
}

/** Waits for one request and strikes: the request before which the process is to die is left hanging, so that it is never carried out. */
function createAim() {
  let death: RequestDeath | null = null;
  let strike: () => void = () => undefined;
  return {
    at(next: RequestDeath | null, how: () => void): void {
      death = next;
      strike = how;
    },
    hang: (server: string): MishapSpec => ({
      on: {
        operation: 'any',
        nth: null,
        line: null,
        get request() {
          return death?.server === server && death.side === 'before' ? death.n : -1;
        },
      },
      act: { kind: 'hang' },
      times: 1000,
    }),
    onRequest(server: string, { n }: { readonly n: number }): void {
      if (death?.server === server && n === death.n) strike();
    },
  };
}
