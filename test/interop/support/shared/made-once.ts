// What several files of peers need and one makes: the files run beside each other, so the first one there makes it and the others wait.
// What is made lives in a folder of this run of the suite, which goes away after it (shared-folder.ts).
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inject } from 'vitest';

/** The folder that `make` filled: by this file or another, once. Nobody may change anything in it. */
export async function makeOnce(name: string, make: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(inject('sharedFolder'), name);
  return underLock(name, async () => {
    if (await isThere(folder)) return folder;
    const part = `${folder}.part`;
    await rm(part, { recursive: true, force: true });
    await mkdir(part);
    await make(part);
    await rename(part, folder);
    return folder;
  });
}

/** One file at a time: for what is kept in the repository from one run to the next. */
export async function underLock<T>(name: string, act: () => Promise<T>): Promise<T> {
  const lock = join(inject('sharedFolder'), `${name}.lock`);
  while (!(await take(lock))) await delay(100);
  try {
    return await act();
  } finally {
    await rm(lock, { recursive: true });
  }
}

function take(lock: string): Promise<boolean> {
  return mkdir(lock).then(
    () => true,
    (thrown: unknown) => {
      if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw thrown;
    },
  );
}

export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
