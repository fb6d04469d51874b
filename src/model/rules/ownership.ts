// What a run's own commands brought about on one host, told from its events: the one rule that the automatic undo, `rollback`, `resume`
// and the verdict follow. A value is the run's only if it changed between two looks around a command of the run; whatever else is found,
// somebody else did. It judges no command's words and asks no host.
import { families, stores } from '../host-state.ts';
import type { Family, Store } from '../host-state.ts';
import type { CommandGoal, RunEvent, StepLook } from '../outcome.ts';
import type { ExclusionStep, Presence, Step } from '../plan.ts';
import { formatRange } from '../port-range.ts';

/**
 * sure: seen to change around a command of the run.
 * open: a command may have changed it, and nobody has looked since.
 * releasing: sure, and a command that may have undone it is without an answer.
 * disputed: it changed although Windows refused the command, or it changed long after a lost command: the run or somebody else.
 * unseen: the command was accepted and the table does not show it. It may be there (facts: windows.md 0.9), so its undo is sent.
 */
export const certainties = ['sure', 'open', 'releasing', 'disputed', 'unseen'] as const;
export type Certainty = (typeof certainties)[number];

/** A value that the run changed, or may have. */
export interface Claim {
  /** The value before the run's command; the value to go back to. */
  readonly before: boolean;
  readonly certainty: Certainty;
}

/** One value of a host: whether a range is in one store, or whether a service is up. */
export interface OwnedValue {
  /** As the host last showed it to the run; null = never read. */
  readonly seen: boolean | null;
  /** Null: not the run's. */
  readonly claim: Claim | null;
}

/** The values that a step is about: `active` and `persistent` of a range on its family, or `up` of a service. */
export type StepOwnership = Readonly<Partial<Record<Store | 'up', OwnedValue>>>;

type Evidence = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;

export interface Ownership {
  /** The next event of this host. Events of other kinds are passed over. */
  event(event: Evidence): void;
  of(step: Step): StepOwnership;
  /** Whether anything on the host is the run's, or may be. */
  hasClaims(): boolean;
}

const unknown: OwnedValue = { seen: null, claim: null };

/** `earlier`: what is known from a life of the run that ended. */
export function createOwnership(
  earlier: readonly { readonly step: Step; readonly ownership: StepOwnership }[] = [],
): Ownership {
  let values = new Map<string, OwnedValue>();
  let steps = new Map<number, Step>();
  /** The command that is under way, and the values without what it may have changed. */
  let pending: { readonly intent: Intent; readonly without: ReadonlyMap<string, OwnedValue> } | null = null;

  for (const { step, ownership } of earlier) {
    for (const [key, part] of keysOf(step)) values.set(key, ownership[part] ?? unknown);
  }

  const observe = (look: Values): void => {
    for (const [key, value] of look) {
      const known = values.get(key) ?? unknown;
      if (value !== null) values.set(key, { seen: value, claim: claimAfterLook(known.claim, value, isService(key)) });
    }
  };
  const claim = (key: string, made: Claim | null): void => {
    values.set(key, { seen: values.get(key)?.seen ?? null, claim: made });
  };

  return {
    event(event) {
      switch (event.type) {
        case 'host-begun':
          steps = new Map(event.steps.map((step) => [step.number, step]));
          pending = null;
          break;
        case 'command-intended': {
          const step = steps.get(event.step);
          if (step === undefined) break;
          observe(valuesBefore(step, event.before));
          pending = { intent: { step, goal: event.goal, before: event.before }, without: new Map(values) };
          for (const [key, made] of mayChange(step, event.goal, valuesBefore(step, event.before), values)) {
            claim(key, made);
          }
          break;
        }
        case 'command-lost':
          if (event.effect === 'none' && pending !== null) values = new Map(pending.without);
          if (event.effect === 'none') pending = null;
          break;
        case 'command-answered': {
          if (pending === null) break;
          values = new Map(pending.without);
          const { intent } = pending;
          pending = null;
          const { step, goal } = intent;
          const before = joinLooks(valuesBefore(step, intent.before), valuesBefore(step, event.before));
          observe(before);
          const open = mayChange(step, goal, before, values);
          for (const [key, after] of valuesAfter(step, event.after)) {
            const known = values.get(key) ?? unknown;
            const about = { key, step, goal, exitCode: event.exitCode, before, known: known.claim };
            values.set(key, {
              seen: after ?? known.seen,
              claim: claimAfterCommand({ ...about, after, open: open.get(key) ?? known.claim }),
            });
          }
          // Nothing could be read behind it: it is as open as a lost answer.
          if (event.after === null) for (const [key, made] of open) claim(key, made);
          break;
        }
        case 'step-ended': {
          const step = steps.get(event.step);
          pending = null;
          if (step !== undefined && event.look !== null) observe(valuesAfter(step, event.look));
          break;
        }
        default:
          break;
      }
    },
    of: (step) => Object.fromEntries(keysOf(step).map(([key, part]) => [part, values.get(key) ?? unknown])),
    hasClaims: () => [...values.values()].some((one) => one.claim !== null),
  };
}

