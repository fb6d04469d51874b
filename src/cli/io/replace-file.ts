// I/O: writes a file that is replaced each time, whole or not at all. What it says of servers is its owner's alone to read, whatever was
// there before: a link is replaced, not followed, and the mode of an earlier file is not kept.
import { randomBytes } from 'node:crypto';
import { open, rm, stat, writeFile } from 'node:fs/promises';
import { renameFile } from '../../files/rename-file.ts';
import { Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';

/**
 * Replaces `file`. Throws Failure `usage/invalid` when it can't be written, and what `lastCheck` throws, which is asked when all is written
 * and nothing replaced yet; a file that was there is still there then.
 */
export async function replaceFile(
  file: string,
  text: string | Uint8Array | Iterable<string>,
  mode = 0o600,
  lastCheck: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await refuseDevice(file);
  // Nobody can lay a link at a name that nobody can guess; and what is there already is not written into.
  const beside = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  let isWritten = false;
  try {
    const handle = await open(beside, 'wx', mode);
    try {
      await writeFile(handle, text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    isWritten = true;
    await lastCheck();
    await renameFile(beside, file);
  } catch (cause) {
    await rm(beside, { force: true });
    if (cause instanceof Failure) throw cause;
    const code = readErrnoCode(cause);
    const reason = code === null ? '' : ` (${code})`;
    throw new Failure('usage/invalid', `the file can't be written${reason}`, {
      where: file,
      // Windows replaces no file that another program has open for itself.
      hint:
        isWritten && process.platform === 'win32'
          ? 'close the program that has this file open, or name another one'
          : 'name a file in a directory that exists and is yours to write',
      cause,
    });
  }
}

/** /dev/null or a pipe would be gone afterwards, and a file in its place. */
async function refuseDevice(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null || found.isFile()) return;
  throw new Failure('usage/invalid', `this is ${found.isDirectory() ? 'a folder' : 'no plain file'}`, {
    where: file,
    hint: 'name a plain file; it is replaced',
  });
}
