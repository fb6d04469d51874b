// What a run's own commands changed on one host, told from its events: the one rule that the automatic undo, `rollback`, `resume`
// and the verdict follow. A value is the run's only if it changed between two looks around a command of the run; whatever else is found,
// somebody else did. It judges no command's words and asks no host.
import { stores } from '../host-state.ts';
import type { Store } from '../host-state.ts';
import type { CommandGoal, RunEvent, StepLook } from '../outcome.ts';
import type { Presence, Step } from '../plan.ts';
import {
  claimAfterCommand,
  claimAfterLook,
  isOriginUnknown,
  mayChange,
  unknown,
  type Claim,
  type OwnedValue,
  type StepOwnership,
} from './claims.ts';
import { createHiddenWords, type HeldWord } from './hidden/hidden-words.ts';
import { asUnlit, isBroughtToLight, listUnlit } from './hidden/unlit.ts';
import { asVerified, withoutMark } from './later/after-run.ts';
import { findDoubted, withGuardGone } from './later/guard-gone.ts';
import { findOutOfForce } from './later/out-of-force.ts';
import { makeGoal } from './outage.ts';
import {
  findTwin,
  isService,
  joinLooks,
  makeKey,
  makeKeys,
  valuesAfter,
  valuesBefore,
  withVanished,
  type Values,
} from './step-values.ts';

type Evidence = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;

export interface Ownership {
  /** The next event of this host. Events of other kinds are passed over. */
  event(event: Evidence): void;
  of(step: Step): StepOwnership;
  /** What whoever goes on from here has to go by: Windows' word about a hidden store counts only once something shown confirms it. */
  ofLeft(step: Step): StepOwnership;
  /** Whether anything on the host is the run's, or may be. */
  hasClaims(): boolean;
  /** All that is known, to go on from later; null while a command is under way. */
  rest(): RestingOwnership | null;
}

/** What is known of one host between two commands, as plain data: it takes less than an Ownership, and alike hosts may share it. */
export interface RestingOwnership {
  readonly steps: readonly Step[];
  readonly values: readonly (readonly [key: string, value: OwnedValue])[];
  readonly words: readonly HeldWord[];
}

interface Intent {
  readonly step: Step;
  readonly goal: CommandGoal;
  readonly before: StepLook | null;
}

/** What is under way, and the values without what it may have changed. A line may have several intents, answered one by one. */
interface Pending {
  readonly intents: readonly Intent[];
  readonly without: ReadonlyMap<string, OwnedValue>;
  /** The answer is there: what became of each is being told. */
  readonly isAnswered: boolean;
}

/** `earlier`: what is known from a life of the run that ended. */
export function createOwnership(
  earlier: readonly { readonly step: Step; readonly ownership: StepOwnership }[] = [],
): Ownership {
  const values = earlier.flatMap(({ step, ownership }) =>
    makeKeys(step).map(([key, part]) => [key, ownership[part] ?? unknown] as const),
  );
  return wakeOwnership({ steps: earlier.map((one) => one.step), values, words: [] });
}

