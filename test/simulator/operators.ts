// Other people with the same tool in one night: one with a state directory of his own, who knows nothing of our run, and one who starts a
// second process on our state directory. Both do their work within one request of ours, without mishaps.
import { planFleet } from '../../src/workflows/plan-fleet.ts';
import { startRun, type RunManners } from '../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { executeRollback, isRollbackDue, planRollback } from '../../src/workflows/roll-back.ts';
import { Failure } from '../../src/model/failure.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { FleetPlan } from '../../src/model/plan.ts';
import type { Policy } from '../../src/model/strategy.ts';
import type { HostLocks } from '../../src/run/hosts/host-job.ts';
import { notAsDesired } from '../support/machine-state.ts';
import { memoryTarget } from '../support/memory-fleet.ts';
import { memorySeams, noInventory, type MemorySeams } from '../support/memory-seams.ts';
import { createDisk, openStore, type Disk } from './disk.ts';
import { beginLife } from './life.ts';
import { differs, noteOthersWork, valuesOf, type Server } from './truth.ts';
import { connectorOf } from './world.ts';

type OnFailure = Policy['onFailure'];

const manners: RunManners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };

interface Operator {
  readonly servers: ReadonlyMap<string, Server>;
  readonly disk: Disk;
  readonly run: string;
  readonly startMs: number;
  readonly locks?: HostLocks;
  readonly watch?: (event: RunEvent) => void;
  /** His commands come between those of ours. */
  readonly isBeside?: boolean;
}

function beginOperator(operator: Operator): MemorySeams {
  const { servers, disk, run, startMs, locks, watch = () => undefined, isBeside = false } = operator;
  const life = beginLife(startMs, [], () => undefined);
  const connector = connectorOf({ servers, life, checkIntent: () => undefined, isOther: isBeside });
  const seams = memorySeams({ connector, clock: life.clock, run, locks });
  return { ...seams, store: { ...openStore(disk, life, watch), saved: () => new Map() } };
}

const rollback = { limit: null, force: false, concurrency: 1, inventory: noInventory };

/**
 * Plans and applies the same on that server, from his own directory, and sometimes rolls it back again: then nothing is different, for only
 * what his own run brought about is his. Returns problems with what he is told.
 */
export async function operateElsewhere(server: Server, detail: number, startMs: number): Promise<readonly string[]> {
  if (server.isMeddledWith || server.plan === null) return [];
  // In every third night he leaves a guard that nobody calls off.
  const isGuarded = detail > 0.67;
  const { name, machine, plan: ours } = server;
  const before = valuesOf(machine);
  const run = 'run-elsewhere';
  const servers = new Map([[name, server]]);
  const seams = beginOperator({ servers, disk: createDisk(), run, startMs });
  const plan = await planAgain(name, ours, seams, { onFailure: 'rollback_host', isGuarded });
  if (plan.hosts.every((one) => one.state !== 'changes')) return [];
  const jobs = makeHostJobs(plan, [memoryTarget(name)]);
  const applied = await startRun({ kind: 'apply', of: null, plan, planFile: null, jobs }, manners, seams);
  const problems: string[] = [];
  const [verdict] = applied.verdicts;
  const isShown = machine.quirks.persistentShow === 'rows';
  if (verdict?.verdict === 'changed' && isShown) {
    problems.push(...notAsDesired(machine, ours.desired).map((one) => `another operator changed ${name}, but ${one}`));
  }
  if (detail < 0.5 && verdict?.verdict === 'changed') {
    const undoing = { ...seams, nameRun: () => 'run-back' };
    const planned = await planRollback({ ...rollback, run }, undoing);
    const undone = await executeRollback(planned, manners, undoing);
    const isCalm = undone.failure === null && undone.verdicts.every((one) => one.verdict === 'changed');
    const left = differs(before, machine);
    if (isCalm && left.length > 0) problems.push(`another operator rolled ${name} back, but ${left.join(' | ')}`);
  }
  if (noteOthersWork(server, before)) server.isMeddledWith = true;
  return problems;
}

