// An exclusion table as netsh might print it, for property tests: any frame words, any blanks. Written without the reader.
import fc from 'fast-check';

export interface WrittenRow {
  readonly firstPort: number;
  readonly lastPort: number;
  readonly starred: boolean;
}

export const rowArbitrary: fc.Arbitrary<WrittenRow> = fc
  .tuple(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 1, max: 65535 }), fc.boolean())
  .map(([a, b, starred]) => ({ firstPort: Math.min(a, b), lastPort: Math.max(a, b), starred }));

/** Words of any script, without digits and line ends. Never blank. */
export const wordsArbitrary: fc.Arbitrary<string> = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .map((text) => `w${text.replace(/[\p{N}\r\n\u2028\u2029]/gu, '')}`);

export interface Layout {
  readonly title: string;
  readonly columns: string;
  readonly footnote: string;
  readonly blank: ' ' | '\u00A0' | '\u202F';
  readonly lineEnd: '\n' | '\r\n' | '\r\r\n';
  readonly padded: boolean;
  readonly airy: boolean;
  readonly dashes: readonly [number, number];
}

export const layoutArbitrary: fc.Arbitrary<Layout> = fc.record({
  title: wordsArbitrary,
  columns: wordsArbitrary,
  footnote: wordsArbitrary.map((words) => `* - ${words}`),
  blank: fc.constantFrom(' ', '\u00A0', '\u202F'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r\r\n'),
  padded: fc.boolean(),
  airy: fc.boolean(),
  dashes: fc.tuple(fc.integer({ min: 8, max: 14 }), fc.integer({ min: 8, max: 12 })),
});

/** The lines of the table, without line ends. `rowsFrom` is the index of the first row. */
export function writeLines(
  rows: readonly WrittenRow[],
  layout: Layout,
): { readonly lines: readonly string[]; readonly rowsFrom: number } {
  const air = layout.airy ? [''] : [];
  const pad = layout.padded ? layout.blank.repeat(6) : '';
  const dashes = layout.dashes.map((length) => '-'.repeat(length)).join(layout.blank.repeat(4));
  const head = [...air, layout.title, ...air, layout.columns + pad, dashes + pad];
  const body = rows.map(({ firstPort, lastPort, starred }) => {
    const numbers = String(firstPort).padStart(10, layout.blank) + String(lastPort).padStart(12, layout.blank);
    return numbers + (starred ? `${layout.blank.repeat(5)}*` : pad);
  });
  return { lines: [...head, ...body, ...air, layout.footnote, ...air], rowsFrom: head.length };
}
