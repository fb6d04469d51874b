// Everything that is done on one host in a run: lock, connect, ask again, compare with the plan, put the undo on disk, change,
// verify; on failure roll back. It always ends in exactly one verdict and never rejects, except for a journal that cannot be written.
import { collectFacts } from '../../facts/collect.ts';
import { outageBoundMs } from '../../facts/outage.ts';
import { selectRelevantFacts } from '../../facts/relevant-facts.ts';
import type { HostFacts } from '../../model/facts.ts';
import { asFailure, failureRecord, type Failure } from '../../model/failure.ts';
import type { HostVerdict } from '../../model/outcome.ts';
import { withAccepted } from '../../model/rules/accepted-ranges.ts';
import { createOwnership, isOurs } from '../../model/rules/ownership.ts';
import { findOutage } from '../../model/rules/outage.ts';
import type { Finding, Step } from '../../model/plan.ts';
import type { Session } from '../../model/seams.ts';
import { afterFailure, type EndHost, type FailedChange } from './after-failure.ts';
import { describeChange, guardHasRun, notAsDesired } from './change-words.ts';
import { compareWithPlan } from './compare-with-plan.ts';
import { withDeadline } from '../fleet/deadline.ts';
import { withLateness } from '../fleet/time-left.ts';
import { describeSkipped, judgeSkipped, noteDone, listEarlierSteps } from './resumed-host.ts';
import { createHostGuard, type HostGuard } from './host-guard.ts';
import { callOffEarlier, connectHost, stepContext } from './undo-host.ts';
import { watchLine } from './open-line.ts';
import { withServicesDown } from './services-down.ts';
import { tellOwnership } from '../recorder.ts';
import { withUntold } from './untold-undo.ts';
import { runOutage } from '../steps/outage-step.ts';
import { passStep, runStep } from '../steps/step.ts';
import type { DoneStep, StepOutcome } from '../steps/step-context.ts';
import { isReached, tryWhileRunning } from './missing-halves.ts';
import { lookAgain, type EndedStep } from './second-look.ts';
import { collectSettled } from '../survey/settled.ts';
import { takeHost, type Takeover } from './take-over.ts';
import { createTimeCheck, endsEarlierOutage, type TimeCheck } from './time-check.ts';
import {
  nameHostLock,
  type HostJob,
  type HostLock,
  type HostResult,
  type HostSeams,
  type OwnedSeams,
} from './host-job.ts';

/** A service that whoever had the host before told to stop or start may take so long. */
const settleMs = 60_000;

