// A host's history and its facts now -> the plan that takes back what the run changed there, and nothing else. A step that the host
// no longer shows as the run left it was changed by somebody else since: then the host is refused, unless forced.
import type { HostFacts } from '../model/facts.ts';
import type { HostHistory, StepHistory } from '../model/history.ts';
import type { ExclusionStep, Finding, HostPlan, Presence, Step } from '../model/plan.ts';
import { findService } from '../model/port-owners.ts';
import { formatRange, sameRange } from '../model/port-range.ts';
import { describePresence } from '../model/presence.ts';
import { deriveExclusionStep, deriveServiceStep } from '../windows/steps.ts';
import { presenceOf, samePresence } from '../windows/verdict.ts';
import type { HostAnswer, PlannedHost } from './make-plan.ts';
import { listeningPortsOf } from '../windows/holders.ts';
import { holdersInTheWay } from './take-back-holders.ts';

/** The rollback plan of one host that answered. `fine`: everything is as it was before the run. */
export function planTakeBack(
  host: PlannedHost,
  { facts, fingerprint }: HostAnswer,
  history: HostHistory,
  force: boolean,
): HostPlan {
  const touched = takeBackOrder(
    history.steps.filter((one) => (one.sent || one.cameAlong) && !one.takenBack && one.step.kind !== 'service'),
  );
  const found = touched.map((one) => inverseOf(one, touched, facts));
  const starts = history.steps.flatMap((one) => serviceInverse(one, history, facts));
  const toAdd = found.flatMap(({ step }) => (step?.kind === 'exclusion' && addsBack(step) ? [step] : []));
  const { barriers, restarts } = holdersInTheWay(toAdd, host.wanted, facts);
  const findings = [...found, ...starts].flatMap(({ finding }) => (finding === null ? [] : [finding]));
  const severity = force ? 'warning' : 'blocker';
  const judged = [...findings.map((one): Finding => ({ ...one, severity })), ...barriers];
  const steps = [
    ...restarts.map((one) => one.stop),
    ...[...found, ...starts].flatMap(({ step }) => (step === null ? [] : [step])),
    ...restarts.map((one) => one.start),
  ];
  const blocked = judged.some((one) => one.severity === 'blocker');
  const state = blocked ? 'blocked' : steps.length === 0 ? 'fine' : 'change';
  return {
    ...host,
    state,
    steps: state === 'change' ? steps.map((step, index) => ({ ...step, number: index + 1 })) : [],
    findings: judged,
    fingerprint,
    windows: facts.windows,
    exchange: facts.exchange,
    facts,
    failure: null,
  };
}

/** What is not yet as it was before the run, in one sentence; null when all of it is. */
export function notTakenBack(history: HostHistory, facts: HostFacts): string | null {
  const left = history.steps.flatMap(({ step, sent, cameAlong }) => {
    if (step.kind === 'service' || !(sent || cameAlong)) return [];
    const presence = presenceOf(facts.state, step.family, step.protocol, step.range);
    const what = `${step.protocol} ${formatRange(step.range)} on ${step.family}`;
    if (presence === null) return [`${what} could not be read`];
    return samePresence(presence, step.before) ? [] : [`${what} is not as it was`];
  });
  return left.length === 0 ? null : left.join('; ');
}

/** The steps that start again what the run stopped and left stopped; for a run that is resumed. */
export function planServiceStarts(history: HostHistory, facts: HostFacts): readonly Step[] {
  return history.steps
    .flatMap((one) => serviceInverse(one, history, facts))
    .flatMap(({ step }) => (step === null ? [] : [step]));
}

/** The inverse has to put the range into a store where it is not, or where it may get lost on the way. */
function addsBack(step: ExclusionStep): boolean {
  return step.after.active || step.after.persistent;
}

interface Inverse {
  readonly step: Step | null;
  readonly finding: Omit<Finding, 'severity'> | null;
}

/** Exclusions that were sent, the last one first; then those that came along. */
function takeBackOrder(steps: readonly StepHistory[]): readonly StepHistory[] {
  const reversed = steps.toReversed();
  return [...reversed.filter((one) => one.sent), ...reversed.filter((one) => !one.sent)];
}

