// Whose a change is, by the looks around each command of a run.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { families, stores, type Family, type Store } from '../../../src/model/host-state.ts';
import type { RunEvent, StepLook } from '../../../src/model/outcome.ts';
import {
  createOwnership,
  disputedStores,
  isAsLeft,
  isOurs,
  presenceWithout,
  type Ownership,
} from '../../../src/model/rules/ownership.ts';
import { afterLook, asShown, ownershipAfter } from '../../../src/model/rules/later/after-run.ts';
import { claimAfterRun, type Certainty, type OwnedValue } from '../../../src/model/rules/claims.ts';
import type { ExclusionStep, Presence, ShownPresence } from '../../../src/model/plan.ts';
import { at, exclusionStep, hostStarted, serviceStep } from '../../journal/events.ts';

const none: Presence = { active: false, persistent: false };
const both: Presence = { active: true, persistent: true };
const steps = [exclusionStep(1, 'ipv4'), exclusionStep(2, 'ipv6')] as const;
const [ipv4, ipv6] = steps;
const failure = { code: 'connect/lost', message: 'gone', where: null, hint: null } as const;

function look(one: Presence, other: Presence = one): StepLook {
  return { kind: 'exclusion', presence: { ipv4: one, ipv6: other } };
}
interface Sent {
  readonly step?: number;
  readonly store?: Store;
  readonly present?: boolean;
}
function planned(before: StepLook, { step = 1, store = 'persistent', present = true }: Sent = {}): RunEvent {
  const goal = { kind: 'exclusion', store, present } as const;
  return { at, type: 'command-planned', host: 'ex01', step, direction: 'do', line: 'netsh', goal, before };
}
function answered(before: StepLook | null, after: StepLook | null, exitCode = 0, step = 1): RunEvent {
  const about = { at, host: 'ex01', step, direction: 'do', text: '', state: null } as const;
  return { ...about, type: 'command-finished', exitCode, before, after };
}
const lostAnswer: RunEvent = {
  at,
  type: 'command-lost',
  host: 'ex01',
  step: 1,
  direction: 'do',
  effect: 'unknown',
  failure,
};
function ended(seen: StepLook | null, step = 1): RunEvent {
  const about = { at, host: 'ex01', step, direction: 'do', state: null, changedByOtherFamily: false } as const;
  return { ...about, type: 'step-finished', result: 'done', look: seen, failure: null };
}
function told(events: readonly RunEvent[]): Ownership {
  const ownership = createOwnership();
  for (const event of [hostStarted('ex01', [...steps, serviceStep(3, 'stop')]), ...events]) ownership.event(event);
  return ownership;
}
function claimsOf(ownership: Ownership, step: ExclusionStep): readonly (Certainty | null)[] {
  return stores.map((store) => ownership.of(step)[store]?.claim?.certainty ?? null);
}

