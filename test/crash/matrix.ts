// Which points of a matrix are tried: all of them by hand (FENCEPOST_TESTS=all), a few in the suite, always the same.
import { amount } from '../support/amount.ts';

export const isFull = amount({ share: false, ci: false, all: true });

export const patienceMs = isFull ? 7_200_000 : 90_000;

/** Far beyond the last point of any row: who walks a row stops where the process lived. */
const beyond = 200;

/**
 * Rows and the points of each, rising. In the suite one row with one point between `first` and `last`, chosen by `name`, so that tests
 * with other names try other ones.
 */
export function pointsOf<R>(
  rows: readonly R[],
  name: string,
  first: number,
  last: number,
): readonly { readonly row: R; readonly points: readonly number[] }[] {
  if (isFull) {
    const points = Array.from({ length: beyond }, (_, index) => first + index);
    return rows.map((row) => ({ row, points }));
  }
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003;
  const row = rows[hash % rows.length];
  return row === undefined ? [] : [{ row, points: [first + (hash % (last - first + 1))] }];
}
