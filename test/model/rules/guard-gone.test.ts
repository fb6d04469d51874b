// What a guard that is gone, and that nobody called off, leaves of a run's own: it may have run, and somebody else come behind it.
import { expect, test } from 'vitest';
import type { EventOf, GuardState, RunEvent, StepLook } from '../../../src/model/outcome.ts';
import type { Presence } from '../../../src/model/plan.ts';
import type { Certainty } from '../../../src/model/rules/claims.ts';
import { ownershipAfter } from '../../../src/model/rules/later/after-run.ts';
import { doubtAfterLook } from '../../../src/model/rules/later/guard-gone.ts';
import { createOwnership, type Ownership } from '../../../src/model/rules/ownership.ts';
import { at, exclusionStep, hostStarted } from '../../journal/events.ts';

const none: Presence = { active: false, persistent: false };
const both: Presence = { active: true, persistent: true };
const active: Presence = { active: true, persistent: false };
const persistent: Presence = { active: false, persistent: true };
const step = exclusionStep(1, 'ipv4');

const look = (one: Presence): StepLook => ({ kind: 'exclusion', presence: { ipv4: one, ipv6: null } });
const guard = (state: GuardState): EventOf<'guard'> => {
  return { at, type: 'guard', host: 'ex01', state, task: '\\Fencepost\\a-run', withinMs: 60_000, by: 'person' };
};
const about = { at, host: 'ex01', step: 1, direction: 'do' } as const;
const ended = (shown: Presence): RunEvent => {
  const told = { result: 'done', state: null, changedByOtherFamily: false, failure: null } as const;
  return { ...about, ...told, type: 'step-finished', look: look(shown) };
};

/** The run has reserved the range in both stores. */
function reserved(events: readonly RunEvent[]): Ownership {
  const ownership = createOwnership();
  const goal = { kind: 'exclusion', store: 'persistent', present: true } as const;
  const all: readonly RunEvent[] = [
    hostStarted('ex01', [step]),
    { ...about, type: 'command-planned', line: 'netsh', goal, before: look(none) },
    { ...about, type: 'command-finished', exitCode: 0, text: '', state: null, before: look(none), after: look(both) },
    ...events,
  ];
  for (const event of all) ownership.event(event);
  return ownership;
}

function certaintiesOf(ownership: Ownership): readonly (Certainty | null)[] {
  const { active: one, persistent: other } = ownership.of(step);
  return [one?.claim?.certainty ?? null, other?.claim?.certainty ?? null];
}

test.each<{ what: string; events: readonly RunEvent[]; own: readonly (Certainty | null)[] }>([
  { what: 'is in one store only', events: [guard('gone'), ended(active)], own: ['disputed', null] },
  { what: 'is in the other one only', events: [guard('gone'), ended(persistent)], own: [null, 'disputed'] },
  { what: 'is as the run left it', events: [guard('gone'), ended(both)], own: ['sure', 'sure'] },
  { what: 'is gone', events: [guard('gone'), ended(none)], own: [null, null] },
  { what: 'was looked at since', events: [guard('gone'), ended(both), ended(active)], own: ['sure', null] },
  { what: 'has a guard that was called off', events: [guard('called-off'), ended(active)], own: ['sure', null] },
])('a range that $what', ({ events, own }) => {
  expect(certaintiesOf(reserved(events))).toEqual(own);
});

test('the next life of the run knows it, and so does a look that no event tells of', () => {
  const left = reserved([guard('gone')]).of(step);
  const next = createOwnership([{ step, ownership: left }]);
  next.event(hostStarted('ex01', [step]));
  const asked = doubtAfterLook(next.of(step), active);
  expect(asked.active?.claim?.certainty).toBe('disputed');
  // A rollback that did not look at it has not changed that.
  expect(ownershipAfter(left, {})).toEqual(left);
  // Of a store that nothing shows, nothing is told.
  expect(doubtAfterLook(next.of(step), { active: true, persistent: null })).toEqual(next.of(step));
  next.event(ended(active));
  expect(certaintiesOf(next)).toEqual(['disputed', null]);
});
