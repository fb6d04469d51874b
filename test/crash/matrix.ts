// Which points of a matrix are tried: all of them by hand (FENCEPOST_CRASH=full), a few in the suite, others for each row so that together
// they are spread over the whole.
export const isFull = process.env['FENCEPOST_CRASH'] === 'full';

/** Numbers from 1 to `most` in rising order. In the suite: one, told by the row's name, among the first `reach`. */
export function strideOf(row: string, most: number, reach = 30): readonly number[] {
  if (isFull) return Array.from({ length: most }, (_, index) => index + 1);
  let hash = 7;
  for (const letter of row) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003;
  return [1 + (hash % reach)];
}
