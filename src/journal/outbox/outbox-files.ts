// I/O: the few things that the outbox does with its folder in the state directory. A file is there whole or not at all, its name is given
// once, and when a call resolves the disk has it. What the files mean is outbox.ts.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../../files/make-directory.ts';
import { renameFile } from '../../files/rename-file.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';

export interface OutboxFiles {
  /** For messages. */
  readonly folder: string;
  /** Names; none when there is no folder. */
  list(): Promise<readonly string[]>;
  /** Null: there is none. Rejects when it can't be read now. */
  read(name: string): Promise<string | null>;
  /** False: there is one of this name. */
  create(name: string, text: string): Promise<boolean>;
  /** One that is not there is no error. */
  remove(name: string): Promise<void>;
  /** False: it is not there (any more). */
  rename(from: string, to: string): Promise<boolean>;
  /** When it was written, in ms; null: there is none. */
  writtenMs(name: string): Promise<number | null>;
}

export function createOutboxFiles(stateDirectory: string): OutboxFiles {
  const folder = join(stateDirectory, 'outbox');
  const unless = async <T>(codes: readonly string[], work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (thrown) {
      if (codes.includes(readErrnoCode(thrown) ?? '')) return null;
      throw thrown;
    }
  };
  return {
    folder,
    list: async () => (await unless(['ENOENT'], () => readdir(folder))) ?? [],
    read: (name) => unless(['ENOENT'], () => readFile(join(folder, name), 'utf8')),
    async create(name, text) {
      await makeDirectory(folder, 0o700);
      const beside = join(folder, `${name}.${randomBytes(6).toString('hex')}.tmp`);
      try {
        await writeDurably(beside, text);
        const isNew = await unless(['EEXIST'], () => link(beside, join(folder, name)).then(() => true));
        await syncDirectory(folder);
        return isNew ?? false;
      } finally {
        await rm(beside, { force: true }).catch(() => undefined);
      }
    },
    async remove(name) {
      await rm(join(folder, name), { force: true });
    },
    rename: async (from, to) =>
      (await unless(['ENOENT'], () => renameFile(join(folder, from), join(folder, to)).then(() => true))) ?? false,
    writtenMs: (name) => unless(['ENOENT'], async () => (await stat(join(folder, name))).mtimeMs),
  };
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Windows has no directory fsync and needs none. */
async function syncDirectory(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
