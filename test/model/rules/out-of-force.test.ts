// What goes out of force without a command of the run, whose permanent half the run has deleted.
import { expect, test } from 'vitest';
import type { RunEvent, StepLook } from '../../../src/model/outcome.ts';
import type { Presence } from '../../../src/model/plan.ts';
import type { OwnedValue } from '../../../src/model/rules/claims.ts';
import { afterLook, ownershipAfter } from '../../../src/model/rules/later/after-run.ts';
import { createOwnership } from '../../../src/model/rules/ownership.ts';
import { at, exclusionStep, hostStarted } from '../../journal/events.ts';

const none: Presence = { active: false, persistent: false };
const both: Presence = { active: true, persistent: true };
const inForce: Presence = { active: true, persistent: false };
const permanent: Presence = { active: false, persistent: true };
const step = exclusionStep(1, 'ipv4');
const about = { at, host: 'ex01', step: 1, direction: 'do' } as const;
const disputed = { before: true, certainty: 'disputed' } as const;

const look = (one: Presence): StepLook => ({ kind: 'exclusion', presence: { ipv4: one, ipv6: null } });
const sent = (store: 'active' | 'persistent', present: boolean, before: Presence, after: Presence): RunEvent[] => [
  {
    ...about,
    type: 'command-planned',
    line: 'netsh',
    goal: { kind: 'exclusion', store, present },
    before: look(before),
  },
  { ...about, type: 'command-finished', exitCode: 0, text: '', state: null, before: look(before), after: look(after) },
];
const seen = (shown: Presence): RunEvent => {
  const told = { result: 'done', state: null, changedByOtherFamily: false, failure: null } as const;
  return { ...about, ...told, type: 'step-finished', look: look(shown) };
};
function told(...events: readonly RunEvent[]) {
  const ownership = createOwnership();
  for (const event of [hostStarted('ex01', [step]), ...sent('persistent', false, both, inForce), ...events]) {
    ownership.event(event);
  }
  return ownership.of(step);
}

test('is disputed, by a look of the run and by one that no event tells of', () => {
  expect(told(seen(none)).active).toEqual({ seen: false, claim: disputed });
  expect(afterLook(told(), none).active).toEqual({ seen: false, claim: disputed });
  expect(afterLook(told(), { active: null, persistent: false })).toEqual(told());
  expect(afterLook(told(), inForce)).toEqual(told());
});

test('is disputed where a rollback saw it, whatever became of the permanent half', () => {
  const nobodys = (value: boolean): OwnedValue => ({ seen: value, claim: null });
  const later = {
    active: nobodys(false),
    persistent: { seen: true, claim: { before: false, certainty: 'sure' } },
  } as const;
  const left = ownershipAfter(told(), later);
  expect(left.active?.claim).toEqual(disputed);
  expect(left.persistent?.claim).toBeNull();
  expect(ownershipAfter(told(), { active: nobodys(true), persistent: nobodys(false) }).active?.claim).toBeNull();
});

test('is nobody’s where the run has not deleted the permanent half, and the run’s where its command took it out of force', () => {
  const untouched = createOwnership();
  for (const event of [hostStarted('ex01', [step]), seen(both), seen(permanent)]) untouched.event(event);
  expect(untouched.of(step).active).toEqual({ seen: false, claim: null });
  expect(told(...sent('active', false, inForce, none)).active?.claim).toEqual({ before: true, certainty: 'sure' });
});

test('stays disputed when a command of the undo puts it in force along, and when another takes it out again', () => {
  const add = sent('persistent', true, none, both);
  expect(told(seen(none), ...add).active?.claim).toEqual({ before: false, certainty: 'disputed' });
  const again = told(seen(none), ...add, ...sent('active', false, both, permanent));
  expect(again.active).toEqual({ seen: false, claim: disputed });
  expect(again.persistent?.claim).toBeNull();
});
