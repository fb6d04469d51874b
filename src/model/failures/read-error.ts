// Why a file could not be read, in words for a message. It never repeats the system's own message, which names paths a second time.
import { readErrnoCode } from './errno-code.ts';

/** A file that was not read to its end: at a limit, or because nothing came. Its message is one for the operator. */
export class InputRefused extends Error {}

export function describeReadError(cause: unknown): string {
  if (cause instanceof InputRefused) return cause.message;
  const code = readErrnoCode(cause);
  switch (code) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'access denied';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return code === null ? 'reading failed' : `reading failed (${code})`;
  }
}
