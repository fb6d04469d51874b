// The nearest known word to a mistyped one. It compares letters only and knows no language.

/**
 * The candidate that is fewest edits away (insert, delete, replace, swap two neighbours; case ignored), or null when none is
 * near: at most one edit for short words, a third of the length for longer ones.
 */
export function findNearest(word: string, candidates: Iterable<string>): string | null {
  const [best] = findAllNearest(word, candidates, 1);
  return best ?? null;
}

const longestWord = 100;

/** Like `nearest`, up to `limit` of them, the nearest first. */
export function findAllNearest(word: string, candidates: Iterable<string>, limit: number): readonly string[] {
  // Nobody mistypes a word of that length; comparing two of them takes the square of it.
  if (word.length > longestWord) return [];
  const furthest = Math.max(1, Math.floor(word.length / 3));
  const near: { readonly candidate: string; readonly edits: number }[] = [];
  for (const candidate of new Set(candidates)) {
    if (candidate === word || Math.abs(candidate.length - word.length) > furthest) continue;
    const edits = countEdits(word.toLowerCase(), candidate.toLowerCase());
    if (edits <= furthest) near.push({ candidate, edits });
  }
  return near
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, limit)
    .map((one) => one.candidate);
}

/** Optimal string alignment distance, row by row. */
function countEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(
        readCell(last, column) + 1,
        readCell(current, column - 1) + 1,
        readCell(last, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, readCell(beforeLast, column - 2) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return readCell(last, b.length);
}

function readCell(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
