// What the rollbacks of a run, told by their journals, left of it on each host: what is still the run's, and what a later rollback may undo. It asks
// no host; whether a host is back stands in earlier-rollbacks.ts.
import { stepKey } from '../journal/replay.ts';
import type { HostFacts } from '../model/facts.ts';
import type { HostHistory, RunHistory, StepHistory } from '../model/history.ts';
import { createAlike } from '../model/lists/alike.ts';
import { isPersistentShown } from '../model/host-state.ts';
import type { Verdict } from '../model/outcome.ts';
import type { StepOwnership } from '../model/rules/claims.ts';
import { afterLook, asShown, asTold, ownershipAfter } from '../model/rules/later/after-run.ts';
import { findPresence } from '../windows/verdict.ts';
import { isBack } from './earlier-rollbacks.ts';

/** What earlier rollbacks, oldest first, made of what the run had left; shells that one left count with the run's. */
export function withEarlierRollbacks(history: RunHistory, rollbacks: readonly RunHistory[]): RunHistory {
  // What hosts have alike stays one object.
  const { one } = createAlike();
  return rollbacks.reduce((told, rollback) => {
    const verdicts = new Map(rollback.verdicts.map((one) => [one.host, one.verdict]));
    const started = new Map(rollback.hosts.map((one) => [one.host, one]));
    const openShells = { ...told.openShells };
    for (const [host, shells] of Object.entries(rollback.openShells)) {
      openShells[host] = [...(openShells[host] ?? []), ...shells];
    }
    return {
      ...told,
      openShells,
      ...(rollback.guards === undefined ? {} : { guards: { ...told.guards, ...rollback.guards } }),
      hosts: told.hosts.map((host) => {
        const left = afterRollback(host, verdicts.get(host.host), started.get(host.host));
        return { ...left, steps: one(left.steps) };
      }),
    };
  }, history);
}

/**
 * A host that was rolled back has nothing of the run left: what is there now is someone else's. One whose rollback only started may be
 * anywhere in between, as the rollback's own commands show, and a service that it stopped has to be started again.
 */
function afterRollback(host: HostHistory, verdict: Verdict | undefined, started: HostHistory | undefined): HostHistory {
  if (verdict !== undefined && isBack({ verdict })) {
    const back = (step: StepHistory): StepHistory => ({ ...step, inDoubt: false, rolledBack: true, ownership: {} });
    return { ...host, steps: host.steps.map(back) };
  }
  // Whatever was in doubt until then, its verdict has said.
  const told = (one: StepHistory): StepHistory =>
    verdict === undefined ? one : { ...one, ownership: asTold(one.ownership) };
  if (started === undefined) return { ...host, steps: host.steps.map(told) };
  const stopped = started.steps.filter(({ step, sent }) => step.kind === 'service' && step.verb === 'stop' && sent);
  const known = new Set(host.steps.map((one) => stepKey(one.step)));
  const steps = host.steps.map((one): StepHistory => {
    const look = lookAt(one, started.before);
    const later = started.steps.find((other) => isAboutSame(one, other))?.ownership ?? look;
    const shown = { active: look.active?.seen ?? null, persistent: look.persistent?.seen ?? null };
    const left = asShown(afterLook(one.ownership, shown), shown);
    // A stop that the run itself had no need of may be the rollback's.
    const sent = one.sent || stopped.some((other) => stepKey(other.step) === stepKey(one.step));
    return told({ ...one, sent, inDoubt: true, ownership: ownershipAfter(left, later) });
  });
  return { ...host, steps: [...steps, ...stopped.filter((one) => !known.has(stepKey(one.step)))] };
}

/** A rollback starts the service that the run stopped. */
function isAboutSame({ step: one }: StepHistory, { step: other }: StepHistory): boolean {
  if (one.kind === 'service' && other.kind === 'service') return one.service === other.service;
  return stepKey(one) === stepKey(other);
}

/** What the rollback saw of a range before it began: all that the run had under way was over by then. */
function lookAt({ step }: StepHistory, { state }: HostFacts): StepOwnership {
  if (step.kind !== 'exclusion') return {};
  const presence = findPresence(state, step.family, step.protocol, step.range);
  if (presence === null) return {};
  const isShown = isPersistentShown(state, step.family, step.protocol);
  return {
    active: { seen: presence.active, claim: null },
    persistent: { seen: isShown ? presence.persistent : null, claim: null },
  };
}
