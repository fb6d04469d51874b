// The frame of a run that several runners carry out: settles what its plan settles, opens batches one after the other, gives up hosts whose
// runner is gone, has rolled back what the playbook's failure policy says, ends the run. Whoever holds the lease of the run does it, one turn
// after the other; each turn goes by what the runners share and by nothing that this process remembers, so that another goes on where it died.
// The pause between two batches alone starts again then.
import { asFailure, Failure, failureRecord } from '../../model/failure.ts';
import type { JoinedRun, JoinedStanding, LostHost } from '../../model/joined-run.ts';
import type { HostVerdict } from '../../model/outcome.ts';
import type { HostDown } from '../../model/rules/left-down.ts';
import type { Policy } from '../../model/strategy.ts';
import type { HostJob } from '../hosts/host-job.ts';
import { settledByPlan } from '../hosts/settled-by-plan.ts';
import { createGroupWatch } from '../fleet/group-watch.ts';
import { msUntilOpen } from '../fleet/window.ts';
import type { NewEvent } from '../recorder.ts';
import type { TimedSeams } from '../run-seams.ts';
import { describeMissing } from '../../model/text/site-words.ts';
import { refuseMore } from './may-start.ts';
import { listToUndo, undoJoined, type JoinedUndoSeams } from './undo-joined.ts';

export interface Coordination {
  readonly joined: JoinedRun;
  /** By host. */
  readonly jobs: ReadonlyMap<string, HostJob>;
  readonly batches: readonly (readonly HostJob[])[];
  readonly policy: Policy;
  readonly world: TimedSeams;
  /** The first record of the run. */
  readonly first: NewEvent;
  readonly planUndo: JoinedUndoSeams['planUndo'];
  /** Hosts that the run left down, by its journal. */
  readonly readDown: () => Promise<readonly HostDown[]>;
  /** Told when it changes for which sites the run waits, of which no runner takes part; empty: for none any more. */
  readonly onMissing: (words: string) => void;
}

export interface Coordinator {
  /** Does what is due, if this process coordinates or nobody else does. Rejects with Failure `journal/unwritable`, `state/unavailable`. */
  act(): Promise<void>;
  readonly isActive: boolean;
  /** What it rolls back is finished first. */
  release(): Promise<void>;
}

/** Of a runner that never coordinates. */
export const noCoordinator: Coordinator = {
  act: () => Promise.resolve(),
  isActive: false,
  release: () => Promise.resolve(),
};

type Turn = 'again' | 'wait';

