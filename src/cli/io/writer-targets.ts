// I/O: what an ordered writer can write to: a file that is appended to, or a stream of the process. Neither ever blocks the process, a
// named pipe without a reader included.
import { constants, close, openSync, write } from 'node:fs';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import { describeLoss } from './safe-stream.ts';
import type { WriterTarget } from './ordered-writer.ts';

/** Throws Failure `usage/invalid` when the file can't be opened. `option` is the flag that names it. */
export function openFileTarget(file: string, option: string): WriterTarget {
  const fd = openToAppend(file, option);
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        write(fd, bytes, (error, taken) => {
          if (error === null) resolve(taken);
          else if (readErrnoCode(error) === 'EAGAIN') resolve(0);
          else reject(error);
        });
      }),
    close: () => promisify(close)(fd),
  };
}

function openToAppend(file: string, option: string): number {
  // A named pipe without a reader is refused at once instead of waited for. Windows has no such flag.
  const nonBlocking = (constants.O_NONBLOCK as number | undefined) ?? 0;
  try {
    return openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | nonBlocking, 0o600);
  } catch (thrown) {
    const reason = readErrnoCode(thrown) === 'ENXIO' ? 'it is a named pipe without a reader' : describeLoss(thrown);
    throw new Failure('usage/invalid', `${option}: the file can't be written: ${reason}`, {
      where: file,
      cause: thrown,
    });
  }
}

/** The stream's end is not this writer's to decide. */
export function streamTarget(stream: Writable): WriterTarget {
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => {
          if (error === null || error === undefined) resolve(bytes.length);
          else reject(error);
        });
      }),
    close: () => Promise.resolve(),
  };
}