/** Whether any of it is the run's, or may be. Only such a step is undone, rolled back and counted as a change of the run. */
export function isOurs(ownership: StepOwnership): boolean {
  return Object.values(ownership).some((one) => one.claim !== null);
}

/** Where a range has to be once the run's part is undone. What is disputed goes back only when a person forces it. */
export function presenceWithout(found: Presence, ownership: StepOwnership, force = false): Presence {
  const without = (store: Store): boolean => {
    const claim = ownership[store]?.claim ?? null;
    return claim === null || (claim.certainty === 'disputed' && !force) ? found[store] : claim.before;
  };
  return { active: without('active'), persistent: without('persistent') };
}

/** Stores that differ from before the run, and nobody can tell whether the run or somebody else changed them. */
export function disputedStores(found: Presence, ownership: StepOwnership): readonly Store[] {
  return stores.filter((store) => {
    const claim = ownership[store]?.claim ?? null;
    return claim?.certainty === 'disputed' && found[store] !== claim.before;
  });
}

/** Whether the range is as the run left it, as far as that is known; what is open may be either way. */
export function isAsLeft(found: Presence, ownership: StepOwnership): boolean {
  return stores.every((store) => {
    const { seen, claim } = ownership[store] ?? unknown;
    return seen === null || found[store] === seen || (claim !== null && claim.certainty !== 'sure');
  });
}

/** What is left of a run's own after a later run (a rollback) did this. */
export function ownershipAfter(first: StepOwnership, later: StepOwnership): StepOwnership {
  const parts = ['active', 'persistent', 'up'] as const;
  return Object.fromEntries(
    parts.flatMap((part) => {
      const one = first[part];
      const other = later[part];
      if (one === undefined && other === undefined) return [];
      const seen = other?.seen ?? one?.seen ?? null;
      return [[part, { seen, claim: claimAfterRun(one?.claim ?? null, other?.claim ?? null, seen) }] as const];
    }),
  );
}

function claimAfterRun(first: Claim | null, later: Claim | null, seen: boolean | null): Claim | null {
  if (first === null) return later;
  if (later === null) return seen === first.before && first.certainty === 'sure' ? null : first;
  if (later.before === first.before) return first;
  if (later.certainty === 'sure' || later.certainty === 'releasing') return null;
  return first.certainty === 'sure' ? { ...first, certainty: 'releasing' } : first;
}

/** Whether undoing the run's part puts the range into a store where it is not, or where it may get lost on the way. */
export function isAddedBack(ownership: StepOwnership): boolean {
  return (
    isOurs(ownership) && stores.some((store) => ownership[store]?.claim?.before ?? ownership[store]?.seen === true)
  );
}

interface Intent {
  readonly step: Step;
  readonly goal: CommandGoal;
  readonly before: StepLook | null;
}

type Values = ReadonlyMap<string, boolean | null>;

/**
 * Claims of a command that is under way. A change of the persistent store may act on the active one as well
 * (netsh-samples/help-add-es-1), and a command for one family on both (windows.md section 3).
 */
function mayChange(
  step: Step,
  goal: CommandGoal,
  before: Values,
  values: ReadonlyMap<string, OwnedValue>,
): ReadonlyMap<string, Claim> {
  const made = new Map<string, Claim>();
  for (const key of keysInReach(step, goal)) {
    const was = before.get(key) ?? null;
    const isUp = goal.kind === 'service' ? goal.running : goal.present;
    if (was === null || was === isUp) continue;
    const known = values.get(key)?.claim ?? null;
    made.set(
      key,
      known !== null && known.before === isUp
        ? { before: known.before, certainty: known.certainty === 'disputed' ? 'disputed' : 'releasing' }
        : { before: was, certainty: 'open' },
    );
  }
  return made;
}

