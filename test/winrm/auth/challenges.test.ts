import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSchemes, readChallenges, findToken } from '../../../src/winrm/auth/challenges.ts';
import { expectBounded } from '../../support/expect-bounded.ts';

test.each([
  [[], 'none'],
  [['Negotiate'], 'Negotiate'],
  [['Negotiate', 'Kerberos', 'Basic realm="WSMAN"'], 'Negotiate, Kerberos, Basic'],
  [['Negotiate, Basic realm="a, b", Kerberos'], 'Negotiate, Basic, Kerberos'],
  [['Digest realm="x", qop="auth,auth-int", nonce="abc==", Basic realm="y"'], 'Digest, Basic'],
  [['Negotiate TlRMTVNTUAAC', 'Negotiate'], 'Negotiate'],
  [['', ' , ', '=?'], 'none'],
  [['Basic realm = "x", Kerberos'], 'Basic, Kerberos'],
  [['Basic realm="never closed, Negotiate'], 'Basic, Negotiate'],
  [['Basic realm="a \\" , b", Negotiate'], 'Basic, Negotiate'],
])('%j offers %s', (lines, schemes) => {
  expect(formatSchemes(readChallenges(lines))).toBe(schemes);
});

test('a token comes back whole, whatever stands around it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      const line = `Kerberos, negotiate ${Buffer.from(bytes).toString('base64')}, Basic realm="x"`;
      expect(findToken(readChallenges([line]), 'Negotiate')?.equals(bytes)).toBe(true);
    }),
  );
});

test('parameters are no token', () => {
  expect(findToken(readChallenges(['Basic realm="x"', 'Negotiate']), 'Basic')).toBeNull();
  expect(findToken(readChallenges(['Negotiate']), 'Negotiate')).toBeNull();
});

test.each([
  ['blanks', `Negotiate${' '.repeat(1_000_000)}x y`],
  ['quotes that nobody closes', `Basic "${'\\"'.repeat(500_000)}`],
  ['parameters', 'Digest a="b",'.repeat(100_000)],
])('a long line of %s costs no more than its length', (_, line) => {
  const started = performance.now();
  expect(readChallenges([line]).length).toBeGreaterThan(0);
  expectBounded(started);
});

test('never throws', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (lines) => {
      readChallenges(lines);
    }),
  );
});
