// An outbox that goes on in memory while what it is kept in does not: people have to hear of a night on which the disk is full or the database is
// away. What it could not write it writes as soon as it can; until then this process delivers it or nobody does. What it could not mark is
// not sent again by this process, and marked as soon as it can be.
import type { Letter } from '../../model/notifications/letter.ts';
import { identifyLetter } from './letter-text.ts';
import type { Outbox } from './outbox.ts';

export interface OutboxInNeed extends Outbox {
  /** Letters that wait in memory only. */
  unkept(): readonly Letter[];
}

/** `warn` is told once. Of its calls only `take` and `clean` reject. */
export function createOutboxInNeed(outbox: Outbox, warn: (text: string) => void): OutboxInNeed {
  const unkept = new Map<string, Letter>();
  const taken = new Set<string>();
  const unmarked = new Map<string, Letter>();
  let isTold = false;
  const tell = (thrown: unknown): void => {
    if (isTold) return;
    isTold = true;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    warn(`notifications are not kept now, only sent: ${reason}`);
  };
  /** `known` too is kept: a commit whose answer was lost, or another process told the same. */
  const keepAgain = async (): Promise<void> => {
    try {
      for (const [id, letter] of unkept) {
        await outbox.add(letter);
        unkept.delete(id);
      }
      for (const [id, letter] of unmarked) {
        await outbox.acknowledge(letter);
        unmarked.delete(id);
      }
    } catch {
      // Still away: said before.
    }
  };
  return {
    unkept: () => [...unkept.values()],
    async add(letter) {
      const id = identifyLetter(letter);
      if (taken.has(id) || unkept.has(id)) return 'known';
      try {
        return await outbox.add(letter);
      } catch (thrown) {
        tell(thrown);
        unkept.set(id, letter);
        return 'added';
      }
    },
    async pending() {
      await keepAgain();
      const found = await outbox.pending().catch((thrown: unknown) => {
        tell(thrown);
        return { letters: [], setAside: [], unread: [] };
      });
      const letters = found.letters.filter((one) => !taken.has(identifyLetter(one)));
      return { ...found, letters: [...letters, ...unkept.values()] };
    },
    async take(letter) {
      if (unkept.has(identifyLetter(letter))) return 'taken';
      return await outbox.take(letter);
    },
    giveBack: (channel) => outbox.giveBack(channel).catch(() => undefined),
    async acknowledge(letter) {
      const id = identifyLetter(letter);
      taken.add(id);
      unkept.delete(id);
      await outbox.acknowledge(letter).catch((thrown: unknown) => {
        tell(thrown);
        unmarked.set(id, letter);
      });
    },
    clean: (now) => outbox.clean(now),
  };
}
