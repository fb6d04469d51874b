// A list written piece by piece, for texts that are too long to be made as a whole.

/** The items with the separator between them. */
export function* separated(items: Iterable<string>, separator: string): Generator<string, void, undefined> {
  let isFirst = true;
  for (const item of items) {
    yield isFirst ? item : `${separator}${item}`;
    isFirst = false;
  }
}
