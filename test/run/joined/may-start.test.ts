// Whether one more host of a joined run may be started: whatever the counts, never beyond the budget, the concurrency of all runners, a runner's
// share of it, or the end.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JoinedStanding, RunnerShares } from '../../../src/model/joined-run.ts';
import { mayStart, refuseMore } from '../../../src/run/joined/may-start.ts';

const none = { hosts: 10, hasWaiting: true, busy: 0, failed: 0 };
const open: JoinedStanding & RunnerShares = {
  plan: 'd',
  batch: 1,
  isBatchFinished: false,
  stopping: null,
  isClosed: false,
  ofBatch: none,
  ofRun: none,
  runners: 1,
  own: 0,
};
const strategy = { concurrency: 2, maxFailed: { kind: 'count', hosts: 1 }, maxFailedTotal: null } as const;

test.each<[string, Partial<JoinedStanding & RunnerShares>, boolean]>([
  ['an open batch', {}, true],
  ['no batch is open', { batch: 0 }, false],
  ['the run is stopping', { stopping: 'interrupted' }, false],
  ['the run has ended', { isClosed: true }, false],
  ['as many are busy as may be', { ofRun: { ...none, busy: 2 } }, false],
  ['alone it may have all', { own: 1 }, true],
  ['of two it has its half', { runners: 2, own: 1 }, false],
  ['of two it has none yet', { runners: 2 }, true],
  ['of more than may be under way, one each', { runners: 5 }, true],
  ['the last of a batch is somebody’s', { runners: 2, ofBatch: { ...none, hosts: 1 } }, true],
  ['the budget is used up, not exceeded', { ofBatch: { ...none, failed: 1 } }, true],
  ['the budget is exceeded', { ofBatch: { ...none, failed: 2 } }, false],
])('%s', (_, differences, expected) => {
  expect(mayStart(strategy, { ...open, ...differences })).toBe(expected);
});

test('where no more are started because of failures, none is, whatever else is so', () => {
  const counts = fc.record({ hosts: fc.nat(50), hasWaiting: fc.boolean(), busy: fc.nat(5), failed: fc.nat(5) });
  fc.assert(
    fc.property(counts, counts, fc.nat(3), fc.option(fc.nat(3)), (ofBatch, ofRun, most, total) => {
      const tried = {
        concurrency: 3,
        maxFailed: { kind: 'count', hosts: most },
        maxFailedTotal: total === null ? null : ({ kind: 'count', hosts: total } as const),
      } as const;
      const standing = { ...open, ofBatch, ofRun };
      const isOver = ofBatch.failed > most || (total !== null && ofRun.failed > total);
      expect(refuseMore(tried, standing) !== null).toBe(isOver);
      expect(mayStart(tried, standing)).toBe(!isOver && ofRun.busy < 3);
    }),
  );
});
