// I/O: a file as text, part by part: a plan may be as large as a fleet.
import { createReadStream } from 'node:fs';

const partBytes = 256 * 1024;

/** `cannotRead` makes of the system's error what is thrown. */
export async function* readTextParts(
  file: string,
  cannotRead: (cause: unknown) => unknown = (cause) => cause,
): AsyncIterable<string> {
  try {
    for await (const part of createReadStream(file, { encoding: 'utf8', highWaterMark: partBytes })) {
      yield part as string;
    }
  } catch (thrown) {
    throw cannotRead(thrown);
  }
}
