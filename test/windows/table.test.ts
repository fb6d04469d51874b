import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLabelledNumbers, readTable } from '../../src/windows/table.ts';
import { layoutArbitrary, rowArbitrary, wordsArbitrary, writeLines } from './written-table.ts';

const tableArbitrary = fc.record({ rows: fc.array(rowArbitrary, { maxLength: 12 }), layout: layoutArbitrary });

describe('an exclusion table', () => {
  test('written in any words of any script is read back', () => {
    fc.assert(
      fc.property(tableArbitrary, ({ rows, layout }) => {
        expect(readTable(writeLines(rows, layout).lines.join(layout.lineEnd))).toEqual({ rows });
      }),
      { numRuns: 500 },
    );
  });

  /** Puts one character in, takes one out, or replaces one; or replaces the whole line by words or by anything else. */
  const damageArbitrary = fc.oneof(
    fc.record({
      kind: fc.constant('insert' as const),
      at: fc.nat(40),
      text: fc.constantFrom('x', '7', '*', '-', ' ', 'é', '٣'),
    }),
    fc.record({ kind: fc.constant('delete' as const), at: fc.nat(40), text: fc.constant('') }),
    fc.record({
      kind: fc.constant('replace' as const),
      at: fc.nat(40),
      text: fc.constantFrom('x', '0', '*', '-', '\uFFFD'),
    }),
    fc.record({
      kind: fc.constant('line' as const),
      at: fc.constant(0),
      text: fc.oneof(
        wordsArbitrary,
        fc.string({ minLength: 1 }),
        fc.constantFrom('5 6', '7', '* word', '---- ----', '*'),
      ),
    }),
  );

  function damaged(line: string, { kind, at, text }: { kind: string; at: number; text: string }): string {
    if (kind === 'line') return text;
    const place = Math.min(at, Math.max(0, line.length - (kind === 'insert' ? 0 : 1)));
    return line.slice(0, place) + text + line.slice(kind === 'insert' ? place : place + 1);
  }

  test('with one line damaged has no row fewer, or is a problem with its reason', () => {
    fc.assert(
      fc.property(tableArbitrary, fc.nat(), damageArbitrary, ({ rows, layout }, pick, damage) => {
        const lines = [...writeLines(rows, layout).lines];
        const at = pick % lines.length;
        const line = damaged(lines[at] ?? '', damage);
        // A line wiped blank is the next test; a damage that splits a line in two is two damaged lines.
        fc.pre(line.trim() !== '' && !/[\r\n]/.test(line));
        lines[at] = line;
        const table = readTable(lines.join(layout.lineEnd));
        if ('problem' in table) expect(table.problem).toMatch(/^line \d+: expected|^there is no line of dashes/);
        else expect(table.rows.length).toBeGreaterThanOrEqual(rows.length);
      }),
      { numRuns: 3000 },
    );
  });

  test('with one row cut out of the middle of a line, or a number spoilt, is a problem', () => {
    fc.assert(
      fc.property(
        fc.array(rowArbitrary, { minLength: 1, maxLength: 8 }),
        layoutArbitrary,
        fc.nat(),
        fc.constantFrom(
          '9933',
          '9933 x',
          'x 9933',
          '9933 9955 **',
          '9933 9955 9966',
          '9933-9955',
          '99 33 99 55',
          '9,933 9,955',
          '٩٩٣٣ ٩٩٥٥',
        ),
        (rows, layout, pick, spoilt) => {
          const { lines, rowsFrom } = writeLines(rows, layout);
          const text = lines.with(rowsFrom + (pick % rows.length), spoilt).join(layout.lineEnd);
          expect(readTable(text)).toHaveProperty('problem');
        },
      ),
    );
  });

  test('with any row but the last wiped blank is a problem', () => {
    fc.assert(
      fc.property(
        fc.array(rowArbitrary, { minLength: 2, maxLength: 8 }),
        layoutArbitrary,
        fc.nat(),
        (rows, layout, pick) => {
          const { lines, rowsFrom } = writeLines(rows, layout);
          const text = lines.with(rowsFrom + (pick % (rows.length - 1)), '      ').join(layout.lineEnd);
          expect(readTable(text)).toHaveProperty('problem');
        },
      ),
    );
  });

  const head = 'Title\n\nStart    End\n----------    --------\n';
  test.each([
    ['', 'there is no line of dashes'],
    ['\n \n', 'there is no line of dashes'],
    ['Some words only\n', 'there is no line of dashes'],
    ['Title\n----------\n 1 2\n', 'line 3: expected the line of dashes before the first number, got "1 2"'],
    ['  5357        5357\n', 'line 1: expected the line of dashes'],
    [`${head}  80\n`, 'line 5: expected two numbers'],
    [`${head}  80  81\n\n  82  83\n`, 'line 7: expected only a footnote after the rows'],
    [`${head}  80  81\nwords\n`, 'line 6: expected two numbers'],
    [`${head}  80  81\n\n* - words 82 83\n`, 'line 7: expected only a footnote'],
    [`${head}  80  81\n\n* - words\n* - words\n`, 'line 8: expected nothing after the footnote'],
    [`${head}  80  81\n\n* - words\n 82 83\n`, 'line 8: expected nothing after the footnote'],
    [`${head}${head}`, 'line 5: expected two numbers'],
    [`${head}  80  65536\n`, 'line 5: expected ports from 1 to 65535'],
    [`${head}  0  0\n`, 'line 5: expected ports from 1 to 65535'],
    [`${head}  81  80\n`, 'line 5: expected a last port that is not below the first'],
  ])('%j is no table', (text, problem) => {
    expect(readTable(text)).toMatchObject({ problem: expect.stringContaining(problem) as string });
  });

  test('keeps duplicates and overlaps, in the order printed', () => {
    expect(readTable(`${head} 90 99 *\n 80 95\n 90 99 *\n`)).toEqual({
      rows: [
        { firstPort: 90, lastPort: 99, starred: true },
        { firstPort: 80, lastPort: 95, starred: false },
        { firstPort: 90, lastPort: 99, starred: true },
      ],
    });
  });

  test('lets words in the title hold digits that belong to a word', () => {
    expect(readTable(`IPv4 tcp\n${head} 90 99\n`)).toHaveProperty('rows.length', 1);
  });

  test('reads any text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        readTable(text);
        readLabelledNumbers(text);
      }),
    );
  });
});

