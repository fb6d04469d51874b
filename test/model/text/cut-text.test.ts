// Quoted text has an end, says what is left out, and no letter of it is cut in two.
import { expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import { cutText, longestQuote } from '../../../src/model/text/cut-text.ts';

test('what fits stays, what does not says how much is left out', () => {
  expect(cutText('x'.repeat(longestQuote))).toBe('x'.repeat(longestQuote));
  expect(cutText('x'.repeat(longestQuote + 7))).toBe(`${'x'.repeat(longestQuote)}... (7 more characters)`);
  expect(cutText('ab🙂cd', 3)).toBe('ab... (4 more characters)');
});

test('no failure is longer than a message may be, whoever wrote it', () => {
  const { message, hint } = new Failure('wire/fault', 'm'.repeat(1_000_000), { hint: 'h'.repeat(1_000_000) });
  expect([message.length, hint?.length]).toEqual([4000 + 28, 4000 + 28]);
});
