// What each command costs as fleets grow, from 1 host to 10,000: collect, plan, apply of the saved plan, verify, report, runs, rollback, an apply
// that gets a SIGINT when half of the hosts are changed, and its resume. One table: CPU ms a host / wall s / peak MB. Each is held to its exit
// code and to the true state of the lab's hosts; what is not as it should be ends the bench, for figures of a failure are a lie.
// `npm run bench:sizes -- --hosts 1,2,5,12,50,100,500,1000,2500,10000 --concurrency 200 --delay-ms 30 --command-ms 0 --rounds 1`; a part of it:
// `--parts whole` up to the rollback, `--parts interrupted` the rest, for which the fleet is new.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mainScript } from './clients.ts';
import { startLab, type Lab } from './labs.ts';
import { measure, ownNode, type Program } from './measure.ts';
import { sizeGoalLines, sizeLines, type SizeFigure } from './sizes-table.ts';

const { values } = parseArgs({
  options: {
    /** Sizes of fleet, each a lab of its own. 10,000 hosts take some 15 minutes on two cores. */
    hosts: { type: 'string', default: '1,2,5,12,50,100,500,1000,2500' },
    /** Hosts at once, at most. */
    concurrency: { type: 'string', default: '200' },
    'delay-ms': { type: 'string', default: '30' },
    'command-ms': { type: 'string', default: '0' },
    rounds: { type: 'string', default: '1' },
    parts: { type: 'string', default: 'whole,interrupted' },
    /** Processes of the simulated fleet; 0: one for each 250 hosts, up to the number of cores. */
    labs: { type: 'string', default: '0' },
    /** Cores of the commands and of the fleet, as taskset(1) writes them. Left out: all. */
    'client-cores': { type: 'string' },
    'lab-cores': { type: 'string' },
  },
});

