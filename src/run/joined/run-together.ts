// One runner of a run that several carry out: claims hosts one by one, changes them like every run, and coordinates while nobody else does.
// What it may start it asks before each host; what it has is its own until it is finished. A host that was lost is lost alone.
import { asFailure, type Failure } from '../../model/failure.ts';
import type { JoinedRun, JoinedStanding } from '../../model/joined-run.ts';
import type { HostVerdict } from '../../model/outcome.ts';
import { changeHost } from '../hosts/change-host.ts';
import type { HostJob, HostSeams } from '../hosts/host-job.ts';
import { endsEarlierOutage } from '../hosts/time-check.ts';
import type { RunMemory } from '../run-memory.ts';
import type { Coordination, Coordinator } from './coordinate.ts';
import { mayStart } from './may-start.ts';

export interface RunnerWork extends Pick<Coordination, 'jobs' | 'policy' | 'world'> {
  readonly joined: Pick<JoinedRun, 'readStanding' | 'claimHost' | 'returnHost'>;
  readonly coordinator: Coordinator;
  /** Asked at each turn, and before and after a host is given out: true takes no further host, and leaves once its own are finished. */
  readonly isLeaving: (standing: JoinedStanding) => boolean;
  /** Of what this runner does. */
  readonly memory: Pick<RunMemory, 'verdicts'>;
  /** Told of each turn: what is new in the journal is read then. */
  readonly onTurn: (isCoordinator: boolean) => Promise<void>;
  /** Told before a host is this runner's. */
  readonly onClaim: (host: string) => void;
}

export interface RunnerResult {
  /** Of the hosts that this runner had. */
  readonly verdicts: readonly HostVerdict[];
  readonly isCoordinator: boolean;
  /** Why it left before the run had finished; null: it did not. */
  readonly failure: Failure | null;
}

/** What others do is looked for so often. */
const pollMs = 400;
/** And no more often than this while hosts end: what may be started each claim asks for itself. */
const lookMs = 100;

export async function runTogether(work: RunnerWork): Promise<RunnerResult> {
  const { joined, jobs, policy, world, coordinator, onTurn, onClaim, isLeaving } = work;
  const hostWorld: HostSeams = { ...world, undoOnFailure: policy.onFailure !== 'stop' };
  const verdicts = new Map<string, HostVerdict>();
  const underWay = new Set<Promise<void>>();
  let failure: Failure | null = null;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  async function change(job: HostJob): Promise<void> {
    const { target } = job.plan;
    try {
      const result = await changeHost(job, hostWorld);
      const { host, verdict, detail, failure: record, untouched, late, down } = result;
      verdicts.set(target, { host, verdict, detail, failure: record, untouched, late, down });
      if (record?.code === 'run/out-of-time') world.stop.request(record.message);
    } catch (thrown) {
      const caught = asFailure(thrown);
      if (caught.code !== 'run/lease-lost') failure ??= caught;
      // Another has it, or named it: what this runner sent before stays said.
      const known = work.memory.verdicts().find((one) => one.host === target);
      if (known?.verdict === 'in-doubt') verdicts.set(target, known);
    }
  }

  /** True: there may be another at once. */
  async function startNext(): Promise<boolean> {
    let asked = null as JoinedStanding | null;
    const host = await joined.claimHost((standing) => {
      asked = standing;
      return !isLeaving(standing) && mayStart(policy.strategy, standing);
    });
    const job = host === null ? undefined : jobs.get(host);
    if (host === null || job === undefined) return false;
    const { steps } = job.plan;
    const isDown = steps.some((step) => endsEarlierOutage(step, steps));
    const late = isDown ? null : world.times.refuseHost(steps, false);
    // A request to end may have come while the host was on its way here.
    if (late !== null || world.stop.reason !== null || (asked !== null && isLeaving(asked))) {
      await joined.returnHost(host);
      if (late !== null) world.stop.request(late);
      return false;
    }
    onClaim(host);
    const run = change(job).finally(() => underWay.delete(run));
    underWay.add(run);
    return true;
  }

  async function takeTurn(): Promise<'over' | 'again' | 'wait'> {
    const isDue = underWay.size === 0 || world.clock.elapsedMs() - lookedAtMs >= lookMs || world.stop.reason !== null;
    if (!isDue) return (await startNext()) ? 'again' : 'wait';
    lookedAtMs = world.clock.elapsedMs();
    await coordinator.act();
    await onTurn(coordinator.isActive);
    const standing = await joined.readStanding();
    if (standing === null || standing.isClosed) return underWay.size === 0 ? 'over' : 'wait';
    if (world.signal.aborted && underWay.size === 0) return 'over';
    if (isLeaving(standing)) return underWay.size === 0 ? 'over' : 'wait';
    const { reason } = world.stop;
    if (reason !== null && standing.stopping === null) {
      await world.recorder.record({ type: 'run-stopping', reason });
      return 'again';
    }
    return reason === null && standing.stopping === null && (await startNext()) ? 'again' : 'wait';
  }

  // A loop of its own condition: `failure` is set by hosts that are under way.
  const isBroken = (): boolean => failure !== null;
  while (!isBroken()) {
    try {
      const next = await takeTurn();
      if (next === 'over') break;
      if (next === 'wait') await rest();
    } catch (thrown) {
      failure ??= asFailure(thrown);
    }
  }
  await Promise.all(underWay);
  const isCoordinator = coordinator.isActive;
  await coordinator.release();
  return { verdicts: [...verdicts.values()], isCoordinator, failure };

  async function rest(): Promise<void> {
    const over = new AbortController();
    await Promise.race([world.clock.sleep(pollMs, over.signal), ...underWay]);
    over.abort();
  }
}
