// Tables on a terminal: no line is wider than it, and nothing of a cell is lost.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../../src/report/text/display-width.ts';
import { renderFittingTable, renderTable } from '../../../src/report/text/table.ts';

const word = fc.oneof(
  fc.stringMatching(/^[a-z0-9.]{1,24}$/),
  fc.constantFrom('交換サーバー', '한국어', 'é́', 'LAB\\operator'),
);
const cell = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '));
const table = fc
  .integer({ min: 1, max: 7 })
  .chain((columns) =>
    fc.tuple(
      fc.array(fc.stringMatching(/^[A-Z]{1,8}$/), { minLength: columns, maxLength: columns }),
      fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 4 }),
    ),
  )
  .map(([heads, rows]) => [heads, ...rows]);

describe('a table on a terminal', () => {
  test.each([40, 80])('of %d columns is never wider', (width) => {
    fc.assert(
      fc.property(table, (rows) => {
        for (const line of renderFittingTable(rows, width).split('\n')) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('loses no letter of a cell', () => {
    const letters = (text: string): string => Array.from(text.replaceAll(/\s/g, '')).sort().join('');
    fc.assert(
      fc.property(table, ([heads = [], ...rows]) => {
        // Heads stand once, or once for each row.
        const shown = letters(renderFittingTable([heads, ...rows], 40));
        const once = letters([...heads, ...rows.flat()].join(''));
        const each = letters([...rows.flatMap(() => heads), ...rows.flat()].join(''));
        expect([once, each]).toContain(shown);
      }),
      { numRuns: 40 },
    );
  });

  test('is as it was where it fits, and where there is no terminal', () => {
    fc.assert(
      fc.property(table, (rows) => {
        expect(renderFittingTable(rows, undefined)).toBe(renderTable(rows));
        expect(renderFittingTable(rows, 10_000)).toBe(renderTable(rows));
      }),
      { numRuns: 40 },
    );
  });

  test('breaks between words before it breaks a word, and never the name of a row', () => {
    const heads = ['RUN', 'STARTED', 'HOSTS'];
    const rows = [heads, ['20261127-170017-01460c', '2026-11-27T17:00:17Z', '2 blocked, 2 unreachable, 6 changed']];
    expect(renderFittingTable(rows, 60)).toBe(`RUN                     STARTED               HOSTS
20261127-170017-01460c  2026-11-27T17:00:17Z  2 blocked, 2
                                              unreachable, 6
                                              changed
`);
    // Behind hyphens where blanks are not enough, and anywhere only where these are not either.
    expect(renderFittingTable(rows, 50)).toMatch(/^20261127-170017-01460c  2026-11- +2 blocked, 2$/m);
    const one = [heads, ['20261127-170017-01460c', '2026-11-27T17:00:17Z', '2 failed-rolled-back']] as const;
    expect(renderFittingTable(one, 52)).toBe(`RUN                     STARTED       HOSTS
20261127-170017-01460c  2026-11-      2
                        27T17:00:17Z  failed-
                                      rolled-back
`);
    expect(renderFittingTable(rows, 46)).toMatch(/^20261127-170017-01460c  2026-11-/m);
  });

  test('breaks its widest columns, and is a list under its heads when that is not enough', () => {
    const rows = [
      ['HOST', 'ADDRESS', 'GROUPS'],
      ['ex01.corp.example', 'https://ex01.corp.example:5986/wsman', 'exchange london dag1'],
    ];
    expect(renderFittingTable(rows, 60)).toBe(`HOST               ADDRESS              GROUPS
ex01.corp.example  https://ex01.corp.e  exchange london dag1
                   xample:5986/wsman
`);
    expect(renderFittingTable(rows, 30)).toBe(`HOST     ex01.corp.example
ADDRESS  https://ex01.corp.exa
         mple:5986/wsman
GROUPS   exchange london dag1
`);
  });
});
