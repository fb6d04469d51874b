// Every published word has words for a person, none of which another one has too; the order is from worst to best.
import { expect, test } from 'vitest';
import { verdicts } from '../../../src/model/outcome.ts';
import { standings, standingWords, verdictOrder, verdictWords } from '../../../src/report/view/human-words.ts';

test('each verdict stands once in the order of verdicts, and each standing once in its own', () => {
  expect([...verdictOrder].sort()).toEqual([...verdicts].sort());
  expect(new Set(standings).size).toBe(standings.length);
});

test.each(['apply', 'rollback'] as const)('no two verdicts of %s read the same', (kind) => {
  expect(new Set(verdicts.map((one) => verdictWords(one, kind))).size).toBe(verdicts.length);
});

test('a rollback that failed never reads as rolled back', () => {
  for (const verdict of ['failed-rolled-back', 'failed-partial'] as const) {
    expect(verdictWords(verdict, 'rollback').toLowerCase()).toMatch(/^rollback failed/);
  }
});

test('what needs a person at once is in capitals in the summary only', () => {
  expect(verdictWords('in-doubt', 'apply')).toBe('IN DOUBT');
  expect(standingWords('in-doubt', 'apply')).toBe('in doubt');
});
