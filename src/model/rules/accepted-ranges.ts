// Facts with the permanent ranges that Windows accepted from this run and nothing shows: what a run judges its own work by, for it knows
// more than a look does. Only where there is no witness of the persistent store (host-state.ts). Pure.
import type { HostFacts } from '../facts.ts';
import { families, type ExclusionTable } from '../host-state.ts';
import type { ExclusionStep, Step } from '../plan.ts';
import type { Ownership } from './ownership.ts';

/** The ranges of these steps that Windows accepted unseen, the other family's command included where it changed this one along. */
export function listAccepted(steps: readonly Step[], ownership: Ownership): readonly ExclusionStep[] {
  return steps.filter((step): step is ExclusionStep => {
    if (step.kind !== 'exclusion' || !step.after.persistent) return false;
    const isAccepted = (one: Step): boolean => {
      const claim = ownership.of(one).persistent?.claim ?? null;
      return claim?.certainty === 'unseen' && !claim.before;
    };
    const changedByOtherFamily = (ownership.of(step).active?.claim ?? null) !== null;
    return isAccepted(step) || (changedByOtherFamily && families.some((family) => isAccepted({ ...step, family })));
  });
}

export function withAccepted(facts: HostFacts, steps: readonly Step[], ownership: Ownership): HostFacts {
  const accepted = listAccepted(steps, ownership);
  const add = (table: ExclusionTable): ExclusionTable => {
    if (table.witness !== 'none') return table;
    const rows = accepted.filter((one) => one.family === table.family && one.protocol === table.protocol);
    return { ...table, exclusions: [...table.exclusions, ...rows.map(({ range }) => ({ range, administered: true }))] };
  };
  return { ...facts, state: { ...facts.state, exclusionTables: facts.state.exclusionTables.map(add) } };
}
