// Letters that are to be delivered, and which ones were: each is written before it is sent, and marked when it was acknowledged. A process
// that dies in between sends once more, never less; after the mark it is never sent again, whoever adds it. It sends nothing itself.
import { createHash, randomBytes } from 'node:crypto';
import { letterForm } from '../../forms/note-forms.ts';
import { Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import { compareLetters, type Letter } from '../../model/notifications/letter.ts';
import type { OutboxFiles } from './outbox-files.ts';

export interface Outbox {
  /** `known`: it waits already, or was delivered. Rejects with Failure `journal/unwritable`. */
  add(letter: Letter): Promise<'added' | 'known'>;
  /** Those that wait, in order. Damaged ones are set aside. Rejects with Failure `run/unknown`. */
  pending(): Promise<PendingLetters>;
  /** It was delivered: never again. Rejects with Failure `journal/unwritable`. */
  acknowledge(letter: Letter): Promise<void>;
  /** Takes away what is too old or too much. Resolves with letters that are given up. Rejects with Failure `journal/unwritable`. */
  clean(now: string): Promise<readonly Letter[]>;
}

interface PendingLetters {
  readonly letters: readonly Letter[];
  /** Files that were no letters, where they are now. */
  readonly setAside: readonly string[];
  /** Files that can't be read now, left as they are. */
  readonly unread: readonly string[];
}

const format = 'fencepost-letter';
const version = 1;
const dayMs = 86_400_000;

/** Stated in docs/notifications.md. */
export const outboxLimits = {
  letterMs: 14 * dayMs,
  markMs: 60 * dayMs,
  unfinishedMs: 3_600_000,
  letters: 1000,
} as const;

/** What a letter is known by, in the outbox and to its receiver. It tells nothing of what is in it. */
export function identifyLetter({ channel, note }: Pick<Letter, 'channel' | 'note'>): string {
  return digest(JSON.stringify([channel, note.key])).slice(0, 40);
}

export function createOutbox(files: OutboxFiles): Outbox {
  const isMarked = async (id: string): Promise<boolean> => (await files.read(`${id}.sent`)) !== null;
  const listWaiting = async (): Promise<readonly string[]> => {
    const names = await files.list();
    const marked = new Set(names.filter((name) => name.endsWith('.sent')).map((name) => name.slice(0, -5)));
    return names.filter((name) => name.endsWith('.json') && !marked.has(name.slice(0, -5)));
  };
  const readWaiting = async (): Promise<PendingLetters> => {
    const letters: Letter[] = [];
    const setAside: string[] = [];
    const unread: string[] = [];
    for (const name of await listWaiting()) {
      const text = await files.read(name).catch(() => 'unread' as const);
      // Sent and taken away by another process meanwhile.
      if (text === null) continue;
      const letter = text === 'unread' ? null : parseLetter(text);
      if (letter !== null && `${identifyLetter(letter)}.json` === name) letters.push(letter);
      else if (text === 'unread') unread.push(`${files.folder}/${name}`);
      else setAside.push(...(await moveAside(name)));
    }
    return { letters: letters.toSorted(compareLetters), setAside, unread };
  };
  /** Of two that find it, one is told. */
  const moveAside = async (name: string): Promise<readonly string[]> => {
    const aside = `${name}.damaged-${randomBytes(4).toString('hex')}`;
    return (await files.rename(name, aside)) ? [`${files.folder}/${aside}`] : [];
  };
  const takeAway = async (name: string, olderThanMs: number): Promise<void> => {
    const writtenMs = await files.writtenMs(name);
    if (writtenMs !== null && writtenMs < olderThanMs) await files.remove(name);
  };
  return {
    add: (letter) =>
      guard(files, 'written', async () => {
        const id = identifyLetter(letter);
        if (await isMarked(id)) return 'known';
        if (!(await files.create(`${id}.json`, writeLetter(letter)))) return 'known';
        // Delivered by another process between the two: its mark came before it took its letter away.
        if (!(await isMarked(id))) return 'added';
        await files.remove(`${id}.json`);
        return 'known';
      }),
    pending: () => guard(files, 'read', readWaiting),
    acknowledge: (letter) =>
      guard(files, 'written', async () => {
        const id = identifyLetter(letter);
        await files.create(`${id}.sent`, `${format}\n`);
        await files.remove(`${id}.json`);
      }),
    clean: (now) =>
      guard(files, 'written', async () => {
        const nowMs = Date.parse(now);
        const { letters } = await readWaiting();
        const isOld = ({ writtenAt }: Letter): boolean => Date.parse(writtenAt) < nowMs - outboxLimits.letterMs;
        const excess = Math.max(0, letters.length - outboxLimits.letters);
        const dropped = letters.filter((letter, index) => index < excess || isOld(letter));
        for (const letter of dropped) await files.remove(`${identifyLetter(letter)}.json`);
        const names = await files.list();
        for (const name of names) {
          if (name.endsWith('.tmp')) await takeAway(name, nowMs - outboxLimits.unfinishedMs);
          else if (!name.endsWith('.json')) await takeAway(name, nowMs - outboxLimits.markMs);
          else if (names.includes(`${name.slice(0, -5)}.sent`)) await files.remove(name);
        }
        return dropped;
      }),
  };
}

function writeLetter(letter: Letter): string {
  const body = JSON.stringify(letter);
  return `{"format":"${format}","version":${version},"sha256":"${digest(body)}","letter":${body}}\n`;
}

/** The very text that was written is proven, then its form. */
function parseLetter(text: string): Letter | null {
  const head = `{"format":"${format}","version":${version},"sha256":"`;
  const match = /^([0-9a-f]{64})","letter":(.*)\}\n$/s.exec(text.startsWith(head) ? text.slice(head.length) : '');
  const [, written, body] = match ?? [];
  if (body === undefined || digest(body) !== written) return null;
  const read = letterForm.safeParse(JSON.parse(body));
  return read.success ? read.data : null;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function guard<T>({ folder }: OutboxFiles, what: 'written' | 'read', work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const code = readErrnoCode(cause);
    throw new Failure(
      what === 'written' ? 'journal/unwritable' : 'run/unknown',
      `the outbox can't be ${what}${code === null ? '' : ` (${code})`}`,
      { where: folder, hint: 'look at its rights, or make room; runs and verdicts do not depend on it', cause },
    );
  }
}