/** Runs one host's plan. Rejects only with Failure `journal/unwritable`, and `run/lease-lost` when the run itself was taken over. */
export async function changeHost(job: HostJob, given: HostSeams): Promise<HostResult> {
  const { plan, target } = job;
  const ownership = createOwnership(job.doneBefore);
  const { recorder, line } = watchLine(tellOwnership(given.recorder, ownership), plan.steps, given.clock);
  const { guard = null } = given;
  const hostGuard = guard === null ? null : createHostGuard(plan.target, guard, { ...given, recorder });
  const world: OwnedSeams = { ...given, ownership, recorder, hostGuard, line };
  const startedMs = world.clock.elapsedMs();
  let isStarted = false;
  const done: DoneStep[] = (job.doneBefore ?? []).map(({ step, sent }) => ({ step, sent }));
  const end: EndHost = async (verdict, detail, failure, findings = [], untouched = false) => {
    const given: HostVerdict = {
      host: plan.target,
      verdict,
      detail,
      failure: failure === null ? null : failureRecord(failure),
      ...(untouched ? { untouched } : {}),
    };
    const named = withUntold(withServicesDown(given, job, ownership), job, ownership);
    const ended = untouched ? named : withLateness(named, world.times);
    await world.recorder.record({ type: 'host-finished', ...ended, findings });
    return { ...ended, job, done, ownership, hostGuard, line };
  };

  /** Nothing more is sent to it, an undo neither: whoever has the host now finds out how it stands. */
  const endLost = (failure: Failure): Promise<HostResult> =>
    isStarted
      ? end('in-doubt', `${failure.message}; how the host stands is for that run to find out`, failure)
      : end(judgeSkipped(job, 'locked'), describeSkipped(job, failure.message), failure);

  let lock: HostLock;
  try {
    lock = await world.locks.acquire(nameHostLock(target));
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'journal/unwritable') throw failure;
    const verdict = failure.code === 'run/host-locked' ? 'locked' : 'unreachable';
    return end(judgeSkipped(job, verdict), describeSkipped(job, failure.message), failure);
  }
  let session: Session | null = null;
  try {
    world.listener.progress({ host: plan.target, doing: 'connecting', phase: 'connect' });
    const opened = await openHost(job, { ...world, lock }, await takeHost(lock, world));
    session = opened.session;
    const differs = compareWithPlan(plan, opened.facts);
    if (differs !== null) {
      const verdict = differs.code === 'run/stale' ? 'stale' : 'blocked';
      return await end(judgeSkipped(job, verdict), describeSkipped(job, `${differs.message}; skipped`), differs);
    }
    world.times.noteConnected(world.clock.elapsedMs() - startedMs);
    const checkTime = createTimeCheck(plan.target, plan.steps, world.times);
    const late = checkTime.beforeHost();
    if (late !== null) {
      return await end(judgeSkipped(job, 'skipped'), describeSkipped(job, `not started: ${late.message}`), late);
    }
    await world.recorder.record({
      type: 'host-started',
      host: plan.target,
      connection: plan.connection,
      exclusiveGroup: plan.exclusiveGroup,
      desired: plan.desired,
      before: selectRelevantFacts(opened.facts, plan.desired),
      steps: [...plan.steps, ...listEarlierSteps(job)],
    });
    isStarted = true;
    const changed = await changeAndVerify(
      job,
      opened,
      {
        ...world,
        before: opened.facts,
        checkTime: (step) => hostGuard?.refuseLate(step) ?? checkTime.beforeStep(step),
      },
      done,
    );
    if (changed.failure === null) {
      // What somebody else did is no change of the run.
      const verdict = job.touched || done.some((one) => one.sent) ? 'changed' : 'unchanged';
      return await end(verdict, changed.detail, null, changed.findings);
    }
    if (changed.failure.code === 'run/lease-lost') return await endLost(changed.failure);
    return await afterFailure(job, session, world, done, { ...changed, failure: changed.failure }, end);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'journal/unwritable') throw failure;
    if (failure.code === 'run/lease-lost') return await endLost(failure);
    const verdict = failure.code === 'run/left-behind' ? 'locked' : 'unreachable';
    return await end(judgeSkipped(job, verdict), describeSkipped(job, failure.message), failure);
  } finally {
    await session?.close();
    await lock.release();
  }
}

async function openHost(
  job: HostJob,
  world: HostSeams,
  { connector, extraMs, isTaken }: Takeover,
): Promise<{ session: Session; facts: HostFacts }> {
  const { plan, target, request } = job;
  const open = async (signal: AbortSignal): Promise<{ session: Session; facts: HostFacts }> => {
    const session = await connectHost(target, { ...world, connector }, signal);
    try {
      world.listener.progress({ host: plan.target, doing: 'comparing with the plan', phase: 'collect' });
      await callOffEarlier(job, session, world, signal);
      const settling = { ...world, settleMs: isTaken ? settleMs : 0 };
      const { facts } = await collectSettled(target, session, request, settling, signal);
      return { session, facts };
    } catch (thrown) {
      await session.close();
      throw thrown;
    }
  };
  return withDeadline(target, world.signal, open, isTaken ? extraMs + settleMs : 0);
}

interface Changed extends Omit<FailedChange, 'failure'> {
  readonly failure: Failure | null;
  readonly detail: string;
  readonly findings: readonly Finding[];
}

interface ChangeSeams extends OwnedSeams {
  /** The facts before the first change. */
  readonly before: HostFacts;
  readonly checkTime: TimeCheck['beforeStep'];
}

