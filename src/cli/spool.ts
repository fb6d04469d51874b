// I/O: a nameless temporary file for what is asked of thousands of hosts before it is printed as one document: texts go to the disk as
// they come and are read back in the order they belong. It is readable by its owner only and gone when the process ends.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a text lies. */
export interface Spooled {
  readonly at: number;
  readonly bytes: number;
}

export interface Spool {
  put(text: string): Spooled;
  read(where: Spooled): string;
  dispose(): void;
}

/** Throws what node:fs throws when the folder for temporary files can't be written. */
export function createSpool(): Spool {
  const folder = mkdtempSync(join(tmpdir(), 'fencepost-'));
  const file = openSync(join(folder, 'spool'), 'wx+', 0o600);
  // Windows keeps an open file from being removed: there it goes in `dispose`.
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  if (process.platform !== 'win32') remove();
  let end = 0;
  return {
    put(text) {
      const bytes = Buffer.from(text, 'utf8');
      const where = { at: end, bytes: bytes.length };
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, end + done);
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
