// Letters that are to be delivered, and which ones were: each is written before it is sent, and marked when it was acknowledged. A process
// that dies in between sends once more, never less; after the mark it is never sent again, whoever adds it. It sends nothing itself. What
// every outbox holds to is test/journal/outbox/outbox-contract.ts; here it is a folder, and postgres/outbox.ts is a table.
import { randomBytes } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import { compareLetters, type Letter } from '../../model/notifications/letter.ts';
import type { Locks } from '../lock.ts';
import { identifyLetter, letterFormat, parseLetter, writeLetter } from './letter-text.ts';
import type { OutboxFiles } from './outbox-files.ts';

/** Each call rejects with a Failure when what it is kept in is away or takes nothing. */
export interface Outbox {
  /** `known`: it waits already, or was delivered. */
  add(letter: Letter): Promise<'added' | 'known'>;
  /** Those that wait, in order, whoever has taken them. Damaged ones are set aside. */
  pending(): Promise<PendingLetters>;
  /**
   * Before each attempt to send it. `taken`: no other process sends to its channel until this one gives it back, or dies; `busy`: another one does;
   * `gone`: it was delivered, or given up, meanwhile.
   */
  take(letter: Letter): Promise<'taken' | 'busy' | 'gone'>;
  /** Whatever of a channel this process has taken; nothing is no error. */
  giveBack(channel: string): Promise<void>;
  /** It was delivered: never again. */
  acknowledge(letter: Letter): Promise<void>;
  /** Takes away what is too old or too much. Resolves with letters that are given up. */
  clean(now: string): Promise<readonly Letter[]>;
}

interface PendingLetters {
  readonly letters: readonly Letter[];
  /** What was no letter, by where it is now. */
  readonly setAside: readonly string[];
  /** What can't be read now, left as it is. */
  readonly unread: readonly string[];
}

const dayMs = 86_400_000;

/** Stated in docs/notifications.md. */
export const outboxLimits = {
  letterMs: 14 * dayMs,
  markMs: 60 * dayMs,
  unfinishedMs: 3_600_000,
  letters: 1000,
} as const;

/** `locks`: of this machine's processes; one that dies gives back what it had. */
export function createOutbox(files: OutboxFiles, locks: Locks): Outbox {
  const held = new Map<string, Awaited<ReturnType<Locks['acquire']>>>();
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
      const letter = text === 'unread' ? null : parseLetter(text, name.slice(0, -5));
      if (letter !== null) letters.push(letter);
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
    async take(letter) {
      const { channel } = letter;
      if (!held.has(channel)) {
        try {
          held.set(channel, await locks.acquire({ key: `notify ${channel}`, label: `the channel ${channel}` }));
        } catch (thrown) {
          if (thrown instanceof Failure && thrown.code === 'run/host-locked') return 'busy';
          throw thrown;
        }
      }
      // Now that nobody else sends: what was marked meanwhile is not sent twice.
      return guard(files, 'read', async () => {
        const id = identifyLetter(letter);
        return (await isMarked(id)) || (await files.read(`${id}.json`)) === null ? 'gone' : 'taken';
      });
    },
    async giveBack(channel) {
      const lock = held.get(channel);
      held.delete(channel);
      await lock?.release();
    },
    acknowledge: (letter) =>
      guard(files, 'written', async () => {
        const id = identifyLetter(letter);
        await files.create(`${id}.sent`, `${letterFormat}\n`);
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
