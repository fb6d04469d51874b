// I/O: a file that the operator names as text, part by part: a plan may be as large as a fleet.
import { readInputParts } from '../../files/read-input.ts';

/** `cannotRead` makes of the system's error what is thrown. */
export async function* readTextParts(
  file: string,
  cannotRead: (cause: unknown) => unknown = (cause) => cause,
): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  try {
    for await (const part of readInputParts(file)) yield decoder.decode(part, { stream: true });
  } catch (thrown) {
    throw cannotRead(thrown);
  }
  yield decoder.decode();
}
