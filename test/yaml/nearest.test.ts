import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findNearest, findAllNearest } from '../../src/yaml/nearest.ts';

test.each([
  ['prot', ['port', 'path', 'protocol'], 'port'],
  ['usernam', ['username', 'password'], 'username'],
  ['PORT', ['port'], 'port'],
  ['xy', ['port'], null],
  ['dag1', ['dag1', 'paris'], null],
  ['', ['a'], 'a'],
])('nearest to %j among %j is %j', (word, candidates, expected) => {
  expect(findNearest(word, candidates)).toBe(expected);
});

test('several, the nearest first', () => {
  expect(findAllNearest('ex0l.corp', ['ex11.corp', 'ex01.corp', 'mail.example', 'ey11.corp'], 2)).toEqual([
    'ex01.corp',
    'ex11.corp',
  ]);
});

test('one wrong letter in a word of three or more is always found', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{3,12}$/), fc.nat(), (word, at) => {
      const place = at % word.length;
      const wrong = `${word.slice(0, place)}#${word.slice(place + 1)}`;
      expect(findNearest(wrong, [word])).toBe(word);
    }),
  );
});