async function changeAndVerify(
  job: HostJob,
  { session, facts: found }: { readonly session: Session; readonly facts: HostFacts },
  world: ChangeSeams,
  done: DoneStep[],
): Promise<Changed> {
  const { plan, target } = job;
  let inDoubt = false;
  const ends = new Map<number, StepOutcome>();
  try {
    return await withDeadline(target, world.signal, async (signal) => {
      const context = stepContext(job, session, world, signal, world.checkTime);
      const { hostGuard = null } = world;
      if (hostGuard !== null && plan.steps.length > 0) await armHost(job, session, { ...world, hostGuard }, signal);
      const failed: EndedStep[] = [];
      let isOutOfTime = false;
      const othersWork: Step[] = [];
      const settled = new Set<Step>();
      const note = (step: Step, outcome: StepOutcome): void => {
        ends.set(step.number, outcome);
        if (outcome.sent || outcome.result === 'not-needed') noteDone(done, { step, sent: outcome.sent });
        inDoubt = outcome.result === 'in-doubt';
        if (!isReached(outcome)) return;
        settled.add(step);
        if (step.kind !== 'service' && !isOurs(world.ownership.of(step))) othersWork.push(step);
      };
      for (const step of plan.steps) {
        if (settled.has(step)) continue;
        // Out of time: nothing more is opened, and what was down is started all the same.
        if (isOutOfTime && !endsEarlierOutage(step, plan.steps)) continue;
        if (step.kind === 'service' && step.when === 'undo') {
          note(step, await passStep(step, context));
          continue;
        }
        if (step.kind === 'service' && step.verb === 'stop' && step.when === 'refused') {
          const { tried, notNeeded } = await tryWhileRunning(step, plan.steps, context);
          for (const one of tried) {
            note(one.step, one.outcome);
            // Nothing is stopped on a host that can't be asked.
            if (one.outcome.failure !== null && one.outcome.state === null) throw one.outcome.failure;
          }
          for (const one of notNeeded) note(one, await passStep(one, context));
          if (notNeeded.length > 0) continue;
        }
        world.listener.progress({ host: plan.target, doing: step.sentence });
        // The guard must not undo in the middle of a line, which nobody can stop: between steps it is asked before each.
        const isGuardNear = hostGuard?.mayStartWithin(outageBoundMs) === true;
        const outage = isGuardNear ? null : findOutage(step, plan.steps);
        const ended = outage === null ? null : await runOutage(outage, found, context);
        const all = ended ?? [{ step, outcome: await runStep(step, 'do', context) }];
        for (const one of all) note(one.step, one.outcome);
        // In a line other steps come after the one that is in doubt.
        inDoubt = all.some((one) => one.outcome.result === 'in-doubt');
        const outcome = all.find((one) => one.outcome.failure !== null)?.outcome ?? null;
        if (outcome === null || outcome.failure === null) continue;
        isOutOfTime ||= outcome.failure.code === 'run/out-of-time';
        // A rollback continues after a failed step as long as the host answers: no service stays stopped because of it.
        if (!isOutOfTime && (job.goesOn !== true || outcome.state === null)) throw outcome.failure;
        failed.push(...all.filter((one) => one.outcome.failure !== null));
      }
      const [left] = isOutOfTime ? failed : await lookAgain(failed, context, note);
      const failure = left?.outcome.failure ?? null;
      if (failure !== null) throw failure;
      let { findings, problem, facts } = await verifyHost(job, session, world, signal);
      if (problem !== null) throw notAsDesired(plan.target, problem);
      if (hostGuard?.isArmed === true && (hostGuard.by === 'run' || othersWork.length > 0)) {
        let called: 'called-off' | 'gone' | 'armed' = 'armed';
        if (hostGuard.by === 'run') called = await hostGuard.callOff(session, signal);
        // It waits for a person, and must not undo what somebody else did meanwhile.
        else await armHost(job, session, { ...world, hostGuard }, signal, othersWork);
        // It may have started before it was called off, as after a restart: only what is seen now counts.
        ({ findings, problem, facts } = await verifyHost(job, session, world, signal));
        if (problem !== null)
          throw called === 'gone' ? guardHasRun(plan.target, problem) : notAsDesired(plan.target, problem);
      }
      return {
        failure: null,
        inDoubt,
        detail: describeChange({ job, hostGuard, ownership: world.ownership, othersWork, ends, facts }),
        findings,
        ends,
      };
    });
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'journal/unwritable') throw failure;
    return { failure, inDoubt, detail: failure.message, findings: [], ends };
  }
}

async function verifyHost(
  job: HostJob,
  session: Session,
  world: OwnedSeams,
  signal: AbortSignal,
): Promise<ReturnType<HostJob['judge']> & { readonly facts: HostFacts }> {
  world.listener.progress({ host: job.plan.target, doing: 'verifying', phase: 'verify' });
  const { facts } = await collectFacts(session, job.request, world.clock, { signal });
  return { ...job.judge(withAccepted(facts, job.plan.steps, world.ownership)), facts };
}

/** Before the first change, and again without `othersWork` once there is some. One that may be armed all the same is called off. */
async function armHost(
  job: HostJob,
  session: Session,
  { hostGuard, before, listener }: ChangeSeams & { readonly hostGuard: HostGuard },
  signal: AbortSignal,
  othersWork: readonly Step[] = [],
): Promise<void> {
  listener.progress({ host: job.plan.target, doing: 'arming its guard', phase: 'guard' });
  const steps = [...job.plan.steps, ...listEarlierSteps(job)].filter((one) => !othersWork.includes(one));
  try {
    await hostGuard.arm(session, steps, before, signal);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'guard/not-armed' && hostGuard.isArmed) await hostGuard.callOff(session, signal);
    throw failure;
  }
}