describe('a range', () => {
  const nobody = [null, null];
  const sure = ['sure', 'sure'];
  test.each<{ name: string; events: readonly RunEvent[]; own: readonly unknown[]; twin: readonly unknown[] }>([
    {
      name: 'that appeared around the command is the run’s, on every family on which it did',
      events: [planned(look(none)), answered(look(none), look(both)), ended(look(both))],
      own: sure,
      twin: sure,
    },
    {
      name: 'that appeared on its own list only leaves the other family to nobody',
      events: [planned(look(none)), answered(look(none), look(both, none))],
      own: sure,
      twin: nobody,
    },
    {
      name: 'that was there right before the command is somebody else’s, though the command was sent',
      events: [planned(look(none)), answered(look(both), look(both))],
      own: nobody,
      twin: nobody,
    },
    {
      name: 'that was half there is the run’s by the other half',
      events: [planned(look(none)), answered(look({ active: true, persistent: false }), look(both)), ended(look(both))],
      own: [null, 'sure'],
      twin: [null, 'sure'],
    },
    {
      name: 'that appeared although Windows refused the command is disputed',
      events: [planned(look(none)), answered(look(none), look(both), 1)],
      own: ['disputed', 'disputed'],
      twin: ['disputed', 'disputed'],
    },
    {
      name: 'whose command is without an answer may be the run’s',
      events: [planned(look(none))],
      own: ['open', 'open'],
      twin: ['open', 'open'],
    },
    {
      name: 'whose answer was lost is the run’s where the next look shows it',
      events: [planned(look(none)), lostAnswer, ended(look(both, none))],
      own: sure,
      twin: ['disputed', 'disputed'],
    },
    {
      name: 'that nobody sent a command for is somebody else’s',
      events: [ended(look(both))],
      own: nobody,
      twin: nobody,
    },
    {
      name: 'that somebody else released since is nobody’s any more',
      events: [planned(look(none)), answered(look(none), look(both)), ended(look(none)), ended(look(both), 2)],
      own: nobody,
      twin: nobody,
    },
    {
      name: 'that was accepted and is not shown may be there, so its undo is due',
      events: [planned(look(none)), answered(look(none), look({ active: true, persistent: false }, none))],
      own: ['sure', 'unseen'],
      twin: nobody,
    },
    {
      name: 'whose tables could not be read behind the command is as open as a lost answer',
      events: [planned(look(none)), answered(look(none), null), ended(null)],
      own: ['open', 'open'],
      twin: ['open', 'open'],
    },
  ])('$name', ({ events, own, twin }) => {
    const ownership = told(events);
    expect([claimsOf(ownership, ipv4), claimsOf(ownership, ipv6)]).toEqual([own, twin]);
  });

  test('that is disputed is left where it is and named, unless it is forced', () => {
    const ownership = told([planned(look(none)), answered(look(none), look(both), 1)]).of(ipv4);
    expect(presenceWithout(both, ownership)).toEqual(both);
    expect(presenceWithout(both, ownership, true)).toEqual(none);
    expect([disputedStores(both, ownership), disputedStores(none, ownership)]).toEqual([['active', 'persistent'], []]);
  });
});

test.each([
  { name: 'running before, stopped after', before: 'running', after: 'stop-pending', seen: 'stopped', ours: true },
  { name: 'stopped by somebody else before', before: 'stopped', after: 'stopped', seen: 'stopped', ours: false },
  {
    name: 'being stopped by somebody else',
    before: 'stop-pending',
    after: 'stop-pending',
    seen: 'stopped',
    ours: false,
  },
] as const)('a service, $name: ours $ours', ({ before, after, seen, ours }) => {
  const about = { at, host: 'ex01', step: 3, direction: 'do', state: null } as const;
  const is = (state: 'running' | 'stopped' | 'stop-pending'): StepLook => ({ kind: 'service', state });
  const ownership = told([
    {
      ...about,
      type: 'command-planned',
      line: 'sc',
      goal: { kind: 'service', running: false },
      before: is('running'),
    },
    { ...about, type: 'command-finished', exitCode: 0, text: '', before: is(before), after: is(after) },
    { ...about, type: 'step-finished', result: 'done', look: is(seen), changedByOtherFamily: false, failure: null },
  ]);
  expect(isOurs(ownership.of(serviceStep(3, 'stop')))).toBe(ours);
});

type World = Record<Family, Presence>;
const flip = fc.record({ family: fc.constantFrom(...families), store: fc.constantFrom(...stores) });
const command = fc.record({
  step: fc.constantFrom(1, 2),
  store: fc.constantFrom(...stores),
  present: fc.boolean(),
  oneList: fc.boolean(),
  isAnswerLost: fc.boolean(),
  isLookLost: fc.boolean(),
});

