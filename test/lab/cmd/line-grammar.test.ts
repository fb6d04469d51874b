// cmd's grammar: what belongs together, what is quoted, what is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/lab/cmd/line-grammar.ts';
import type { CommandNode } from '../../../src/lab/cmd/line-grammar.ts';

const signs = { each: '&', either: '||', both: '&&', pipe: '|' } as const;

/** The tree in brackets, redirections behind a command. */
function shape(node: CommandNode): string {
  switch (node.kind) {
    case 'simple':
      return [node.text.trim(), ...node.redirects.map(({ from, to }) => `${from}>${to}`)].join(' ');
    case 'group':
      return `(${shape(node.body)})${node.redirects.map(({ from, to }) => ` ${from}>${to}`).join('')}`;
    case 'if': {
      const { condition, body, otherwise } = node;
      const test = condition.kind === 'defined' ? condition.name : `${condition.left}=${condition.right}`;
      return `if ${condition.isNot ? 'not ' : ''}${test} {${shape(body)}}${otherwise === null ? '' : ` else {${shape(otherwise)}}`}`;
    }
    case 'for':
      return `for ${node.variable} of ${node.values.join(',')} {${shape(node.body)}}`;
    default:
      return `[${node.parts.map(shape).join(` ${signs[node.kind]} `)}]`;
  }
}

function shapeOf(line: string): string {
  const parsed = parseCommandLine(line);
  return parsed.ok ? shape(parsed.node) : `unexpected ${parsed.unexpected}`;
}

describe('parseCommandLine', () => {
  it.each([
    ['ver', 'ver'],
    ['a & b && c || d | e', '[a & [[b && c] || [d | e]]]'],
    ['a &', 'a'],
    ['(a & b) && c', '[([a & b]) && c]'],
    ['(a) > x', '(a) 1>x'],
    ['(a)& b', '[(a) & b]'],
    ['((a))', '((a))'],
    ['echo "a & b" & c', '[echo "a & b" & c]'],
    ['echo a^&b', 'echo a&b'],
    ['echo "a^&b"', 'echo "a^&b"'],
    ['a >nul 2>&1', 'a  1>nul 2>1'],
    ['a 2>nul', 'a 2>nul'],
    ['a2>nul', 'a2 1>nul'],
    ['a >>"my file"', 'a 1>my file'],
    ['a <nul', 'a 0>nul'],
    ['echo a)', 'echo a)'],
    ['(echo a)', '(echo a)'],
    ['@echo a', 'echo a'],
    ['a\nb', 'a'],
    ['findstr /c:":9933 " /c:":0 "', 'findstr /c:":9933 " /c:":0 "'],
    // The quotes of /c: leave the middle bare, but the signs stay inside quotes: that is how the collector's line survives.
    ['cmd /s /c "x | findstr /c:":9933 " /c:":0 " & y"', 'cmd /s /c "x | findstr /c:":9933 " /c:":0 " & y"'],
    ['& a', 'unexpected &'],
    ['a && ', 'unexpected &&'],
    ['a |', 'unexpected |'],
    ['(a', 'unexpected ('],
    ['(a) b', 'unexpected b'],
    ['a >', 'unexpected >'],
    // What follows an `if` or stands in a `for` reaches to the end of the line, or of the brackets around it.
    ['if defined x a & b', 'if x {[a & b]}'],
    ['(if not defined x a) & b', '[(if not x {a}) & b]'],
    ['if !n!==3 (a) else (b)', 'if !n!=3 {(a)} else {(b)}'],
    ['(if defined x if defined y (a & b))', '(if x {if y {([a & b])}})'],
    ['for /l %i in (1,2,5) do (a & b)', 'for i of 1,3,5 {([a & b])}'],
    ['(for /l %i in (1,1,2) do if defined x a || b)', '(for i of 1,2 {if x {[a || b]}})'],
    ['if defined x (a) & b', 'unexpected &'],
    ['for /l %i in (1,1,2) do (a) & b', 'unexpected &'],
  ])('%s', (line, expected) => {
    expect(shapeOf(line).replaceAll(/ +/g, ' ')).toBe(expected.replaceAll(/ +/g, ' '));
  });

  it('answers any text without throwing, ever so deep', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '&',
      '&&',
      '|',
      '||',
      '"',
      '^',
      '>',
      '<',
      '>nul',
      '2>&1',
      'echo a',
      ' ',
      '%',
      '!',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const parsed = parseCommandLine(pieces.join(''));
        // A refusal names what was unexpected; a tree never has a joint with less than two parts.
        if (!parsed.ok) expect(parsed.unexpected).not.toBe('');
        else if ('parts' in parsed.node) expect(parsed.node.parts.length).toBeGreaterThan(1);
      }),
    );
    expect(shapeOf('('.repeat(8000))).toBe('unexpected (');
    expect(shapeOf('a&'.repeat(4000))).toMatch(/^\[a & a/);
  });
});
