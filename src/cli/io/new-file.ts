// I/O: writes a file that must not replace another, whole or not at all. replace-file.ts writes the other kind.
import { open, rm, writeFile } from 'node:fs/promises';
import { Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';

export interface NewFileOptions {
  /** Default: for its owner alone. */
  readonly mode?: number;
  /** What to do when it can't be. */
  readonly hint: string;
}

/** On disk when this resolves. Throws Failure `usage/invalid` when the file exists, or can't be written; then nothing is left of it. */
export async function writeNewFile(file: string, text: Iterable<string>, options: NewFileOptions): Promise<void> {
  const { mode = 0o600, hint } = options;
  const handle = await open(file, 'wx', mode).catch((thrown: unknown) => {
    throw unwritable(file, thrown, hint);
  });
  try {
    await writeFile(handle, text);
    await handle.sync();
    await handle.close();
  } catch (thrown) {
    // Windows removes no open file. A second close is no error.
    await handle.close().catch(() => undefined);
    await rm(file, { force: true });
    throw unwritable(file, thrown, hint);
  }
}

function unwritable(file: string, cause: unknown, hint: string): Failure {
  const code = readErrnoCode(cause);
  const why = code === 'ENOSPC' ? ': the disk is full' : code === null ? '' : ` (${code})`;
  const message = code === 'EEXIST' ? 'the file exists already' : `the file can't be written${why}`;
  return new Failure('usage/invalid', message, { where: file, hint, cause });
}