export function createCoordinator(coordination: Coordination): Coordinator {
  const { joined, jobs, batches, policy, world, first, readDown, onMissing } = coordination;
  const { recorder, clock, listener } = world;
  let lock: { release(): Promise<void> } | null = null;
  let isStarted = false;
  let hasFinished = false;
  /** For which sites the run waits, as it was said last. */
  let said = '';
  /** Hosts are being rolled back; the turns go on meanwhile, for what is done is told in them. */
  let undoing: Promise<void> | null = null;
  let undoThrew: Failure | null = null;
  let pause: { readonly batch: number; readonly untilMs: number } | null = null;

  async function take(): Promise<boolean> {
    if (lock !== null) return true;
    try {
      lock = await joined.locks.acquire({ key: `run ${joined.run}`, label: `run ${joined.run}` });
      return true;
    } catch (thrown) {
      if (asFailure(thrown).code === 'run/host-locked') return false;
      throw thrown;
    }
  }

  async function release(): Promise<void> {
    await undoing;
    await lock?.release();
    lock = null;
  }

  /** Of a run that another finished, or continues alone, there is nothing to coordinate. */
  async function turn(): Promise<Turn> {
    if (!isStarted && !(await joined.isStarted())) await recorder.record(first);
    isStarted = true;
    if (undoThrew !== null) throw undoThrew;
    if (undoing !== null) return 'wait';
    for (const lost of await joined.findLost()) await giveUp(lost);
    const standing = await joined.readStanding();
    if (standing === null || standing.isClosed) {
      if (!hasFinished) await release();
      return 'wait';
    }
    if (standing.batch === 0) await settleByPlan();
    if (standing.stopping !== null) return standing.ofRun.busy > 0 ? 'wait' : undoOrFinish(standing, standing.stopping);
    const exceeded = refuseMore(policy.strategy, standing);
    if (exceeded !== null) {
      await recorder.record({ type: 'run-stopping', reason: exceeded });
      return 'again';
    }
    await waitForSites(standing);
    if (standing.ofBatch.busy > 0) return 'wait';
    if (standing.ofBatch.hasWaiting) return settleHeld();
    if (standing.batch === batches.length) return finish(standing, null);
    return open(standing);
  }

  async function giveUp({ host, isStarted: wasStarted, isUndo, runner }: LostHost): Promise<void> {
    if (!wasStarted) {
      await joined.freeLost(host);
      return;
    }
    const doing = isUndo ? 'rolled back' : 'changed';
    const failure = new Failure(
      'run/lease-lost',
      `its runner ${runner} gave no sign of life for too long while it ${doing} this host; what it had begun to send may still arrive`,
      {
        where: host,
        hint: isUndo
          ? `bring it back: fencepost rollback ${joined.run}`
          : `what is known of it, and what to type next: fencepost status ${joined.run}`,
        effect: 'unknown',
      },
    );
    await settle({ host, verdict: 'in-doubt', detail: failure.message, failure: failureRecord(failure) });
  }

  async function settle(verdict: HostVerdict): Promise<void> {
    const findings = verdict.verdict === 'skipped' ? [] : (jobs.get(verdict.host)?.plan.findings ?? []);
    await recorder.record({ type: 'host-finished', ...verdict, findings });
  }

  async function settleByPlan(): Promise<void> {
    const waiting = await joined.listWaiting('all');
    const settled = waiting.flatMap((host) => {
      const job = jobs.get(host);
      return (job === undefined ? null : settledByPlan(job)) ?? [];
    });
    await Promise.all(settled.map(settle));
  }

  /** Nobody has a host of the open batch, and those that wait belong to a group of which one is in doubt, or was left down. */
  async function settleHeld(): Promise<Turn> {
    const held = await joined.listWaiting('held');
    if (held.length === 0) return 'wait';
    const { oneAtATimeBy } = policy.strategy;
    const groups = createGroupWatch([], { oneAtATimeBy, settleWith: world.settleWith, down: await readDown() });
    const settled = held.map((host) => {
      const job = jobs.get(host);
      const known = job === undefined ? null : groups.refuse(job);
      const detail = `not started: ${known ?? 'another host of its group is in doubt, for its runner is gone'}`;
      return settle({ host, verdict: 'skipped', detail, failure: null });
    });
    await Promise.all(settled);
    return 'again';
  }

  /** Says for whom the open batch waits; where no host of it could be finished in time any more, the run stops. */
  async function waitForSites({ batch, ofBatch }: JoinedStanding): Promise<void> {
    const members = (batches[batch - 1] ?? []).filter((job) => job.plan.site !== undefined);
    if (members.length === 0) return;
    const waiting = ofBatch.hasWaiting ? (await joined.listSites()).filter((one) => one.waiting > 0) : [];
    const missing = waiting.filter((one) => one.runners === 0);
    const doing = missing.map(describeMissing).join(', ');
    if (doing !== said) {
      onMissing(doing);
      listener.progress({ host: '', doing: doing === '' ? said : doing, over: doing === '' });
    }
    said = doing;
    if (doing === '') return;
    const late = members.map((job) => world.times.refuseHost(job.plan.steps, false));
    const [first] = late;
    if (first !== undefined && first !== null && !late.includes(null)) world.stop.request(`${first}; ${doing}`);
  }

  async function finishBatch({ batch, isBatchFinished, ofBatch }: JoinedStanding): Promise<void> {
    if (!isBatchFinished) await recorder.record({ type: 'batch-finished', batch, failed: ofBatch.failed });
  }

  /** The record of the batch's end comes first, as in a run with one process. */
  async function undoOrFinish(standing: JoinedStanding, stopping: string): Promise<Turn> {
    const hosts = await listToUndo(coordination, standing);
    if (hosts.length === 0) return finish(standing, stopping);
    await finishBatch(standing);
    undoing = undoJoined(hosts, coordination)
      .catch((thrown: unknown) => {
        undoThrew = asFailure(thrown);
      })
      .finally(() => {
        undoing = null;
      });
    return 'wait';
  }

  async function finish(standing: JoinedStanding, stopping: string | null): Promise<Turn> {
    await finishBatch(standing);
    const left = await joined.listWaiting('all');
    const detail = `not started: ${stopping ?? 'the run stopped first'}`;
    await Promise.all(left.map((host) => settle({ host, verdict: 'skipped', detail, failure: null })));
    await recorder.record({ type: 'run-finished', counts: await joined.countVerdicts() });
    hasFinished = true;
    return 'wait';
  }

  async function open(standing: JoinedStanding): Promise<Turn> {
    await finishBatch(standing);
    const batch = standing.batch + 1;
    const members = batches[batch - 1] ?? [];
    if (batch === 1 && isTooEarly()) return 'wait';
    if (batch > 1 && !isPauseOver(batch)) return 'wait';
    if (world.stop.reason !== null) return 'wait';
    const { confirmBetweenBatches } = policy.strategy;
    if (batch > 1 && confirmBetweenBatches && !(await world.confirmBatch(batch, batches.length, members.length))) {
      world.stop.request(`batch ${batch} was not confirmed`);
      return 'wait';
    }
    const hosts = members.map((job) => job.plan.target);
    await recorder.record({ type: 'batch-started', batch, of: batches.length, hosts });
    return 'wait';
  }

  function isTooEarly(): boolean {
    if (policy.window === null) return false;
    const waitMs = msUntilOpen(policy.window, Date.parse(clock.now()));
    const over = waitMs === 0;
    listener.progress({ host: '', doing: `waiting for the window, which opens at ${policy.window.opensAt}`, over });
    return !over;
  }

  function isPauseOver(batch: number): boolean {
    if (pause?.batch !== batch) pause = { batch, untilMs: clock.elapsedMs() + policy.strategy.pauseMs };
    return clock.elapsedMs() >= pause.untilMs;
  }

  return {
    get isActive() {
      return lock !== null;
    },
    async act() {
      if (!(await take())) return;
      try {
        while ((await turn()) === 'again');
      } catch (thrown) {
        // Another coordinates by now; this process stays a runner.
        if (asFailure(thrown).code !== 'run/lease-lost') throw thrown;
        lock = null;
        undoThrew = null;
      }
    },
    release,
  };
}