test('whatever strangers and commands do, and whatever is lost: the run’s part undone is the strangers’ world', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(flip, command), { maxLength: 12 }), (doings) => {
      let world: World = { ipv4: none, ipv6: none };
      let strangers: World = world;
      let looked: World = world;
      // Where nobody can tell, a person is asked; that is another test.
      const doubtful = new Set<Family>();
      const ownership = told([]);
      const seen = (): StepLook => ({ kind: 'exclusion', presence: world });
      // What differs since the last look strangers did; where the run had no part in it, it is theirs, else they undid the run's part.
      const noteStrangers = (): void => {
        for (const family of families) {
          for (const store of stores) {
            const isFree = looked[family][store] === strangers[family][store];
            if (looked[family][store] === world[family][store] || !isFree) continue;
            strangers = { ...strangers, [family]: { ...strangers[family], [store]: world[family][store] } };
          }
        }
      };
      for (const doing of doings) {
        if ('family' in doing) {
          const { family, store } = doing;
          world = { ...world, [family]: { ...world[family], [store]: !world[family][store] } };
          continue;
        }
        noteStrangers();
        const { step, store, present, oneList, isAnswerLost, isLookLost } = doing;
        const own = families[step - 1] ?? 'ipv4';
        ownership.event(planned(seen(), { step, store, present }));
        const before = seen();
        for (const family of families.filter((one) => oneList || one === own)) {
          const made = store === 'persistent' ? { active: present, persistent: present } : { active: present };
          world = { ...world, [family]: { ...world[family], ...made } };
        }
        if (isAnswerLost) ownership.event({ ...lostAnswer, step });
        else ownership.event(answered(before, isLookLost ? null : seen(), 0, step));
        ownership.event(ended(seen(), step));
        looked = world;
        for (const one of steps) if (claimsOf(ownership, one).includes('disputed')) doubtful.add(one.family);
      }
      noteStrangers();
      // A last look, as a rollback's: what a stranger restored meanwhile is nobody's.
      ownership.event(ended(seen()));
      for (const step of steps) {
        if (doubtful.has(step.family)) continue;
        expect(presenceWithout(world[step.family], ownership.of(step))).toEqual(strangers[step.family]);
      }
    }),
    { numRuns: 500 },
  );
});

describe('what somebody else has taken out of force since', () => {
  const taken: Presence = { active: false, persistent: true };
  const since = [planned(look(none)), answered(look(none), look(both)), ended(look(taken))];
  const again = planned(look(taken), { store: 'active' });
  const undo = planned(look(taken), { present: false });

  test.each<{ name: string; events: readonly RunEvent[]; isLeft: boolean }>([
    { name: 'is not as the run left it, though the run has seen it so', events: [], isLeft: false },
    { name: 'stays his while a command for it is under way', events: [again], isLeft: false },
    {
      name: 'stays his where a look behind a lost command finds it so',
      events: [again, lostAnswer, ended(look(taken))],
      isLeft: false,
    },
    {
      name: 'stays his where an undo of the rest is refused behind that',
      events: [again, lostAnswer, ended(look(taken)), undo, answered(look(taken), look(taken), 1)],
      isLeft: false,
    },
    {
      name: 'is the run’s once a command has put it in force again',
      events: [again, answered(look(taken), look(both))],
      isLeft: true,
    },
  ])('$name', ({ events, isLeft }) => {
    const ownership = told([...since, ...events]).of(ipv4);
    expect(isAsLeft(isLeft ? both : taken, ownership)).toBe(isLeft);
  });
});

describe('the last row of a table, deleted: the table shows nothing behind it', () => {
  const hidden = (active: boolean): StepLook => {
    const one = { active, persistent: 'not-shown' } as const;
    return { kind: 'exclusion', presence: { ipv4: one, ipv6: one } };
  };
  const remove = (store: Store): RunEvent => planned(look(both), { store, present: false });
  const vanished = [remove('persistent'), answered(look(both), hidden(true))];
  const persistentAfter = (events: readonly RunEvent[]) => told(events).of(ipv4).persistent;

  test('was deleted by the run: it had been shown in the same line', () => {
    expect(persistentAfter(vanished)).toEqual({ seen: false, claim: { before: true, certainty: 'sure' } });
  });

  test('is somebody else’s when it is there again before the next command', () => {
    const again = [...vanished, remove('active'), answered(look(both), look({ active: false, persistent: true }))];
    expect(persistentAfter(again)).toEqual({ seen: true, claim: null, changedBack: true });
  });

  test('is in doubt where Windows refused the delete, or had not shown it before', () => {
    const refused = [remove('persistent'), answered(look(both), hidden(true), 1)];
    expect(persistentAfter(refused)?.seen).not.toBe(false);
    const unshown = [planned(hidden(true), { present: false }), answered(hidden(true), hidden(true))];
    expect(persistentAfter(unshown)).toMatchObject({ seen: null });
  });
});

