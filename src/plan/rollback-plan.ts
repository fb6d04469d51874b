// A host's history and its facts now -> the plan that rolls back what the run changed there, and nothing else (model/rules/ownership.ts). A step
// that the host no longer shows as the run left it was changed by somebody else since: then the host is a conflict, unless forced.
import type { HostFacts } from '../model/facts.ts';
import type { HostHistory, StepHistory } from '../model/history.ts';
import { isOurs, isAsLeft, isAddedBack, presenceWithout, disputedStores } from '../model/rules/ownership.ts';
import { afterLook } from '../model/rules/later/after-run.ts';
import { findDynamicRange, isPersistentShown, type Store } from '../model/host-state.ts';
import { isOriginUnknown, isUnseenClaim, type Claim, type StepOwnership } from '../model/rules/claims.ts';
import type {
  DynamicRangeStep,
  ExclusionStep,
  Finding,
  HostPlan,
  Presence,
  ShownPresence,
  Step,
} from '../model/plan.ts';
import { findService } from '../model/rules/port-owners.ts';
import { hasListeningPort } from '../model/listening-port.ts';
import { formatRange, sameRange } from '../model/port-range.ts';
import { joinAlike } from '../model/text/merge-alike.ts';
import { explainUnread, isOfNetsh, isOfService } from '../model/rules/unread-answers.ts';
import { describePresence } from '../model/presence.ts';
import { deriveDynamicRangeStep, deriveExclusionStep, deriveServiceStep } from '../windows/steps.ts';
import { warnOfUntold } from '../model/rules/untold-origin.ts';
import { describeStoppedAfter, warnOfStopped } from '../model/rules/left-down.ts';
import { findPresence, samePresence } from '../windows/verdict.ts';
import type { HostAnswer, PlannedHost } from './make-plan.ts';
import { findListeningPorts } from '../windows/holders.ts';
import { findOwnersInTheWay } from './rollback-owners.ts';

/** The rollback plan of one host that answered. `ok`: everything is as it was before the run. */
export function planHostRollback(
  host: PlannedHost,
  { facts, fingerprint }: HostAnswer,
  history: HostHistory,
  force: boolean,
): HostPlan {
  const touched = takeBackOrder(history.steps.filter((one) => one.step.kind === 'exclusion' && isOurs(one.ownership)));
  const found = touched.map((one) => invertStep(one, facts));
  const ranges = history.steps.toReversed().flatMap((one) => invertDynamicRange(one, facts));
  const starts = history.steps.flatMap((one) => serviceInverse(one, history, facts));
  const toAdd = found.flatMap(({ step }, index) =>
    step?.kind === 'exclusion' && isAddedBack(touched[index]?.ownership ?? {}) ? [step] : [],
  );
  const { barriers, restarts } = findOwnersInTheWay(toAdd, host.desired, facts);
  const findings = [...ranges, ...found, ...starts].flatMap(({ finding }) => (finding === null ? [] : [finding]));
  const severity = force ? 'warning' : 'blocker';
  const steps = [
    ...restarts.map((one) => one.stop),
    ...[...ranges, ...found, ...starts].flatMap(({ step }) => (step === null ? [] : [step])),
    ...restarts.map((one) => one.start),
  ];
  const isAnyUnread = [...ranges, ...found, ...starts].some((one) => one.isUnread === true);
  const isAnythingLeft = steps.length > 0 || findings.length > 0 || isAnyUnread;
  const judged = [
    ...(isAnythingLeft ? unreadBlockers(facts, isAnyUnread) : []),
    ...findings.map((one): Finding => ({ ...one, severity })),
    ...barriers,
    ...warnOfUntold(history),
    ...warnOfStopped(history, facts, findings),
  ];
  const blocked = judged.some((one) => one.severity === 'blocker');
  const state = blocked ? 'blocked' : steps.length === 0 ? 'ok' : 'changes';
  return {
    ...host,
    state,
    steps: state === 'changes' ? steps.map((step, index) => ({ ...step, number: index + 1 })) : [],
    findings: judged,
    fingerprint,
    windows: facts.windows,
    exchange: facts.exchange,
    facts,
    failure: null,
  };
}

/**
 * What keeps a rollback from being made: an account that can change nothing, and the answers that it rests on. Others, such as the
 * version of Exchange, do not hold it up.
 */
function unreadBlockers(facts: HostFacts, isAnyUnread: boolean): readonly Finding[] {
  const found = explainUnread(facts)
    .filter(
      ({ code, questions }) =>
        code === 'account-rights' || (isAnyUnread && questions.some((one) => isOfNetsh(one) || isOfService(one))),
    )
    .map(({ code, sentence, hint }): Finding => ({ severity: 'blocker', code, sentence, hint }));
  if (!isAnyUnread || found.length > 0) return found;
  const sentence = 'what the run changed could not be read on this host';
  const hint = 'look at the host by hand: netsh interface ipv4 show excludedportrange protocol=tcp';
  return [{ severity: 'blocker', code: 'facts-incomplete', sentence, hint }];
}

