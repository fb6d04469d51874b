// I/O: a folder for files with secrets: made for its owner alone, or one that nobody else can put files into. It changes no mode of a
// folder that was there.
import { lstat } from 'node:fs/promises';
import { makeDirectory } from '../../../files/make-directory.ts';
import { Failure } from '../../../model/failure.ts';
import { describeReadError } from '../../../model/failures/read-error.ts';

/** Throws Failure `usage/invalid` for a link, for what others can write to, and for what can't be made. `option` is the flag that names it. */
export async function openPrivateFolder(folder: string, option: string): Promise<void> {
  const refuse = (reason: string, cause?: unknown): Failure =>
    new Failure('usage/invalid', `${option}: ${reason}`, {
      where: folder,
      hint: 'name a folder that does not exist yet; it is made for you alone',
      ...(cause === undefined ? {} : { cause }),
    });
  // Without a slash behind it: that would follow a link.
  const name = folder.replace(/(?<=.)[/\\]+$/, '');
  try {
    await makeDirectory(name, 0o700);
  } catch (cause) {
    throw refuse(`the folder can't be made: ${describeReadError(cause)}`, cause);
  }
  const found = await lstat(name);
  if (found.isSymbolicLink()) throw refuse('this is a link; the password is not written to where it leads');
  const me = process.getuid?.();
  if (me === undefined) return;
  if (found.uid !== me) throw refuse("this folder is another user's");
  if ((found.mode & 0o002) !== 0) throw refuse('everybody may write to this folder');
}
