// An outbox that goes on in memory while its disk does not: people have to hear of a night on which the disk is full. What it could not write
// is delivered by this process or not at all; what it could not mark is not sent again by this process.
import type { Letter } from '../../model/notifications/letter.ts';
import { identifyLetter, type Outbox } from './outbox.ts';

export interface OutboxInNeed extends Outbox {
  /** Letters that wait in memory only. */
  unkept(): readonly Letter[];
}

/** `warn` is told once. Of its calls only `clean` rejects. */
export function createOutboxInNeed(outbox: Outbox, warn: (text: string) => void): OutboxInNeed {
  const unkept = new Map<string, Letter>();
  const taken = new Set<string>();
  let isTold = false;
  const tell = (thrown: unknown): void => {
    if (isTold) return;
    isTold = true;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    warn(`notifications are not kept on disk now, only sent: ${reason}`);
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
      const found = await outbox.pending().catch((thrown: unknown) => {
        tell(thrown);
        return { letters: [], setAside: [], unread: [] };
      });
      const letters = found.letters.filter((one) => !taken.has(identifyLetter(one)));
      return { ...found, letters: [...letters, ...unkept.values()] };
    },
    async acknowledge(letter) {
      const id = identifyLetter(letter);
      taken.add(id);
      if (unkept.delete(id)) return;
      await outbox.acknowledge(letter).catch(tell);
    },
    clean: (now) => outbox.clean(now),
  };
}
