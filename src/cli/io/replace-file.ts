// I/O: writes a file that is replaced each time, whole or not at all.
import { rename, rm, writeFile } from 'node:fs/promises';
import { Failure } from '../../model/failure.ts';

/** Replaces `file`. Throws Failure `usage/invalid` when it can't be written; a file that was there is still there then. */
export async function replaceFile(file: string, text: string | Iterable<string>): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(beside, text);
    await rename(beside, file);
  } catch (cause) {
    await rm(beside, { force: true });
    const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new Failure('usage/invalid', `the file can't be written${reason}`, {
      where: file,
      hint: 'name a file in a directory that exists and is yours to write',
      cause,
    });
  }
}
