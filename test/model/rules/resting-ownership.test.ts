// An ownership that rests and goes on tells what one that never rested tells, whatever happened on its host before and happens afterwards.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunEvent, StepLook } from '../../../src/model/outcome.ts';
import { createOwnership, wakeOwnership, type RestingOwnership } from '../../../src/model/rules/ownership.ts';
import { at } from '../../journal/events.ts';
import { someHostEvents, stepsOfHost } from '../../journal/some-host-events.ts';
import { amount } from '../../support/amount.ts';

/** Windows' word about a delete in a store that nothing shows is held back until the active row goes too. */
const hidden = { active: true, persistent: 'not-shown' } as const;
const look: StepLook = { kind: 'exclusion', presence: { ipv4: hidden, ipv6: hidden } };
const about = { at, host: 'ex01', step: 2, direction: 'do' } as const;
const hiddenCommand = (present: boolean): readonly RunEvent[] => [
  {
    ...about,
    type: 'command-planned',
    line: '',
    goal: { kind: 'exclusion', store: 'persistent', present },
    before: look,
  },
  { ...about, type: 'command-finished', exitCode: 0, text: '', state: null, before: look, after: look },
];

test('rests as data, and goes on as if it had not', () => {
  let rests = 0;
  let wordsHeld = 0;
  const anyEvents = someHostEvents('ex01');
  const withWord = fc
    .tuple(anyEvents, anyEvents)
    .map(([[first, ...others], later]) => [
      ...(first === undefined ? [] : [first]),
      ...hiddenCommand(true),
      ...hiddenCommand(false),
      ...others,
      ...later,
    ]);
  fc.assert(
    fc.property(fc.oneof(anyEvents, withWord), (events) => {
      const awake = createOwnership();
      let other = createOwnership();
      for (const event of events) {
        awake.event(event);
        other.event(event);
        const resting = other.rest();
        expect(resting).toEqual(awake.rest());
        if (resting === null) continue;
        rests += 1;
        wordsHeld += resting.words.length;
        other = wakeOwnership(JSON.parse(JSON.stringify(resting)) as RestingOwnership);
      }
      for (const step of stepsOfHost) {
        expect(other.of(step)).toEqual(awake.of(step));
        expect(other.ofLeft(step)).toEqual(awake.ofLeft(step));
      }
    }),
    { numRuns: amount({ share: 200, ci: 3000 }) },
  );
  // Which shows that there was something to bring along.
  expect([rests > 1000, wordsHeld > 0]).toEqual([true, true]);
});