const parts = values.parts.split(',');
const account = { username: 'LAB\\operator', password: 'bench-Passw0rd' };
const figures: SizeFigure[] = [];
const folder = await mkdtemp(join(tmpdir(), 'fencepost-sizes-'));
try {
  for (const hosts of values.hosts.split(',').map(Number)) {
    for (let round = 0; round < Number(values.rounds); round += 1) await measureSize(hosts);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`\n${[...sizeLines(figures), '', ...sizeGoalLines(figures)].join('\n')}`);
console.log(`\nload ${loadavg()[0]?.toFixed(1) ?? ''} at the end`);

async function measureSize(hosts: number): Promise<void> {
  const own = await mkdtemp(join(folder, 'fleet-'));
  const times = { delayMs: Number(values['delay-ms']), commandMs: Number(values['command-ms']) };
  const processes = Number(values.labs) || Math.min(availableParallelism(), Math.ceil(hosts / 250));
  const lab = await startLab({ hosts, ...times, folder: own, ...account }, processes, values['lab-cores'] ?? null);
  try {
    await measureCommands(lab, hosts, own);
  } finally {
    lab.stop();
    await rm(own, { recursive: true, force: true });
  }
}

/** The commands of the parts, in the order in which an operator would need them. Rejects when one did not do its work. */
async function measureCommands(lab: Lab, hosts: number, own: string): Promise<void> {
  const concurrency = Math.min(hosts, Number(values.concurrency));
  const atOnce = (most: number): readonly string[] => ['--concurrency', String(most)];
  const inventory = ['-i', lab.inventory];
  const run = async (command: string, args: readonly string[], more: Partial<Program> = {}): Promise<string> => {
    const { output, ...used } = await measure({ ...program(command, args, own), ...more }, folder);
    figures.push({ command, hosts, ...used });
    const cpu = (used.cpuMs / hosts).toFixed(1);
    console.log(
      `${String(hosts)} hosts, ${command}: ${cpu} ms of CPU a host, ${(used.wallMs / 1000).toFixed(1)} s, ${used.peakMemoryMb.toFixed(0)} MB`,
    );
    return output;
  };
  const hold = async (reserved: number, what: string): Promise<void> => {
    const seen = await lab.report();
    if (seen.reserved === reserved && seen.untouched === hosts - reserved) return;
    const found = `${String(seen.reserved)} hosts have the ports and ${String(seen.untouched)} have none of them`;
    throw new Error(`after ${what}, of ${String(hosts)} hosts ${found}, expected ${String(reserved)} and the rest`);
  };
  const runsOf = (listed: string): readonly ListedRun[] => (JSON.parse(listed) as { runs: ListedRun[] }).runs;

  if (parts.includes('whole')) await measureWhole();
  // One host has no half.
  if (parts.includes('interrupted') && hosts >= 2) await measureInterrupted();

  async function measureWhole(): Promise<void> {
    const collected = await run('collect', ['--json', ...inventory, ...atOnce(concurrency)]);
    const { hosts: facts } = JSON.parse(collected) as { hosts: readonly { readonly facts: unknown }[] };
    if (facts.length !== hosts || facts.some((one) => one.facts === null)) throw new Error('collect lacks hosts');
    const plan = join(own, 'first.plan');
    await run('plan', [...inventory, ...atOnce(concurrency), '--out', plan]);
    await hold(0, 'plan');
    await run('apply', [plan, '--yes', ...inventory]);
    await hold(hosts, 'apply');
    await run('verify', [...inventory, ...atOnce(concurrency)]);
    const [applied] = runsOf(await run('runs', ['--json']));
    if (applied?.counts?.['changed'] !== hosts) throw new Error('runs does not say that every host was changed');
    const report = join(own, 'run.html');
    await run('report', [applied.run, '--out', report]);
    if ((await stat(report)).size < 1000) throw new Error('report wrote no page');
    await run('rollback', [applied.run, '--yes', ...inventory, ...atOnce(concurrency)]);
    await hold(0, 'rollback');
  }

  async function measureInterrupted(): Promise<void> {
    // Fewer at once than a quarter of them: those in progress are finished after the signal.
    const fewAtOnce = atOnce(Math.max(1, Math.min(concurrency, Math.floor(hosts / 4))));
    const half = Math.floor(hosts / 2);
    const second = join(own, 'second.plan');
    await measure(program('plan', [...inventory, ...fewAtOnce, '--out', second], own), folder);
    await run('apply, SIGINT at half', [second, '--yes', ...inventory], {
      args: program('apply', [second, '--yes', ...inventory], own).args,
      exitCode: 130,
      interruptWhen: async () => (await lab.look()).reserved >= half,
    });
    const { reserved } = await lab.report();
    if (reserved < half || reserved === hosts)
      throw new Error(`interrupted when ${String(reserved)} hosts were changed`);
    await hold(reserved, 'the interrupted apply');
    const listed = runsOf((await measure(program('runs', ['--json'], own), folder)).output);
    // Names begin with the time.
    const interrupted = listed
      .flatMap((one) => (one.kind === 'apply' ? [one.run] : []))
      .toSorted()
      .at(-1);
    if (interrupted === undefined) throw new Error('runs does not know the interrupted run');
    await run('resume', [interrupted, '--yes', ...inventory]);
    await hold(hosts, 'resume');
  }
}

/** Of the document of `runs --json`, what is read here. */
interface ListedRun {
  readonly run: string;
  readonly kind: string | null;
  readonly counts: Readonly<Record<string, number>> | null;
}

/** What it keeps stays in a folder of this fleet. */
function program(command: string, args: readonly string[], own: string): Program {
  return {
    name: `fencepost ${command}`,
    concurrency: 1,
    file: process.execPath,
    args: [...ownNode, mainScript, command, ...args],
    environment: { FENCEPOST_STATE_DIR: join(own, 'state') },
    usage: 'file',
    cores: values['client-cores'],
  };
}
