import { describe, expect, test } from 'vitest';
import type { Issue } from '../../../src/model/failure.ts';
import { renderIssues } from '../../../src/report/text/issue-text.ts';
import type { Paint } from '../../../src/report/text/colour.ts';

const plain: Paint = (_, text) => text;
const issue = (line: number, column: number, message = 'wrong', file = 'f.yml'): Issue => ({
  file,
  line,
  column,
  message,
});
const lines =
  (...texts: readonly (string | null)[]) =>
  ({ line }: Issue): string | null =>
    texts[line - 1] ?? null;

describe('renderIssues', () => {
  test('several issues of one line share it, each with its caret', () => {
    const text = renderIssues(
      [issue(1, 4, 'one'), issue(1, 9, 'two'), issue(2, 1, 'three')],
      lines('a: {b: 1, c: 2}', 'x'),
      plain,
    );
    expect(text).toBe(`f.yml:1:4: one
f.yml:1:9: two
  1 | a: {b: 1, c: 2}
    |    ^    ^
f.yml:2:1: three
  2 | x
    | ^`);
  });

  test('the gutter is as wide as the number', () => {
    expect(renderIssues([issue(1234, 3)], () => 'abc', plain)).toBe('f.yml:1234:3: wrong\n  1234 | abc\n       |   ^');
  });

  test.each([
    ['a file as a whole', issue(0, 0), 'f.yml: wrong'],
    ['a line that may not be shown', issue(2, 1), 'f.yml:2:1: wrong'],
    ['a column that is not shown', issue(1, 40), 'f.yml:1:40: wrong'],
  ])('%s has its words alone', (_, one, text) => {
    expect(renderIssues([one], lines('a: 1', null), plain)).toBe(text);
  });

  test('one behind the end of a line is still marked', () => {
    expect(renderIssues([issue(1, 5)], lines('a: 1'), plain)).toMatch(/\n {4}\| {5}\^$/);
  });

  test('wide letters move the caret by two', () => {
    expect(renderIssues([issue(1, 4)], lines('漢字: x'), plain)).toMatch(/\n {4}\| {6}\^$/);
  });

  test('an endless line is cut around its fault', () => {
    const line = `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`;
    const [, shown = '', carets = ''] = renderIssues([issue(1, 5001)], lines(line), plain).split('\n');
    expect(shown.length).toBeLessThanOrEqual(106);
    expect(shown.indexOf('HERE')).toBe(carets.indexOf('^'));
  });

  test('the same line of two files is two lines', () => {
    const text = renderIssues([issue(1, 1), issue(1, 1, 'wrong', 'g.yml')], () => 'abc', plain);
    expect(text.match(/abc/g)).toHaveLength(2);
  });

  test('paints place, gutter and carets, and nothing of the words', () => {
    const paint: Paint = (as, text) => `<${as}>${text}</${as}>`;
    expect(renderIssues([issue(1, 2)], lines('ab'), paint)).toBe(
      '<strong>f.yml:1:2:</strong> wrong\n  <quiet>1 |</quiet> ab\n  <quiet>  |</quiet> <bad> ^</bad>',
    );
  });
});
