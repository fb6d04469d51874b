// I/O: the head of a journal's chain, kept in a small file of its own beside it: how many records there are and the last one's digest. A
// journal that was emptied or lost its end no longer reaches its head. It proves loss, not authorship: who can write one can write both,
// so the last digest is also printed when a run ends.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { readErrnoCode } from '../model/failures/errno-code.ts';

export interface ChainHead {
  readonly records: number;
  readonly digest: string;
}

export interface OpenHead {
  /** Call it after the records are on disk: a head is never ahead of its journal. */
  write(head: ChainHead): Promise<void>;
  /** The head is on disk when this resolves. */
  close(): Promise<void>;
}

/** The head as found. `null`: nobody looked. */
export type FoundHead = ChainHead | 'missing' | 'unreadable' | null;

/** Within one sector of any disk, so that it is written whole or not at all, and always in the same place. */
const lineBytes = 256;

export function headFile(journalFile: string): string {
  return `${journalFile}.head`;
}

/** Opens the head to go on with, and makes it when it is missing. */
export async function openHead(journalFile: string, head: ChainHead): Promise<OpenHead> {
  const handle = await open(headFile(journalFile), constants.O_RDWR | constants.O_CREAT, 0o600);
  await writeLine(handle, head);
  return {
    write: (next) => writeLine(handle, next),
    async close() {
      try {
        await handle.datasync();
      } finally {
        await handle.close();
      }
    },
  };
}

/** Never rejects. */
export async function readHead(journalFile: string): Promise<FoundHead> {
  try {
    return parseHead(await readFile(headFile(journalFile), 'utf8'));
  } catch (thrown) {
    return readErrnoCode(thrown) === 'ENOENT' ? 'missing' : 'unreadable';
  }
}

// No flush of its own: the records are on disk before it, and the system writes it soon after. A process that is killed loses nothing of
// it; a power cut may leave it behind, which is accepted and said.
async function writeLine(handle: FileHandle, head: ChainHead): Promise<void> {
  await handle.write(formatHead(head), 0, 'utf8');
}

export function formatHead({ records, digest }: ChainHead): string {
  const body = JSON.stringify({ v: 1, records, digest });
  return `${`${body.slice(0, -1)},"seal":"${sealHead(body)}"}`.padEnd(lineBytes - 1)}\n`;
}

export function parseHead(text: string): ChainHead | 'unreadable' {
  const [, start = '', seal] =
    /^(\{"v":1,"records":\d{1,15},"digest":"[0-9a-f]{64}"),"seal":"([0-9a-f]{64})"\} *\n$/.exec(text) ?? [];
  const body = `${start}}`;
  if (seal === undefined || sealHead(body) !== seal) return 'unreadable';
  const { records, digest } = JSON.parse(body) as ChainHead;
  return { records, digest };
}

function sealHead(body: string): string {
  return createHash('sha256').update(`head of a journal's chain\n${body}`).digest('hex');
}