function inverseOf(history: StepHistory, touched: readonly StepHistory[], facts: HostFacts): Inverse {
  const step = history.step as ExclusionStep;
  const what = `${step.protocol} ${formatRange(step.range)} on ${step.family}`;
  const found = presenceOf(facts.state, step.family, step.protocol, step.range);
  if (found === null) {
    return { step: null, finding: changedSince(`${what} could not be read whole`) };
  }
  if (samePresence(found, step.before)) return { step: null, finding: null };
  const left = statesLeft(history, touched);
  const isAsLeft = left.some((one) => samePresence(one, found));
  const inverse = deriveExclusionStep({ ...step, undoes: true, before: found, after: step.before });
  if (isAsLeft) return { step: inverse, finding: null };
  return {
    step: inverse,
    finding: changedSince(
      `${what} is ${describePresence(found)}; the run left it ${left.map(describePresence).join(' or ')}`,
    ),
  };
}

/**
 * Where IPv4 and IPv6 share one list, a command for one family moves the other along, and what was last seen of that one is no more: it
 * may be as the run left its twin.
 */
function statesLeft(history: StepHistory, touched: readonly StepHistory[]): readonly Presence[] {
  const step = history.step as ExclusionStep;
  const twins = touched.filter(
    (one) =>
      one !== history &&
      one.step.kind === 'exclusion' &&
      one.step.protocol === step.protocol &&
      sameRange(one.step.range, step.range),
  );
  const states = [history, ...twins].flatMap((one) => leftStates(one, one.step as ExclusionStep));
  return states.filter((one, index) => states.findIndex((other) => samePresence(other, one)) === index);
}

/** As the run may have left it: as last seen, or, while a command is in doubt, anything on the way there or back. */
function leftStates(history: StepHistory, step: ExclusionStep): readonly Presence[] {
  if (history.state?.kind === 'exclusion' && !history.inDoubt) return [history.state.presence];
  return onTheWay(step.commands, [step.after, ...onTheWay(step.undo, onTheWay(step.commands, [step.before]))]);
}

/**
 * Everything that the commands, as far as they came, can make of these presences. A change of the persistent store may act on the active
 * one as well (netsh-samples/help-add-es-1).
 */
function onTheWay(commands: ExclusionStep['commands'], from: readonly Presence[]): readonly Presence[] {
  let found = [...from];
  for (const { store, present } of commands) {
    const made = found.flatMap((one): readonly Presence[] => {
      const alone = { ...one, [store]: present };
      return store === 'persistent' ? [alone, { active: present, persistent: present }] : [alone];
    });
    found = [...found, ...made].filter(
      (one, index, all) => all.findIndex((other) => samePresence(other, one)) === index,
    );
  }
  return found;
}

/** A service that the run stopped and that does not run now is started again, if the run left it so. */
function serviceInverse(
  { step, sent, takenBack, state, inDoubt }: StepHistory,
  history: HostHistory,
  facts: HostFacts,
): readonly Inverse[] {
  if (step.kind !== 'service' || step.verb !== 'stop' || !sent || takenBack) return [];
  const now = findService(facts, step.service);
  const ports = listeningPortsOf(facts, step.service);
  if (now?.installed !== true) return [{ step: null, finding: changedSince(`${step.service} is no longer installed`) }];
  if (now.state === 'running' && step.listensOn.every((port) => ports.includes(port))) return [];
  const start = startOf(history, step.service);
  const wasRestarted = start?.state?.kind === 'service' && start.state.state === 'running' && !start.inDoubt;
  const inverse = deriveServiceStep({ ...step, number: 0, undoes: true, verb: 'start' });
  const leftStopped = !wasRestarted && (inDoubt || state?.kind === 'service');
  if (leftStopped) return [{ step: inverse, finding: null }];
  return [{ step: null, finding: changedSince(`${step.service} ran when the run ended and is ${now.state} now`) }];
}

function startOf(history: HostHistory, service: string): StepHistory | null {
  return (
    history.steps.find(({ step }) => step.kind === 'service' && step.verb === 'start' && step.service === service) ??
    null
  );
}

function changedSince(what: string): Omit<Finding, 'severity'> {
  return {
    code: 'changed-since',
    sentence: `somebody else changed this host since: ${what}`,
    hint: 'look at it by hand; --force takes back what the run changed all the same',
  };
}
