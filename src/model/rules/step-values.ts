// The single values that a step is about, under keys that are equal where two steps are about the same value: whether a range is in one
// store of one family, whether a service is up, whether a dynamic range is the playbook's. What of a look says something about them. Pure; whose they are, claims.ts says.
import { families, stores } from '../host-state.ts';
import type { Family, Store } from '../host-state.ts';
import type { CommandGoal, StepLook } from '../outcome.ts';
import type { ExclusionStep, Step } from '../plan.ts';
import { formatRange, sameRange } from '../port-range.ts';

/** Null: the look says nothing about it. */
export type Values = ReadonlyMap<string, boolean | null>;

export function makeKey(step: ExclusionStep, family: Family, store: Store): string {
  return `${step.protocol} ${formatRange(step.range)} ${family} ${store}`;
}

/** Of one range in one store. */
export function isRange(key: string): boolean {
  return !isService(key) && stores.some((store) => key.endsWith(` ${store}`));
}

/** The same range on the same family, in the other store. */
export function findTwin(key: string): string {
  const [store, other] = key.endsWith(' active')
    ? (['active', 'persistent'] as const)
    : (['persistent', 'active'] as const);
  return `${key.slice(0, -store.length)}${other}`;
}

export function isService(key: string): boolean {
  return key.startsWith('service ');
}

/** The parts of a step's ownership: `range` is whether the dynamic range is the one that the playbook asks for. */
export type OwnedPart = Store | 'up' | 'range';

export function makeKeys(step: Step): readonly (readonly [string, OwnedPart])[] {
  if (step.kind === 'dynamic-range') return [[`dynamic range ${step.protocol} ${step.family}`, 'range']];
  if (step.kind === 'service') return [[`service ${step.service.toLowerCase()}`, 'up']];
  return stores.map((store) => [makeKey(step, step.family, store), store]);
}

export function keysInReach(step: Step, goal: CommandGoal): readonly string[] {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion') return makeKeys(step).map(([key]) => key);
  const reached = goal.store === 'persistent' || goal.replaces === true ? stores : (['active'] as const);
  return families.flatMap((family) => reached.map((store) => makeKey(step, family, store)));
}

/** A service on its way counts, before a command, as where it is going to: somebody else has sent it there. */
export function valuesBefore(step: Step, look: StepLook | null): Values {
  if (look?.kind !== 'service') return valuesAfter(step, look);
  const isUp = !['stopped', 'stop-pending', 'not-installed'].includes(look.state);
  return new Map(makeKeys(step).map(([key]) => [key, isUp]));
}

export function valuesAfter(step: Step, look: StepLook | null): Values {
  if (look === null) return new Map();
  if (step.kind === 'dynamic-range') {
    if (look.kind !== 'dynamic-range') return new Map();
    // A rollback's goal is the range from before the run, whatever the playbook asked for.
    const isDesired = sameRange(look.range, step.after) !== step.undoes;
    return new Map(makeKeys(step).map(([key]) => [key, isDesired]));
  }
  if (step.kind === 'service' || look.kind !== 'exclusion') {
    if (step.kind !== 'service' || look.kind !== 'service') return new Map();
    const isUp = look.state.endsWith('-pending') ? null : !['stopped', 'not-installed'].includes(look.state);
    return new Map(makeKeys(step).map(([key]) => [key, isUp]));
  }
  return new Map(
    families.flatMap((family) =>
      stores.map((store) => {
        const shown = look.presence[family]?.[store] ?? null;
        return [makeKey(step, family, store), shown === 'not-shown' ? null : shown] as const;
      }),
    ),
  );
}

/** The look was read, and says of the persistent store on this family that nothing shows it. */
export function isHidden(values: Values, step: ExclusionStep): boolean {
  const valueOf = (store: Store): boolean | null => values.get(makeKey(step, step.family, store)) ?? null;
  return valueOf('active') !== null && valueOf('persistent') === null;
}

/**
 * A row that its table showed right before an accepted delete, and of which the table shows nothing behind it, is gone: a table that has lost
 * its last row looks as one that never shows any. `before`: the look in the command's own line.
 */
export function withVanished(step: Step, goal: CommandGoal, before: Values, afterwards: Values): Values {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion' || goal.present) return afterwards;
  const vanished = families
    .filter((family) => isHidden(afterwards, { ...step, family }))
    .map((family) => makeKey(step, family, 'persistent'))
    .filter((key) => before.get(key) === true);
  return new Map([...afterwards, ...vanished.map((key) => [key, false] as const)]);
}

export function joinLooks(first: Values, later: Values): Values {
  const joined = new Map(first);
  for (const [key, value] of later) if (value !== null) joined.set(key, value);
  return joined;
}
