// Short texts one after the other -> fewer, longer ones: each that is written is a call to the system.

const enoughChars = 64 * 1024;

/** The same text in parts of about 64 K characters; a part that is longer stays one. Nothing is cut. */
export function* gathered(parts: Iterable<string>): Generator<string, void, undefined> {
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < enoughChars) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