describe('the permanent entry that nothing shows', () => {
  const shown = (active: boolean): StepLook => {
    const one = { active, persistent: 'not-shown' } as const;
    return { kind: 'exclusion', presence: { ipv4: one, ipv6: one } };
  };
  const added = [planned(shown(false)), answered(shown(false), shown(true))];
  const remove = (store: Store): RunEvent => planned(shown(true), { store, present: false });
  const claimAfter = (events: readonly RunEvent[]) => told([...added, ...events]).of(ipv4).persistent?.claim ?? null;
  const ours = { before: false, certainty: 'unseen' };
  /** Windows has said that it is deleted: what is deleted next may be what somebody else has made since. */
  const doubted = { before: false, certainty: 'unconfirmed' };

  test.each([
    [0, doubted],
    [1, ours],
  ])('is still the run’s where no delete had an effect that is shown (exit code %d)', (exitCode, left) => {
    const failed = answered(shown(true), shown(true), exitCode);
    expect(claimAfter([remove('persistent'), failed, remove('active'), failed])).toEqual(left);
    expect(
      claimAfter([remove('persistent'), lostAnswer, remove('persistent'), failed, remove('active'), failed]),
    ).toEqual({
      ...ours,
      certainty: 'releasing',
    });
  });

  test('is gone by Windows’ word where a delete after it had an effect that is shown', () => {
    const accepted = answered(shown(true), shown(true));
    const gone = answered(shown(true), shown(false));
    expect(claimAfter([remove('persistent'), accepted, remove('active'), gone])).toBeNull();
    expect(claimAfter([remove('persistent'), gone])).toBeNull();
  });

  describe('whose delete Windows accepted while its active row is still shown', () => {
    const accepted = answered(shown(true), shown(true));
    const between = [remove('persistent'), accepted];
    const leftAfter = (events: readonly RunEvent[]) =>
      told([...added, ...events]).ofLeft(ipv4).persistent?.claim ?? null;

    test('is still the run’s for whoever goes on from there, and not once a look shows the row gone', () => {
      expect(claimAfter(between)).toBeNull();
      expect(leftAfter(between)).toEqual(doubted);
      expect(leftAfter([...between, remove('active')])).toEqual(doubted);
      expect(leftAfter([...between, remove('active'), answered(shown(true), null)])).toEqual(doubted);
      expect(leftAfter([...between, remove('active'), lostAnswer, ended(shown(false))])).toBeNull();
      expect(leftAfter([...between, remove('active'), answered(shown(true), shown(false))])).toBeNull();
    });

    test('is so for the next life of the run, which deletes it again', () => {
      const again = [...between, hostStarted('ex01', [...steps]), remove('persistent')];
      expect(claimAfter(again)).toEqual({ ...ours, certainty: 'releasing' });
      expect(leftAfter([...again, answered(shown(true), shown(true), 1)])).toEqual(doubted);
      expect(leftAfter([...again, accepted, remove('active'), answered(shown(true), shown(false))])).toBeNull();
      const untold = (events: readonly RunEvent[]) => told([...added, ...events]).of(ipv4).persistent?.untold;
      expect(untold([...again, accepted])).toBe(true);
      expect(untold([...again, answered(shown(true), shown(true), 1)])).toBeUndefined();
    });

    test('is doubted after a rollback that had not made it, where the account lost its rights behind that', () => {
      const refused = answered(shown(true), shown(true), 1);
      const later = told([...between, remove('active'), refused]).of(ipv4);
      expect(later.persistent?.claim).toEqual({ before: true, certainty: 'disputed' });
      const first = { persistent: { seen: null, claim: { before: false, certainty: 'unseen' } } } as const;
      expect(ownershipAfter(first, later).persistent?.claim).toEqual(doubted);
      const all = [remove('persistent'), refused, remove('active'), refused];
      expect(ownershipAfter(first, told(all).of(ipv4)).persistent?.claim).toEqual(ours);
    });
  });
});

test.each([
  { what: 'had its effect in the other store: it is not there already', after: shownActive(false), isOurs: true },
  { what: 'had no effect that is shown: it never came through', after: shownActive(true), isOurs: false },
])('an add that Windows refuses, after a lost delete that $what', ({ after, isOurs: isLeft }) => {
  const remove = planned(shownActive(true), { present: false });
  const refused = answered(after, after, 1);
  const claim = told([remove, lostAnswer, ended(after), planned(after), refused]).of(ipv4).persistent?.claim;
  expect(claim).toEqual(isLeft ? { before: true, certainty: 'open' } : null);
});

