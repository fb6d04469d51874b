// Host patterns against names: the work stays small whatever the pattern is. JavaScript's own engine takes years over some of these.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGlob } from '../../src/inventory/glob.ts';
import { compileNameRegex } from '../../src/inventory/name-regex.ts';
import { parsePattern, readPatternLines } from '../../src/inventory/pattern.ts';
import { expectBounded } from '../support/expect-bounded.ts';

const longName = `${'a'.repeat(20_000)}!`;

function matchesPattern(pattern: string, name: string): boolean {
  const parsed = parsePattern(pattern);
  return parsed.fault === null ? parsed.parts.some((part) => part.matches(name)) : expect.fail(parsed.fault);
}

describe('a pattern is matched in bounded time', () => {
  test.each([
    ['~(a+)+$', false],
    ['~(a|a)*b', false],
    ['~(.*)*x{1,9}$', false],
    [`${'a*'.repeat(60)}c`, false],
    [`${'*a'.repeat(60)}*`, true],
    ['~(a*)*!', true],
  ])('%s', (pattern, expected) => {
    const started = performance.now();
    expect(matchesPattern(pattern, longName)).toBe(expected);
    // JavaScript's engine would not be back this year.
    expectBounded(started);
  });

  test('comments of an @file, however many blanks and signs it has', () => {
    const line = `ex01${' x#'.repeat(100_000)}\u2028`;
    expect(readPatternLines(`${line}\n# none\nex02 # two\n\nex03#not`)).toBe(`${line.trim()},ex02,ex03#not`);
  });
});

test.each([
  ['(?!ex03).*', 'uses what could take for ever to match: lookaround, a backreference or a large repetition'],
  ['(ex)\\1', 'uses what could take for ever to match: lookaround, a backreference or a large repetition'],
  ['((a{100}){100}){100}', 'uses what could take for ever to match: lookaround, a backreference or a large repetition'],
  ['(ab?){500}', 'is too large: it repeats too much'],
  ['[', 'is not a regular expression'],
  ['x'.repeat(1001), 'is longer than 1000 characters'],
])('~%s is refused', (source, fault) => {
  expect(compileNameRegex(source)).toEqual({ fault });
});

test.each([
  ['ex\\d{1,2}', 'ex01.corp', true],
  ['x', 'ex01', false],
  ['(?i)EX', 'ex01', true],
  ['ex(01|12)$', 'ex12', true],
  ['ex.', 'ex\n', true],
  ['(?P<n>ex)', 'ex01', true],
])('~%s on %j', (source, name, expected) => {
  const matches = compileNameRegex(source);
  expect(typeof matches === 'function' ? matches(name) : matches).toBe(expected);
});

describe('a glob', () => {
  test.each([
    ['ex0?', 'ex01', true],
    ['ex0?', 'ex0', false],
    ['ex*1', 'ex1', true],
    ['ex*1', 'ex1112', false],
    ['*', '', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[!]x', '!x', true],
    ['[a-]', '-', true],
    ['[^a]', '^', true],
    ['a[b', 'a[b', true],
    ['a.*', 'axb', false],
  ])('%s on %j', (glob, name, expected) => {
    expect(compileGlob(glob)?.(name)).toBe(expected);
  });

  test('without anything wild, or with a set that runs backwards, is a name', () => {
    expect(['ex01', 'ex[z-a]'].map((glob) => compileGlob(glob))).toEqual([null, null]);
  });

  test('says what the same regular expression says', () => {
    const signs = fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]', '.');
    const glob = fc.array(signs, { maxLength: 8 }).map((parts) => parts.join(''));
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.'), maxLength: 8 });
    const asRegex = (text: string): RegExp => {
      const source = text.replaceAll('.', '\\.').replaceAll('?', '.').replaceAll('*', '.*').replaceAll('[!', '[^');
      return new RegExp(`^${source}$`, 's');
    };
    fc.assert(
      fc.property(glob, name, (text, one) => {
        const matches = compileGlob(text);
        expect(matches === null ? one === text : matches(one)).toBe(asRegex(text).test(one));
      }),
    );
  });
});