interface Answered {
  readonly key: string;
  readonly step: Step;
  readonly goal: CommandGoal;
  readonly exitCode: number;
  readonly before: Values;
  readonly after: boolean | null;
  /** The claim before the command, and the one while it was under way. */
  readonly known: Claim | null;
  readonly open: Claim | null;
}

/**
 * The two looks stand in the command's own line, milliseconds around it. A stranger within these cannot be told apart, except where
 * Windows refused the command: then the change is disputed, neither undone nor passed over. No exit code of netsh's add or delete was ever
 * measured (windows.md section 2), so a refusal alone proves neither.
 */
function claimAfterCommand({ key, step, goal, exitCode, before, after, known, open }: Answered): Claim | null {
  const was = before.get(key) ?? null;
  const isAccepted = exitCode === 0;
  if (after === null) {
    if (isAccepted || open === null || open === known) return open;
    return open.certainty === 'releasing' ? known : { ...open, certainty: 'disputed' };
  }
  if (was === null) return known !== null && known.before === after ? null : known;
  if (was !== after) {
    if (known !== null && known.before === after) return null;
    return { before: was, certainty: isAccepted ? 'sure' : 'disputed' };
  }
  if (!isAccepted) return known;
  // A service takes its time after sc has answered.
  if (isService(key)) return open;
  return known ?? unseenClaim(key, step, goal, before);
}

/** A permanent entry may be there without being shown. Where the range was shown before in any store, it is not the run's alone. */
function unseenClaim(key: string, step: Step, goal: CommandGoal, before: Values): Claim | null {
  if (step.kind !== 'exclusion' || goal.kind !== 'exclusion') return null;
  const isOwn = goal.present && goal.store === 'persistent' && key === keyOf(step, step.family, 'persistent');
  const isShown = stores.some((store) => before.get(keyOf(step, step.family, store)) !== false);
  return isOwn && !isShown ? { before: false, certainty: 'unseen' } : null;
}

function claimAfterLook(claim: Claim | null, value: boolean, slow: boolean): Claim | null {
  if (claim === null) return null;
  const isBack = value === claim.before;
  switch (claim.certainty) {
    case 'sure':
    case 'releasing':
      return isBack ? null : { ...claim, certainty: 'sure' };
    case 'open':
      if (!isBack) return { ...claim, certainty: 'sure' };
      return slow ? claim : { ...claim, certainty: 'disputed' };
    case 'unseen':
      return isBack ? claim : { ...claim, certainty: 'disputed' };
    case 'disputed':
      return claim;
  }
}

function keyOf(step: ExclusionStep, family: Family, store: Store): string {
  return `${step.protocol} ${formatRange(step.range)} ${family} ${store}`;
}

function isService(key: string): boolean {
  return key.startsWith('service ');
}

function keysOf(step: Step): readonly (readonly [string, Store | 'up'])[] {
  if (step.kind === 'service') return [[`service ${step.service.toLowerCase()}`, 'up']];
  return stores.map((store) => [keyOf(step, step.family, store), store]);
}

function keysInReach(step: Step, goal: CommandGoal): readonly string[] {
  if (step.kind === 'service' || goal.kind === 'service') return keysOf(step).map(([key]) => key);
  const reached = goal.store === 'persistent' ? stores : (['active'] as const);
  return families.flatMap((family) => reached.map((store) => keyOf(step, family, store)));
}

/** A service on its way counts, before a command, as where it is going to: somebody else has sent it there. */
function valuesBefore(step: Step, look: StepLook | null): Values {
  if (look?.kind !== 'service') return valuesAfter(step, look);
  const isUp = !['stopped', 'stop-pending', 'not-installed'].includes(look.state);
  return new Map(keysOf(step).map(([key]) => [key, isUp]));
}

function valuesAfter(step: Step, look: StepLook | null): Values {
  if (look === null) return new Map();
  if (step.kind === 'service' || look.kind === 'service') {
    if (look.kind !== 'service') return new Map();
    const isUp = look.state.endsWith('-pending') ? null : !['stopped', 'not-installed'].includes(look.state);
    return new Map(keysOf(step).map(([key]) => [key, isUp]));
  }
  return new Map(
    families.flatMap((family) =>
      stores.map((store) => [keyOf(step, family, store), look.presence[family]?.[store] ?? null] as const),
    ),
  );
}

function joinLooks(first: Values, later: Values): Values {
  const joined = new Map(first);
  for (const [key, value] of later) if (value !== null) joined.set(key, value);
  return joined;
}