/**
 * The same while our run goes on, his commands between ours. He undoes nothing: whoever adds a row and deletes it again between two of our
 * looks is seen by nobody. His verdicts are not judged, for ours may change the server behind his last look.
 */
export async function operateBeside(server: Server, startMs: number): Promise<void> {
  if (server.isMeddledWith || server.plan === null) return;
  // Two such people on one server could undo each other unseen.
  server.isMeddledWith = true;
  server.mayMeddleAgain = false;
  const { name, plan: ours } = server;
  const servers = new Map([[name, server]]);
  const seams = beginOperator({ servers, disk: createDisk(), run: 'run-beside', startMs, isBeside: true });
  const plan = await planAgain(name, ours, seams, { onFailure: 'stop', isGuarded: false });
  const jobs = makeHostJobs(plan, [memoryTarget(name)]);
  await startRun({ kind: 'apply', of: null, plan, planFile: null, jobs }, manners, seams);
}

function planAgain(
  name: string,
  ours: NonNullable<Server['plan']>,
  seams: MemorySeams,
  { onFailure, isGuarded }: { readonly onFailure: OnFailure; readonly isGuarded: boolean },
): Promise<FleetPlan> {
  return planFleet(
    {
      targets: [memoryTarget(name)],
      desiredOf: () => ours.desired,
      policy: {
        strategy: {
          canary: 0,
          batches: [{ kind: 'percent', percent: 100 }],
          concurrency: 1,
          maxFailed: { kind: 'count', hosts: 0 },
          maxFailedTotal: null,
          oneAtATimeBy: null,
          pauseMs: 0,
          confirmBetweenBatches: false,
        },
        window: null,
        onFailure,
        ...(isGuarded ? { confirm: { withinMs: 3_600_000, by: 'person' as const } } : {}),
      },
      playbook: { name: 'night', file: 'night.yml', sha256: 'p' },
      inventory: { files: [], sha256: 'i' },
    },
    seams,
  );
}

interface SecondProcess extends Omit<Operator, 'run'> {
  readonly plan: FleetPlan;
  readonly of: string;
  /** Our own process holds the run. */
  readonly isHeld: boolean;
}

/**
 * A second process on the state directory of our run may not apply its plan again, and not roll it back while our process holds it. Before
 * that, when a resume is still being planned, it may: its verdicts are judged as ours are, by whoever watches.
 */
export async function operateHere({ plan, of, isHeld, ...operator }: SecondProcess): Promise<readonly string[]> {
  const run = `run-again-${operator.disk.runs.size}`;
  const seams = beginOperator({ ...operator, run });
  const jobs = makeHostJobs(plan, [...operator.servers.keys()].map(memoryTarget));
  const applying = startRun({ kind: 'apply', of: null, plan, planFile: null, jobs }, manners, seams);
  const applied = await refusal(
    'apply',
    applying.then((done) => done.verdicts.map((one) => one.verdict).join(' ')),
  );
  const rollingBack = async (): Promise<string | null> => {
    const planned = await planRollback({ ...rollback, run: of }, seams);
    if (!isRollbackDue(planned)) return null;
    const { verdicts, failure } = await executeRollback(planned, manners, seams);
    return failure?.message ?? verdicts.map((one) => `${one.host} ${one.verdict}`).join(' ');
  };
  if (isHeld) return [...applied, ...(await refusal('rollback', rollingBack()))];
  await rollingBack().catch((thrown: unknown) => {
    if (!(thrown instanceof Failure)) throw thrown;
  });
  return applied;
}

async function refusal(what: string, work: Promise<string | null>): Promise<readonly string[]> {
  const came = await work.catch((thrown: unknown) => {
    if (thrown instanceof Failure && thrown.effect === 'none') return null;
    return String(thrown);
  });
  return came === null ? [] : [`a second ${what} on the state directory of a run under way was not refused: ${came}`];
}
