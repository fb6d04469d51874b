// I/O: a nameless temporary file for what is asked of thousands of hosts before it is printed as one document: texts go to the disk as
// they come and are read back in the order they belong. It is readable by its owner only, and gone when the process ends; on Windows, where
// an open file can't be removed, a process that is killed leaves it behind.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';

/** Where a text lies. */
export interface SpooledText {
  readonly at: number;
  readonly bytes: number;
}

export interface Spool {
  /** Throws Failure `usage/invalid` when the disk is full. */
  put(text: string): SpooledText;
  read(where: SpooledText): string;
  dispose(): void;
}

/** Throws Failure `usage/invalid` when the folder for temporary files can't be written. */
export function createSpool(): Spool {
  const folder = writing(() => mkdtempSync(join(tmpdir(), 'fencepost-')));
  const file = writing(() => openSync(join(folder, 'spool'), 'wx+', 0o600));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  if (process.platform !== 'win32') remove();
  let end = 0;
  return {
    put(text) {
      const bytes = Buffer.from(text, 'utf8');
      const where = { at: end, bytes: bytes.length };
      for (let done = 0; done < bytes.length;) {
        done += writing(() => writeSync(file, bytes, done, bytes.length - done, end + done));
      }
      end += bytes.length;
      return where;
    },
    read({ at, bytes }) {
      const buffer = Buffer.alloc(bytes);
      for (let done = 0; done < bytes;) {
        const count = readSync(file, buffer, done, bytes - done, at + done);
        if (count === 0) throw new Error('the spool is shorter than what was put in it');
        done += count;
      }
      return buffer.toString('utf8');
    },
    dispose() {
      closeSync(file);
      if (process.platform === 'win32') remove();
    },
  };
}

function writing<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = readErrnoCode(cause) ?? 'unknown';
    throw new Failure('usage/invalid', `nothing can be written to this folder for temporary files (${code})`, {
      where: tmpdir(),
      hint: 'make room there, or name another folder in the environment: TMPDIR (on Windows TEMP)',
      cause,
    });
  }
}