/** Goes on where `rest` was asked. */
export function wakeOwnership(resting: RestingOwnership): Ownership {
  let values = new Map(resting.values);
  let steps = new Map(resting.steps.map((step) => [step.number, step]));
  let pending: Pending | null = null;
  const words = createHiddenWords(resting.words);

  const put = (key: string, value: OwnedValue): void => {
    values.set(key, values.get(key)?.untold === true ? { ...value, untold: true } : value);
  };
  const observe = (look: Values): void => {
    const doubted = [...findDoubted(look, values), ...findOutOfForce(look, values)];
    for (const [key, value] of look) {
      const known = values.get(key) ?? unknown;
      if (value === null) continue;
      const claim = isBroughtToLight(known, value)
        ? ({ before: false, certainty: 'sure' } as const)
        : claimAfterLook(known.claim, value, isService(key));
      const isBack = claim === null && known.claim?.certainty === 'sure';
      put(key, { seen: value, claim, ...(isBack || isStillBack(known, value) ? { changedBack: true } : {}) });
    }
    for (const [key, made] of doubted) put(key, made);
  };
  const isStillBack = ({ changedBack, seen }: OwnedValue, value: boolean | null): boolean =>
    changedBack === true && value === seen;
  /** Until a look shows that the run's command came through, what somebody else had changed back is as he left it. */
  const claim = (key: string, made: Claim | null): void => {
    const { seen, changedBack } = values.get(key) ?? unknown;
    put(key, { seen, claim: made, ...(changedBack === true ? { changedBack } : {}) });
  };
  /** Before the claim is judged: afterwards nothing of it may be left. */
  const noteUntold = (step: Step, goal: CommandGoal): void => {
    if (step.kind !== 'exclusion' || goal.kind !== 'exclusion' || goal.store !== 'persistent') return;
    const key = makeKey(step, step.family, 'persistent');
    const known = values.get(key) ?? unknown;
    if (isOriginUnknown(known) && known.claim?.before === goal.present) values.set(key, { ...known, untold: true });
  };

  /** While nobody knows what it did. */
  const expect = ({ step, goal }: Intent, before: Values): void => {
    for (const [key, made] of mayChange(step, goal, before, values)) claim(key, made);
    for (const key of listUnlit(step, goal, before)) put(key, asUnlit(values.get(key) ?? unknown));
  };

  /** What is told of one step of a line counts; what is not told of the others may still be either way. */
  const awaitOthers = (intents: readonly Intent[], told: number): Pending | null => {
    const left = intents.filter((one) => one.step.number !== told);
    if (left.length === 0) return null;
    const without = new Map(values);
    const seen: Values = new Map([...without].map(([key, value]) => [key, value.seen]));
    for (const one of left) expect(one, seen);
    return { intents: left, without, isAnswered: true };
  };

  const of = (step: Step): StepOwnership =>
    Object.fromEntries(makeKeys(step).map(([key, part]) => [part, values.get(key) ?? unknown]));

  return {
    event(event) {
      switch (event.type) {
        case 'host-started':
          steps = new Map(event.steps.map((step) => [step.number, step]));
          pending = null;
          break;
        case 'command-planned': {
          const step = steps.get(event.step);
          if (step === undefined) break;
          const first = { step, goal: event.goal, before: event.before };
          const then = (event.outage?.then ?? []).flatMap(({ step: number, before }): readonly Intent[] => {
            const next = steps.get(number);
            return next === undefined || next.kind === 'dynamic-range'
              ? []
              : [{ step: next, goal: makeGoal(next), before }];
          });
          // All looks are older than the line: none of them says what it did.
          for (const one of [first, ...then]) observe(valuesBefore(one.step, one.before));
          for (const one of [first, ...then]) {
            for (const [key, value] of words.drop(one.step, one.goal, values)) put(key, value);
          }
          pending = { intents: [first, ...then], without: new Map(values), isAnswered: false };
          for (const one of pending.intents) {
            noteUntold(one.step, one.goal);
            expect(one, valuesBefore(one.step, one.before));
          }
          break;
        }
        case 'command-lost':
          if (event.effect !== 'none' || pending === null) break;
          values = new Map(pending.without);
          // Of the first nothing was sent at all; another one the line has left out.
          pending = pending.intents[0]?.step.number === event.step ? null : awaitOthers(pending.intents, event.step);
          break;
        case 'command-finished': {
          const intent = pending?.intents.find((one) => one.step.number === event.step);
          if (pending === null || intent === undefined) break;
          values = new Map(pending.without);
          const { intents, without } = pending;
          pending = null;
          const { step, goal } = intent;
          const before = joinLooks(valuesBefore(step, intent.before), valuesBefore(step, event.before));
          observe(before);
          const open = mayChange(step, goal, before, values);
          if (event.exitCode === 0 || event.after === null) noteUntold(step, goal);
          const shown = valuesAfter(step, event.after);
          const afterwards =
            event.exitCode === 0 ? withVanished(step, goal, valuesBefore(step, event.before), shown) : shown;
          const twins = new Map([...afterwards.keys()].map((key) => [key, values.get(findTwin(key))?.claim ?? null]));
          for (const [key, after] of afterwards) {
            const known = values.get(key) ?? unknown;
            const claims = { known: known.claim, twin: twins.get(key) ?? null };
            const about = { key, step, goal, exitCode: event.exitCode, before, afterwards, ...claims };
            const made = claimAfterCommand({ ...about, after, open: open.get(key) ?? known.claim });
            const isBack = isStillBack(known, after ?? known.seen);
            put(key, { seen: after ?? known.seen, claim: made, ...(isBack ? { changedBack: true } : {}) });
          }
          for (const [key, value] of words.weigh({
            step,
            goal,
            exitCode: event.exitCode,
            before,
            afterwards,
            old: without,
          }))
            values.set(key, value);
          // Nothing could be read behind it: it is as open as a lost answer.
          if (event.after === null) {
            for (const [key, made] of open) claim(key, made);
            for (const key of listUnlit(step, goal, before)) put(key, asUnlit(values.get(key) ?? unknown));
          }
          pending = awaitOthers(intents, event.step);
          break;
        }
        case 'step-finished': {
          const step = steps.get(event.step);
          const under = pending;
          // A look within the line is older than what it has not told yet; one after a lost answer is newer than all of it.
          if (under?.isAnswered === true) values = new Map(under.without);
          if (step !== undefined && event.look !== null) observe(valuesAfter(step, event.look));
          if (under?.isAnswered === true) pending = awaitOthers(under.intents, event.step);
          else if (under !== null) {
            const intents = under.intents.filter((one) => one.step.number !== event.step);
            pending = intents.length === 0 ? null : { ...under, intents };
          }
          break;
        }
        case 'guard':
          if (event.state !== 'gone') break;
          for (const [key, value] of values) values.set(key, withGuardGone(key, value));
          break;
        case 'host-finished':
          for (const [key, value] of values) {
            values.set(key, withoutMark(event.verdict === 'changed' ? asVerified(key, value) : value));
          }
          break;
        default:
          break;
      }
    },
    of,
    ofLeft(step) {
      const persistent = words.findHeldBack(step, values);
      return persistent === null ? of(step) : { ...of(step), persistent };
    },
    hasClaims: () => [...values.values()].some((one) => one.claim !== null),
    rest: () => (pending === null ? { steps: [...steps.values()], values: [...values], words: words.held } : null),
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

/**
 * Whether the range is as the run left it, as far as that is known; what is open may be either way. What the run itself has seen changed back by
 * somebody else, and has not changed again since, is not.
 */
export function isAsLeft(found: Presence, ownership: StepOwnership): boolean {
  return stores.every((store) => {
    const { seen, claim, changedBack } = ownership[store] ?? unknown;
    if (changedBack === true && found[store] === seen) return false;
    return seen === null || found[store] === seen || (claim !== null && claim.certainty !== 'sure');
  });
}

/** Whether undoing the run's part puts the range into a store where it is not, or where it may get lost on the way. */
export function isAddedBack(ownership: StepOwnership): boolean {
  return (
    isOurs(ownership) && stores.some((store) => ownership[store]?.claim?.before ?? ownership[store]?.seen === true)
  );
}
