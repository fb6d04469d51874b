// Somebody else's row in a store that a rollback leaves empty of its range: seen in time, and taken along by the delete.
import { expect, test } from 'vitest';
import type { Presence } from '../../../src/model/plan.ts';
import type { OwnedValue } from '../../../src/model/rules/claims.ts';
import { findOthersRows, findTakenAlong } from '../../../src/model/rules/later/others-rows.ts';

const none: Presence = { active: false, persistent: false };
const both: Presence = { active: true, persistent: true };
const permanent: Presence = { active: false, persistent: true };
const released = { before: permanent, after: none };
const gone: OwnedValue = { seen: false, claim: { before: true, certainty: 'sure' } };

test('a row in the other store that no command of the rollback has made is somebody else’s', () => {
  expect(findOthersRows(released, both, {})).toEqual(['active']);
  expect(findOthersRows(released, permanent, {})).toEqual([]);
  // The rollback's own: a command for the other family, without an answer.
  const own: OwnedValue = { seen: null, claim: { before: false, certainty: 'open' } };
  expect(findOthersRows(released, both, { active: own })).toEqual([]);
  // What the step is about is in no danger from it.
  expect(findOthersRows({ before: both, after: none }, both, {})).toEqual([]);
});

test('a row that was there right before a delete of the rollback and is gone behind it was taken along', () => {
  expect(findTakenAlong(released, { active: gone, persistent: gone })).toEqual(['active']);
  expect(findTakenAlong({ before: both, after: none }, { active: gone, persistent: gone })).toEqual([]);
  expect(findTakenAlong(released, { active: { ...gone, seen: true }, persistent: gone })).toEqual([]);
  const disputed: OwnedValue = { seen: false, claim: { before: true, certainty: 'disputed' } };
  expect(findTakenAlong(released, { active: disputed, persistent: gone })).toEqual([]);
});