describe('label : number lines', () => {
  test('written with any labels are read back', () => {
    const label = wordsArbitrary.map((words) => `${words.replace(/[:：]/g, '')}x`);
    fc.assert(
      fc.property(wordsArbitrary, fc.array(fc.tuple(label, fc.nat(99999)), { maxLength: 4 }), (title, pairs) => {
        const lines = pairs.map(
          ([words, number], index) => `${words}${[' : ', ': ', '\u00A0: ', '：'][index] ?? ':'}${number}`,
        );
        const text = ['', title, '-'.repeat(33), ...lines, ''].join('\r\n');
        expect(readLabelledNumbers(text)).toEqual({ value: pairs.map(([, number]) => number) });
      }),
    );
  });

  test.each([
    ['Title\nStart : 5\n', 'line 2: expected the line of dashes'],
    ['Title\n', 'there is no line of dashes'],
    ['-----\nStart : \n', 'line 2: expected a label'],
    ['-----\nStart : 5 6\n', 'line 2: expected a label'],
    ['-----\nStart 1 : 5\n', 'line 2: expected a label'],
    ['-----\n : 5\n', 'line 2: expected a label'],
    ['-----\nStart : 5\nwords\n', 'line 3: expected a label'],
  ])('%j is a problem', (text, problem) => {
    expect(readLabelledNumbers(text)).toMatchObject({ problem: expect.stringContaining(problem) as string });
  });
});