/** In force or not; nothing shows the permanent one. */
function shownActive(active: boolean): StepLook {
  const one = { active, persistent: 'not-shown' } as const;
  return { kind: 'exclusion', presence: { ipv4: one, ipv6: one } };
}

describe('what a rollback leaves of a change that a run made', () => {
  const first = { before: true, certainty: 'sure' } as const;

  test.each<{ what: string; certainty: Certainty; seen: boolean | null; isLeft: boolean }>([
    {
      what: 'its add was accepted, and the table still lacks the range',
      certainty: 'unseen',
      seen: false,
      isLeft: true,
    },
    { what: 'its add was accepted, and the table has the range', certainty: 'unseen', seen: true, isLeft: false },
    { what: 'its add was accepted, and nothing shows the table', certainty: 'unseen', seen: null, isLeft: false },
    { what: 'the same, unconfirmed', certainty: 'unconfirmed', seen: null, isLeft: false },
    { what: 'its add was seen to work', certainty: 'sure', seen: true, isLeft: false },
    {
      what: 'its add was lost, and the table behind it lacks the range',
      certainty: 'disputed',
      seen: false,
      isLeft: true,
    },
    { what: 'it came back, with its command or without', certainty: 'disputed', seen: true, isLeft: false },
  ])('$what: left is $isLeft', ({ certainty, seen, isLeft }) => {
    expect(claimAfterRun(first, { before: false, certainty }, seen)).toEqual(isLeft ? first : null);
  });

  test.each<{ what: string; certainty: Certainty; seen: boolean | null; isLeft: boolean }>([
    { what: 'was without an answer, and its range was as before', certainty: 'open', seen: false, isLeft: false },
    { what: 'was without an answer, and its range was there', certainty: 'open', seen: true, isLeft: true },
    { what: 'was without an answer, and the table was not shown', certainty: 'open', seen: null, isLeft: true },
    { what: 'was refused, and yet the range changed', certainty: 'disputed', seen: false, isLeft: true },
    { what: 'was accepted, and nothing showed its effect', certainty: 'unseen', seen: false, isLeft: true },
  ])('that it only looked at: the command $what: left is $isLeft', ({ certainty, seen, isLeft }) => {
    const claim = { before: false, certainty };
    const left = ownershipAfter({ active: { seen: null, claim } }, { active: { seen, claim: null } });
    expect(left.active?.claim).toEqual(isLeft ? claim : null);
    // A service may still be on its way.
    const stopped = { up: { seen: null, claim: { before: true, certainty } } };
    expect(ownershipAfter(stopped, { up: { seen: true, claim: null } })).toEqual({
      up: { seen: true, claim: stopped.up.claim },
    });
    // What the run saw of it before its command says nothing.
    expect(ownershipAfter({ active: { seen: false, claim } }, {}).active?.claim).toEqual(claim);
  });
});

test('what a rollback changed for sure it had not changed before, with a command whose answer was lost', () => {
  const sure = { before: true, certainty: 'sure' } as const;
  expect(claimAfterRun({ before: true, certainty: 'disputed' }, sure, false)).toEqual(sure);
});

describe('a verdict that all is as desired', () => {
  const verified = (verdict: 'changed' | 'in-doubt'): RunEvent => {
    return { at, type: 'host-finished', host: 'ex01', verdict, detail: '', failure: null, findings: [] };
  };
  const shownNot: StepLook = {
    kind: 'exclusion',
    presence: { ipv4: { active: false, persistent: 'not-shown' }, ipv6: null },
  };

  test('tells what became of a command without an answer', () => {
    const left = told([planned(look(none)), verified('changed')]).of(ipv4);
    expect(left.active).toEqual({ seen: true, claim: { before: false, certainty: 'sure' } });
    expect(isAsLeft({ active: false, persistent: true }, left)).toBe(false);
    expect(isAsLeft(both, left)).toBe(true);
  });

  test('is none when it is another verdict, and tells nothing of what was never shown', () => {
    const open = { before: false, certainty: 'open' };
    expect(told([planned(look(none)), verified('in-doubt')]).of(ipv4).active).toEqual({ seen: false, claim: open });
    expect(told([planned(shownNot), verified('changed')]).of(ipv4).persistent).toEqual({ seen: null, claim: open });
  });
});

