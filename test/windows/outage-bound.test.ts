// What is signed off as the longest outage is what the line may take.
import { expect, test } from 'vitest';
import { longestLineMs } from '../../src/model/rules/outage.ts';
import { outageBoundMs } from '../../src/windows/outage-line.ts';

test('the line of an outage takes no longer than is signed off', () => {
  expect(outageBoundMs).toBeLessThanOrEqual(longestLineMs);
});
