// A host that another run takes while the change of the one before is on its way: two plans for one server, the first one's command held between
// the look at its lock and its arrival. What a test does with it, and what must come of it, is the test's.
import { readFile } from 'node:fs/promises';
import type { MishapSpec } from '../../src/lab/scenario/server-spec.ts';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import type { CliResult, RunningCli } from './cli.ts';
import { openHeldWay } from './held-change.ts';
import { withLab, type TestLab } from './lab.ts';

export interface TakenHost {
  readonly lab: TestLab;
  /** Its command is held. */
  readonly first: RunningCli;
  readonly run: (...args: readonly string[]) => Promise<CliResult>;
  /** Applies the plan of the other run, which reserves another port. */
  readonly applyOther: () => Promise<CliResult>;
  /** The name of the first one's run. */
  readonly firstRun: string;
  /** The command arrives after all. */
  readonly letGo: () => Promise<void>;
  readonly inventory: readonly string[];
}

interface TakenOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly prepare?: (lab: TestLab) => Promise<void>;
  /** Whether the last record of the run is the intent of a command. */
  readonly isIntended: (lab: TestLab, run: string) => Promise<boolean>;
  readonly mishaps?: readonly MishapSpec[];
  /** More arguments of the first apply. */
  readonly args?: readonly string[];
}

export const firstPort = 9933;
export const otherPort = 9955;

const playbook = (port: number, service: string): string => `name: Port ${String(port)}
hosts: exchange
exclusions:
  - { port: ${String(port)}, for: ${service} }
`;

export async function playTakenHost(options: TakenOptions, play: (taken: TakenHost) => Promise<void>): Promise<void> {
  const { env, mishaps = [], args = [], prepare, isIntended } = options;
  await withLab([{ name: 'ex01', quirks: { ...usualQuirks, oneList: true }, mishaps }], async (lab) => {
    const { port } = lab.fleet.server('ex01');
    const way = await openHeldWay(port);
    let first: RunningCli | null = null;
    try {
      const direct = await readFile(lab.inventoryFile, 'utf8');
      await lab.write('inventory.yml', direct.replaceAll(String(port), String(way.port)));
      const inventory = ['-i', lab.path('inventory.yml')];
      const run = (...args: readonly string[]): Promise<CliResult> => lab.run(args, { env });
      await prepare?.(lab);
      for (const [name, text] of [
        ['first', playbook(firstPort, 'MSExchangeIMAP4BE')],
        ['other', playbook(otherPort, 'MSExchangePOP3BE')],
      ] as const) {
        const book = await lab.write(`${name}.yml`, text);
        const planned = await run('plan', ...inventory, '-p', book, '--out', lab.path(`${name}.plan`));
        if (planned.exitCode !== 0) throw new Error(planned.stderr);
      }
      const findRun = async (): Promise<string | null> => {
        const { runs } = JSON.parse((await run('runs', '--json')).stdout) as { runs: readonly { run: string }[] };
        return runs.at(0)?.run ?? null;
      };
      const found: { run: string | null } = { run: null };
      const isHeld = way.holdChange(async () => {
        found.run ??= await findRun();
        return found.run !== null && (await isIntended(lab, found.run));
      });
      first = lab.start(['apply', lab.path('first.plan'), ...inventory, '--yes', ...args], { env });
      await Promise.race([isHeld, first.ended.then((ended) => Promise.reject(new Error(ended.stderr)))]);
      await play({
        lab,
        first,
        run,
        inventory,
        firstRun: found.run ?? '',
        letGo: () => way.letGo(),
        applyOther: () => run('apply', lab.path('other.plan'), ...inventory, '--yes'),
      });
    } finally {
      first?.kill('SIGKILL');
      await first?.ended;
      await way.close();
    }
  });
}

/** The ports that the commands were about which the server carried out. */
export function carriedOut(lab: TestLab): readonly number[] {
  return lab.fleet.server('ex01').requests.flatMap(({ operation, commandLine, status }) => {
    if (operation !== 'command' || status !== 200 || commandLine === null) return [];
    const found = /add excludedportrange\b.*?startport=(\d+)/i.exec(commandLine.replaceAll('^', ''));
    return found === null ? [] : [Number(found[1])];
  });
}
