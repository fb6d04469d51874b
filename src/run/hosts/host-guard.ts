// The guard of one host during a run: armed and SEEN before the first change, called off when the host is verified or as before, each
// recorded. What it would do, says model/rules/guard.ts. A lost answer to the calling-off leads to asking.
import {
  isGuardTask,
  readArming,
  readCalling,
  readGuardList,
  writeGuardArming,
  writeGuardCalling,
  writeGuardList,
} from '../../facts/guard-change.ts';
import type { HostFacts } from '../../model/facts.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import type { GuardState } from '../../model/outcome.ts';
import type { Step } from '../../model/plan.ts';
import { listGuardActions, whyNotGuarded } from '../../model/rules/guard.ts';
import type { Clock, Session } from '../../model/seams.ts';
import type { ConfirmedCommit } from '../../model/strategy.ts';
import { cutText } from '../../model/text/cut-text.ts';
import type { Recorder } from '../recorder.ts';

/** What all guards of a run have alike. */
export interface GuardSettings extends ConfirmedCommit {
  readonly task: string;
}

export interface GuardSeams {
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** How long a service may take to stop or start. */
  readonly serviceMs: number;
}

export interface HostGuard extends GuardSettings {
  /** It is on the host, or may be. */
  readonly isArmed: boolean;
  /** Throws Failure `guard/not-armed`; then nothing may be changed. */
  arm(
    session: Session,
    steps: readonly Step[],
    facts: HostFacts,
    signal: AbortSignal,
    as?: 'armed' | 'extended',
  ): Promise<void>;
  /** Failure `guard/late` for a step that could still be under way when the guard starts. What ends an outage is never refused. */
  refuseLate(step: Step): Failure | null;
  /** Whether it may start while a line that takes so long is under way. */
  mayStartWithin(durationMs: number): boolean;
  /** `gone`: it was not there. Throws Failure `guard/still-armed`. */
  callOff(session: Session, signal: AbortSignal): Promise<'called-off' | 'gone'>;
  /** It was found gone, and the changes undone. */
  noteFired(): Promise<void>;
}

/** Kept free before the guard starts, beside what a service may take. */
const spareMs = 60_000;

export function createHostGuard(host: string, settings: GuardSettings, seams: GuardSeams): HostGuard {
  const { recorder, clock, serviceMs } = seams;
  const { task, withinMs, by } = settings;
  let isArmed = false;
  let sentMs = 0;
  const leftMs = (): number => withinMs - (clock.elapsedMs() - sentMs);
  const note = (state: GuardState): Promise<void> =>
    recorder.record({ type: 'guard', host, state, task, withinMs, by });
  return {
    ...settings,
    get isArmed() {
      return isArmed;
    },
    async arm(session, steps, facts, signal, as = 'armed') {
      const reason = whyNotGuarded(steps, facts);
      if (reason !== null) throw notArmed(host, reason);
      await refuseOthers(host, task, session, signal);
      const order = { task, withinMs, actions: listGuardActions(steps) };
      const script = writeGuardArming(order, session.newNonce());
      await note('planned');
      const wasArmed = isArmed;
      isArmed = true;
      // Never later than the host's own count.
      sentMs = clock.elapsedMs();
      let answer: ReturnType<typeof readArming>;
      try {
        answer = readArming(await session.change(script.line, { signal }), script);
      } catch (thrown) {
        const lost = asFailure(thrown);
        if (lost.effect === 'none') isArmed = wasArmed;
        throw notArmed(host, lost.message);
      }
      if (!answer.isArmed) {
        const said = cutText(answer.said.trim().replaceAll(/\s+/g, ' '));
        throw notArmed(host, `Windows said: ${said === '' ? 'nothing' : said}`);
      }
      await note(as);
    },
    mayStartWithin: (durationMs) => isArmed && leftMs() < durationMs + spareMs,
    refuseLate(step) {
      if (!isArmed || (step.kind === 'service' && step.verb === 'start')) return null;
      if (leftMs() >= serviceMs + spareMs) return null;
      const left = `${Math.max(0, Math.floor(leftMs() / 1000))} s are left before the guard of this host starts`;
      return new Failure('guard/late', `not begun: ${left}`, {
        where: host,
        hint: 'give it more time in the playbook: confirm: { within: 30m }',
      });
    },
    async callOff(session, signal) {
      const result = await callOffGuard(host, task, session, signal);
      isArmed = false;
      await note(result);
      return result;
    },
    noteFired: () => note('fired'),
  };
}

/** Deletes the task, and asks when the answer is lost. Throws Failure `guard/still-armed`. */
export async function callOffGuard(
  host: string,
  task: string,
  session: Session,
  signal: AbortSignal,
): Promise<'called-off' | 'gone'> {
  if (!isGuardTask(task)) throw stillArmed(host, task, 'no run has this name; delete it in the Task Scheduler');
  let problem = 'Windows did not delete it';
  // To delete it twice does no harm: what was lost may be sent again.
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    try {
      const script = writeGuardCalling(task, session.newNonce());
      const result = readCalling(await session.change(script.line, { signal }), script);
      if (result === 'called-off') return result;
    } catch (thrown) {
      problem = asFailure(thrown).message;
    }
    if (!(await isThere(host, task, session, signal))) return 'gone';
  }
  throw stillArmed(host, task, problem);
}

/** What another run's guard undoes when its time is over may be what this run is about to do. Throws Failure `guard/not-armed`. */
async function refuseOthers(host: string, task: string, session: Session, signal: AbortSignal): Promise<void> {
  const guards = await listGuardsOf(session, signal);
  if (guards === null) throw notArmed(host, 'the tasks of this host could not be listed');
  const [other] = guards.filter((one) => one.toLowerCase() !== task.toLowerCase());
  if (other === undefined) return;
  throw notArmed(host, `the guard ${other} of another run is armed on it; confirm or roll back that run first`);
}

async function listGuardsOf(session: Session, signal: AbortSignal): Promise<readonly string[] | null> {
  const script = writeGuardList(session.newNonce());
  return readGuardList(await session.ask(script.line, { signal }), script);
}

/** By the list of all tasks: whoever may not see a task is told that it is not there. Throws Failure `guard/still-armed`. */
export async function isThere(host: string, task: string, session: Session, signal: AbortSignal): Promise<boolean> {
  let guards: readonly string[] | null;
  try {
    guards = await listGuardsOf(session, signal);
  } catch (thrown) {
    throw stillArmed(host, task, asFailure(thrown).message);
  }
  if (guards === null) throw stillArmed(host, task, 'the tasks of this host could not be listed');
  return guards.some((one) => one.toLowerCase() === task.toLowerCase());
}

function notArmed(host: string, reason: string): Failure {
  return new Failure('guard/not-armed', `the guard of this host could not be armed: ${reason}`, {
    where: host,
    hint: 'fencepost explain guard/not-armed',
  });
}

function stillArmed(host: string, task: string, reason: string): Failure {
  return new Failure('guard/still-armed', `its guard ${task} may still be armed: ${reason}`, {
    where: host,
    hint: `list the guards on this host: fencepost guards --limit ${host}`,
    effect: 'unknown',
  });
}
