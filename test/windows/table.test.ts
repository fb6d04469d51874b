import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLabelledNumbers, readTable } from '../../src/windows/table.ts';
import { layoutArbitrary, rowArbitrary, wordsArbitrary, writeLines } from './written-table.ts';
import { anyCharacter } from '../support/any-character.ts';

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

  test('with one line damaged has no row fewer, or tells the line, or is a problem with its reason', () => {
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
        else expect(table.rows.length + (table.noise?.length ?? 0)).toBeGreaterThanOrEqual(rows.length);
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

  /** Lines as they were published around netsh's output, and any words. */
  const noiseArbitrary = fc.oneof(
    fc.constantFrom(
      'The following helper DLL cannot be loaded: WCNNETSH.DLL.',
      'Initialization Function InitHelperDll in NSHHTTP.DLL failed to start with error code 10107',
      'Error 126: the module could not be found (0x7e), 9933 9955',
      'In future versions of Windows, Microsoft might remove the Netsh functionality',
      'Visit http://go.microsoft.com/fwlink/?LinkId=217627 for additional information',
      '次のヘルパー DLL を読み込めません: NSHHTTP.DLL (126)。',
    ),
    wordsArbitrary.map((words) => `noise ${words}`),
  );

  test('reads the same with noise anywhere outside of rows, and tells it', () => {
    const noisyArbitrary = fc.array(
      fc.record({ at: fc.nat(), lines: fc.array(noiseArbitrary, { minLength: 1, maxLength: 4 }) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(tableArbitrary, noisyArbitrary, ({ rows, layout }, noisy) => {
        const { lines, rowsFrom } = writeLines(rows, layout);
        const text = [...lines];
        for (const { at, lines: noise } of noisy) text.splice(at % (text.length + 1), 0, ...noise);
        const table = readTable(text.join(layout.lineEnd));
        expect(table).toMatchObject({ rows });
        const told = 'noise' in table ? table.noise.length : 0;
        // Which of the lines above the dashes are the titles can't be known; how many are, can.
        expect(told).toBe(noisy.flatMap((one) => one.lines).length);
        expect(rowsFrom).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  test('reads the same below a notice with blank lines in it', () => {
    const notice =
      'The following helper DLL cannot be loaded: WCNNETSH.DLL.\n\nVisit http://x/?LinkId=217627 for more\n\n';
    expect(readTable(`${notice}${head} 90 99 *\n\n* - words\n\n${notice}`)).toMatchObject({
      rows: [{ firstPort: 90, lastPort: 99, starred: true }],
      noise: [{ number: 1 }, { number: 3 }, { number: 13 }, { number: 15 }],
    });
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
    [`${head}\n  80  81\n`, 'line 6: expected only a footnote after the rows'],
    [`${head}  80  81\n*\n`, 'line 6: expected two numbers'],
    [`${head}  80  81\n\n* - words\n 82 83\n`, 'line 8: expected nothing after the footnote'],
    [`${head}${head}`, 'line 8: expected one line of dashes'],
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
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        readTable(text);
        readLabelledNumbers(text);
      }),
    );
  });
});

describe('label : number lines', () => {
  test('read the same with noise around and between them, which is told', () => {
    const noise = 'Initialization Function InitHelperDll in NSHHTTP.DLL failed to start with error code 10107';
    const text = [noise, '', 'Title', '-----', noise, 'Start : 5', noise, 'Count : 6', '', noise].join('\r\n');
    expect(readLabelledNumbers(text)).toMatchObject({
      value: [5, 6],
      noise: [1, 5, 7, 10].map((number) => ({ number, text: noise })),
    });
  });

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
    ['-----\nStart : 5 6\n', 'line 2: expected a label'],
    ['-----\nStart 1 : 5\n', 'line 2: expected a label'],
    ['-----\n : 5\n', 'line 2: expected a label'],
    ['Start : 5\n-----\nStart : 5\n', 'line 1: expected the line of dashes'],
    ['-----\nStart : 5\n5\n', 'line 3: expected a label'],
  ])('%j is a problem', (text, problem) => {
    expect(readLabelledNumbers(text)).toMatchObject({ problem: expect.stringContaining(problem) as string });
  });
});
