// I/O: a run from another state becomes files of this one: written aside, flushed, then named in one step, so that it is there whole or not at
// all. And the other way: the bytes of a journal as they are. It proves nothing; workflows/state/copy-run.ts does.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDirectory } from '../files/make-directory.ts';
import { renameFile } from '../files/rename-file.ts';
import { Failure } from '../model/failure.ts';
import { unwritable } from './append.ts';
import { formatHead, headFile } from './head.ts';
import { findJournal } from './store.ts';
import type { RunCopy } from './state.ts';

export async function* readJournal(directory: string, run: string): AsyncGenerator<Buffer> {
  for await (const part of createReadStream(findJournal(directory, run))) yield part as Buffer;
}

export async function takeRun(directory: string, run: string, { plan, journal, head }: RunCopy): Promise<void> {
  const folder = dirname(findJournal(directory, run));
  const aside = join(directory, `taking-${randomBytes(6).toString('hex')}`);
  const file = join(aside, 'journal.ndjson');
  try {
    const isThere = await access(folder).then(
      () => true,
      () => false,
    );
    if (isThere) throw runThere(run, directory);
    await makeDirectory(aside, 0o700);
    await makeDirectory(dirname(folder), 0o700);
    await writeAll(join(aside, 'plan.json'), plan);
    await writeAll(file, journal);
    await writeAll(headFile(file), [formatHead(head)]);
    // Refused where a folder with anything in it has this name by now.
    await renameFile(aside, folder);
  } catch (thrown) {
    await rm(aside, { recursive: true, force: true });
    throw thrown instanceof Failure ? thrown : unwritable(folder, thrown);
  }
}

export function runThere(run: string, place: string): Failure {
  return new Failure('usage/invalid', `there is a run of this name in ${place}`, {
    where: run,
    hint: 'nothing was copied; compare the two: fencepost runs verify RUN',
  });
}

async function writeAll(
  file: string,
  parts: AsyncIterable<string | Buffer> | Iterable<string | Buffer>,
): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const part of parts) await handle.appendFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