/** What is not yet as it was before the run, in one sentence; null when all of it is. */
export function describeNotRolledBack(history: Pick<HostHistory, 'steps'>, facts: HostFacts): string | null {
  const left = history.steps.flatMap(({ step, ownership }) => {
    if (step.kind === 'service' || !isOurs(ownership)) return [];
    if (step.kind === 'dynamic-range') return describeRangeNotBack(step, facts);
    const presence = findPresence(facts.state, step.family, step.protocol, step.range);
    const what = `${step.protocol} ${formatRange(step.range)} on ${step.family}`;
    if (presence === null) return [`${what} could not be read`];
    const before = presenceWithout(presence, ownership, true);
    // What nothing shows the step itself vouches for: Windows accepted its command.
    const isShown = isPersistentShown(facts.state, step.family, step.protocol);
    const isBack = isShown ? samePresence(presence, before) : presence.active === before.active;
    return isBack ? [] : [`${what} is not as it was`];
  });
  return left.length === 0 ? null : joinAlike(left);
}

/** Ranges that the run may have found permanent already: nothing showed that store, and nothing confirmed the run's command. */
export function findOriginUnknown({ steps }: HostHistory): readonly ExclusionStep[] {
  return steps.flatMap(({ step, ownership: { persistent } }) =>
    step.kind === 'exclusion' && persistent !== undefined && isOriginUnknown(persistent) ? [step] : [],
  );
}

/** The steps that start again what the run stopped and left stopped; for a run that is resumed. */
export function planServiceStarts(history: HostHistory, facts: HostFacts): readonly Step[] {
  return history.steps
    .flatMap((one) => serviceInverse(one, history, facts))
    .flatMap(({ step }) => (step === null ? [] : [step]));
}

/** What keeps a service that the run stopped from being started again: it is not left down in silence. */
export function findStartBlockers(history: HostHistory, facts: HostFacts): readonly Finding[] {
  const starts = history.steps.flatMap((one) => serviceInverse(one, history, facts));
  const isAnyUnread = starts.some((one) => one.isUnread === true);
  return isAnyUnread || starts.some((one) => one.step !== null) ? unreadBlockers(facts, isAnyUnread) : [];
}

function describeRangeNotBack({ family, protocol, before }: DynamicRangeStep, { state }: HostFacts): readonly string[] {
  const what = `the ${protocol} dynamic range on ${family}`;
  const range = findDynamicRange(state, family, protocol);
  if (range === null) return [`${what} could not be read`];
  return sameRange(range, before) ? [] : [`${what} is not as it was`];
}

/** Sets back a dynamic range that the run set. */
function invertDynamicRange({ step, ownership }: StepHistory, { state }: HostFacts): readonly Inverse[] {
  if (step.kind !== 'dynamic-range' || !isOurs(ownership)) return [];
  const { family, protocol, before, after } = step;
  const found = findDynamicRange(state, family, protocol);
  if (found === null) return [{ step: null, finding: null, isUnread: true }];
  if (sameRange(found, before)) return [];
  const inverse = deriveDynamicRangeStep({ ...step, undoes: true, before: found, after: before });
  const what = `the ${protocol} dynamic range on ${family} is ${formatRange(found)}`;
  if (ownership.range?.claim?.certainty === 'disputed') {
    const sentence = `${what}: changed by this run or by somebody else; which one is not known`;
    const hint = 'find out who made the change; --force rolls it back anyway';
    return [{ step: inverse, finding: { code: 'changed-since', sentence, hint } }];
  }
  if (sameRange(found, after)) return [{ step: inverse, finding: null }];
  return [{ step: inverse, finding: changedSince(`${what}; the run left it ${formatRange(after)}`) }];
}

interface Inverse {
  readonly step: Step | null;
  readonly finding: Omit<Finding, 'severity'> | null;
  /** What it rests on was not read: neither as the run left it nor changed since. */
  readonly isUnread?: true;
}

/** Exclusions that were sent, the last one first; then those that another family's command changed. */
function takeBackOrder(steps: readonly StepHistory[]): readonly StepHistory[] {
  const reversed = steps.toReversed();
  return [...reversed.filter((one) => one.sent), ...reversed.filter((one) => !one.sent)];
}

