// What a host's guard would do, and whether it can do all of it without asking: the one rule that plan, engine and report follow. A guard
// is blind, so it only deletes ranges of which the run adds both halves, and starts services that the run stops. It writes no task.
import type { HostFacts } from '../facts.ts';
import { isPersistentShown } from '../host-state.ts';
import type { Step } from '../plan.ts';
import { formatRange } from '../port-range.ts';

/** The folder of all guards in the task scheduler. */
export const guardFolder = '\\Fencepost\\';

/** Windows runs up to 32 actions of a task; the last one deletes the task. */
const mostActions = 31;

/** The guard's task on every host of a run. */
export function nameGuard(run: string): string {
  return `${guardFolder}${run}`;
}

/** The commands of the guard, in order: services first, so that the outage is over whatever becomes of the rest. */
export function listGuardActions(steps: readonly Step[]): readonly string[] {
  const starts = steps.flatMap((step) =>
    step.kind === 'service' && step.when !== 'undo' && step.undo !== null ? [step.undo] : [],
  );
  const deletes = steps.flatMap((step) => (step.kind === 'exclusion' ? step.undo.map((one) => one.line) : []));
  return [...new Set([...starts, ...deletes])];
}

/** Why these steps can't be guarded; null: they can. What a blind undo could get wrong is not guarded at all, never in part. */
export function whyNotGuarded(steps: readonly Step[], facts: Pick<HostFacts, 'state'>): string | null {
  for (const step of steps) {
    if (step.kind === 'service') continue;
    if (step.kind === 'dynamic-range') return 'a guard only undoes what is reserved from nothing, not a dynamic range';
    const { before, after, family, protocol, range } = step;
    const what = `${protocol} ${formatRange(range)} on ${family}`;
    const isAddition = !before.active && !before.persistent && after.active && after.persistent;
    if (!isAddition) return `a guard only undoes what is reserved from nothing, and ${what} is not`;
    if (!isPersistentShown(facts.state, family, protocol)) {
      return `nothing shows whether ${what} is permanent already, so a guard might delete what was there before`;
    }
  }
  const actions = listGuardActions(steps).length;
  return actions <= mostActions
    ? null
    : `a guard for it needs ${actions} commands, and a scheduled task takes ${mostActions} besides its own`;
}
