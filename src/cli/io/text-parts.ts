// I/O: a file that the operator names as text, part by part: a plan may be as large as a fleet.
import { readInputParts } from '../../files/read-input.ts';
import { Failure } from '../../model/failure.ts';
import { describeReadError } from '../../model/failures/read-error.ts';

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

/** A saved plan. Throws Failure `plan/unreadable` while it is read. */
export function readPlanParts(file: string): AsyncIterable<string> {
  return readTextParts(
    file,
    (cause) =>
      new Failure('plan/unreadable', `the plan can't be read: ${describeReadError(cause)}`, {
        where: file,
        hint: 'name a plan that was saved: fencepost plan --out FILE',
        cause,
      }),
  );
}