function invertStep({ step: done, ownership: known }: StepHistory, facts: HostFacts): Inverse {
  const step = done as ExclusionStep;
  const what = `${step.protocol} ${formatRange(step.range)} on ${step.family}`;
  const shown = findPresence(facts.state, step.family, step.protocol, step.range);
  if (shown === null) return { step: null, finding: null, isUnread: true };
  const isShown = isPersistentShown(facts.state, step.family, step.protocol);
  const ownership = afterLook(known, { active: shown.active, persistent: isShown ? shown.persistent : null });
  const found = withUnseen(shown, ownership, isShown);
  const seen: Presence = {
    active: ownership.active?.seen ?? found.active,
    persistent: ownership.persistent?.seen ?? found.persistent,
  };
  // A range of which somebody else has changed since what is not the run's is for the operator to check.
  if (samePresence(found, presenceWithout(seen, ownership, true))) return { step: null, finding: null };
  // Whoever forces it undoes the run's part alone: what others have changed stays as it is now.
  const before = presenceWithout(found, ownership, true);
  const inverse = samePresence(found, before)
    ? null
    : deriveExclusionStep({ ...step, undoes: true, before: found, after: before });
  if (disputedStores(found, ownership).length > 0) {
    const told: ShownPresence = isShown || shown.persistent ? found : { ...shown, persistent: 'not-shown' };
    return { step: inverse, finding: disputed(what, told) };
  }
  if (isAsLeft(found, ownership)) return { step: inverse, finding: null };
  const madeBy = (store: Store): boolean => (ownership[store]?.changedBack === true ? !seen[store] : seen[store]);
  const left: Presence = { active: madeBy('active'), persistent: madeBy('persistent') };
  return {
    step: inverse,
    finding: changedSince(`${what} is ${describePresence(found)}; the run left it ${describePresence(left)}`),
  };
}

/** A service that the run stopped and that does not run now is started again, if the run left it so. */
function serviceInverse(
  { step, sent, ownership, rolledBack }: StepHistory,
  history: HostHistory,
  facts: HostFacts,
): readonly Inverse[] {
  if (step.kind !== 'service' || step.verb !== 'stop' || !sent) return [];
  const up = ownership.up?.claim ?? null;
  const claim: Claim | null = up?.before === true ? up : null;
  const start = makeStart(history, step.service);
  const wasRestarted = start?.state?.kind === 'service' && start.state.state === 'running' && !start.inDoubt;
  // Somebody else stopped it before the run's command came, or after all of the run was rolled back.
  if (claim === null && (!wasRestarted || rolledBack)) return [];
  const now = findService(facts, step.service);
  if (now === null) return [{ step: null, finding: null, isUnread: true }];
  if (!now.installed) return [{ step: null, finding: changedSince(`${step.service} is no longer installed`) }];
  const ports = findListeningPorts(facts, step.service);
  if (now.state === 'running' && step.listensOn.every((one) => hasListeningPort(ports, one))) return [];
  const inverse = deriveServiceStep({ ...step, number: 0, undoes: true, verb: 'start', when: undefined });
  if (claim?.certainty === 'disputed') {
    const what = `${step.service} is ${now.state}: it stopped although Windows refused the run's command to stop it`;
    return [{ step: inverse, finding: changedSince(what) }];
  }
  if (claim !== null) return [{ step: inverse, finding: null }];
  return [{ step: null, finding: stoppedSince(step.service, now.state) }];
}

/**
 * With what Windows accepted and nothing shows, and with what may be there where nothing shows the store: the undo covers it too. What is
 * not the run's is there as the run last saw it, for that nothing shows it now (to this account) is no sign that somebody has changed it.
 */
function withUnseen(shown: Presence, { persistent }: StepOwnership, isShown: boolean): Presence {
  const claim = persistent?.claim ?? null;
  if (isShown && (claim === null || !isUnseenClaim(claim))) return shown;
  if (claim === null) return { ...shown, persistent: shown.persistent || persistent?.seen === true };
  return { ...shown, persistent: !claim.before };
}

function makeStart(history: HostHistory, service: string): StepHistory | null {
  return (
    history.steps.find(({ step }) => step.kind === 'service' && step.verb === 'start' && step.service === service) ??
    null
  );
}

function changedSince(what: string): Omit<Finding, 'severity'> {
  return {
    code: 'changed-since',
    sentence: `somebody else changed this host since: ${what}`,
    hint: 'check it; --force rolls back what the run changed anyway',
  };
}

function stoppedSince(service: string, state: string): Omit<Finding, 'severity'> {
  if (state === 'running') {
    return changedSince(`${service} was running when the run finished, and does not listen on its ports now`);
  }
  return {
    code: 'changed-since',
    sentence: describeStoppedAfter(service, state),
    hint: `start it if it should run (sc start ${service}) and roll back again; --force rolls back the ranges and does not start it`,
  };
}

/** The run's or somebody else's: the operator decides. */
function disputed(what: string, found: ShownPresence): Omit<Finding, 'severity'> {
  return {
    code: 'changed-since',
    sentence: `${what} is ${describePresence(found)}: changed by this run or by somebody else; which one is not known`,
    hint: 'find out who made the change; --force rolls it back anyway',
  };
}
