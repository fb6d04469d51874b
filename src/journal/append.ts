// I/O: appends records to one open journal and flushes them to the disk. A record is acknowledged only after fdatasync; records that
// arrive meanwhile share the next flush.
import { randomBytes } from 'node:crypto';
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { Failure } from '../model/failure.ts';
import type { RunEvent } from '../model/outcome.ts';
import type { Journal } from '../model/world.ts';
import { writeRecord } from './record.ts';

export interface OpenJournal extends Journal {
  readonly file: string;
  close(): Promise<void>;
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (failure: Failure) => void;
}

/** Goes on after `count` records, the last of which has the digest `previous`. */
export function openJournal(file: string, handle: FileHandle, count: number, previous: string): OpenJournal {
  let sequence = count;
  let last = previous;
  let queue: Waiting[] = [];
  let flushing: Promise<void> | null = null;
  let broken: Failure | null = null;

  async function flush(): Promise<void> {
    // Not in the same turn: the caller has yet to note that a flush is under way.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        if (broken !== null) throw broken;
        await handle.appendFile(batch.map((one) => one.line).join(''));
        await handle.datasync();
        for (const one of batch) one.resolve();
      } catch (thrown) {
        broken ??= unwritable(file, thrown);
        for (const one of batch) one.reject(broken);
      }
    }
    flushing = null;
  }

  return {
    file,
    append(event: RunEvent) {
      return new Promise<void>((resolve, reject) => {
        const written = writeRecord(++sequence, last, event);
        last = written.digest;
        queue.push({ line: written.line, resolve, reject });
        flushing ??= flush();
      });
    },
    async close() {
      await flushing;
      await handle.close();
    },
  };
}

/** Kept beside the journal, for whoever wants to look. By bytes: the cut may have gone through the middle of a letter. */
export async function setTornTailAside(file: string, wholeBytes: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    const torn = Buffer.alloc(size - wholeBytes);
    await handle.read(torn, 0, torn.length, wholeBytes);
    await writeFile(`${file}.torn-${size}-${randomBytes(3).toString('hex')}`, torn, { flag: 'wx', mode: 0o600 });
    await handle.truncate(wholeBytes);
  } finally {
    await handle.close();
  }
}

export function unwritable(file: string, thrown: unknown): Failure {
  const reason =
    errorCode(thrown) === 'ENOSPC' ? 'the disk is full' : thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('journal/unwritable', `the journal can't be written: ${reason}`, {
    where: file,
    hint: 'make room or name another directory with --state-dir; no change is sent to a host while its way back is not on disk',
    cause: thrown,
  });
}

export function errorCode(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}