describe('a look long after the run', () => {
  test.each<{ certainty: Certainty; seen: boolean | null; shown: boolean | null; after: Certainty }>([
    { certainty: 'unseen', seen: false, shown: true, after: 'disputed' },
    { certainty: 'unconfirmed', seen: false, shown: true, after: 'disputed' },
    { certainty: 'unseen', seen: false, shown: false, after: 'unseen' },
    { certainty: 'unseen', seen: null, shown: true, after: 'unseen' },
    { certainty: 'unseen', seen: false, shown: null, after: 'unseen' },
    { certainty: 'sure', seen: true, shown: true, after: 'sure' },
    { certainty: 'open', seen: false, shown: true, after: 'open' },
  ])('at what is $certainty, last seen $seen, and shown $shown', ({ certainty, seen, shown, after }) => {
    const left = { persistent: { seen, claim: { before: false, certainty } } };
    expect(afterLook(left, { active: null, persistent: shown })).toEqual({
      persistent: { seen, claim: { before: false, certainty: after } },
    });
  });

  test.each<{ certainty: Certainty; shown: boolean | null; isMade: boolean }>([
    { certainty: 'open', shown: true, isMade: true },
    { certainty: 'open', shown: false, isMade: false },
    { certainty: 'open', shown: null, isMade: false },
    { certainty: 'disputed', shown: true, isMade: false },
  ])('of a later run, before it began: what is $certainty, and shown $shown', ({ certainty, shown, isMade }) => {
    const left: OwnedValue = { seen: false, claim: { before: false, certainty }, untold: true };
    const made: OwnedValue = { seen: true, claim: { before: false, certainty: 'sure' }, untold: true };
    const asked = { active: null, persistent: shown };
    expect(asShown({ persistent: left }, asked).persistent).toEqual(isMade ? made : left);
  });

  test.each<{ value: OwnedValue; shown: boolean | null; isOwn: boolean }>([
    { value: { seen: null, claim: null, unlit: true }, shown: true, isOwn: true },
    { value: { seen: null, claim: null, unlit: true }, shown: false, isOwn: false },
    { value: { seen: null, claim: null, unlit: true }, shown: null, isOwn: false },
    { value: { seen: null, claim: null }, shown: true, isOwn: false },
  ])('at a table that showed nothing: $value, shown $shown', ({ value, shown, isOwn }) => {
    const left = afterLook({ persistent: value }, { active: true, persistent: shown });
    const own: OwnedValue = { seen: null, claim: { before: false, certainty: 'open' } };
    expect(left).toEqual({ persistent: isOwn ? own : value });
  });
});

describe('a table that shows nothing, for the other family of a command without an answer', () => {
  const hidden = { active: false, persistent: 'not-shown' } as const;
  const look = (one: ShownPresence): StepLook => ({ kind: 'exclusion', presence: { ipv4: one, ipv6: one } });
  const add: RunEvent = {
    at,
    type: 'command-planned',
    host: 'ex01',
    step: 1,
    direction: 'do',
    line: 'netsh add',
    goal: { kind: 'exclusion', store: 'persistent', present: true },
    before: look(hidden),
  };
  const undo: RunEvent = {
    ...add,
    direction: 'undo',
    goal: { kind: 'exclusion', store: 'persistent', present: false },
    before: look({ active: false, persistent: true }),
  };
  const ended = (after: ShownPresence, before: ShownPresence): RunEvent => ({
    at,
    type: 'command-finished',
    host: 'ex01',
    step: 1,
    direction: 'do',
    exitCode: 0,
    text: '',
    state: null,
    before: look(before),
    after: look(after),
  });
  const of = (...events: readonly RunEvent[]): OwnedValue | undefined => {
    const ownership = createOwnership();
    for (const one of [hostStarted('ex01', [...steps]), ...events]) ownership.event(one);
    return ownership.of(ipv6).persistent;
  };

  test('is remembered until it shows its rows: they are the run’s, and gone once its command is undone', () => {
    expect(of(add)).toEqual({ seen: null, claim: null, unlit: true });
    expect(of(add, undo)).toMatchObject({ seen: true, claim: { before: false } });
    const undone = of(add, undo, ended(hidden, { active: false, persistent: true }));
    expect(undone).toEqual({ seen: false, claim: null });
  });

  test('is nothing to remember once the command was answered', () => {
    expect(of(add, ended(hidden, hidden))?.unlit).toBeUndefined();
  });
});
