// I/O: appends records to one open journal and flushes them to the disk. A record is acknowledged only after fdatasync; records that
// arrive meanwhile share the next flush.
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { Failure } from '../model/failure.ts';
import type { RunEvent } from '../model/outcome.ts';
import type { Journal } from '../model/seams.ts';
import { writeRecord } from './record.ts';
import { randomBytes } from 'node:crypto';
import type { ChainHead, OpenHead } from './head.ts';
import { readErrnoCode } from '../model/failures/errno-code.ts';

export interface OpenJournal extends Journal {
  /** Where it is, for messages. */
  readonly place: string;
  /** Of what is on disk. */
  readonly head: ChainHead;
  close(): Promise<void>;
}

interface Waiting {
  readonly line: string;
  readonly head: ChainHead;
  readonly resolve: () => void;
  readonly reject: (failure: Failure) => void;
}

/** The file of a journal, and that of its head, which says what it has come to. */
export interface JournalFiles {
  readonly file: string;
  readonly handle: FileHandle;
  readonly openHead: OpenHead;
}

/** Goes on after what `from` says. */
export function openJournal({ file, handle, openHead }: JournalFiles, from: ChainHead): OpenJournal {
  let sequence = from.records;
  let last = from.digest;
  let head = from;
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
        // Behind the flush: a crash here leaves the head one flush behind, never ahead.
        head = batch.at(-1)?.head ?? head;
        await openHead.write(head);
        for (const one of batch) one.resolve();
      } catch (thrown) {
        broken ??= unwritable(file, thrown);
        for (const one of batch) one.reject(broken);
      }
    }
    flushing = null;
  }

  return {
    place: file,
    get head() {
      return head;
    },
    append(event: RunEvent) {
      return new Promise<void>((resolve, reject) => {
        const written = writeRecord(++sequence, last, event);
        last = written.digest;
        queue.push({ line: written.line, head: { records: sequence, digest: last }, resolve, reject });
        flushing ??= flush();
      });
    },
    async close() {
      await flushing;
      await handle.close();
      await openHead.close();
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
    readErrnoCode(thrown) === 'ENOSPC' ? 'the disk is full' : thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('journal/unwritable', `the journal can't be written: ${reason}`, {
    where: file,
    hint: 'make room or name another directory with --state-dir; no change is sent before its inverse is on disk',
    cause: thrown,
  });
}
