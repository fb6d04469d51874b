// What every outbox holds to, whatever it is kept in: one suite, run against a folder and against PostgreSQL. `open` gives what one more process
// has of the outbox of this test; nothing here knows where it is.
import { describe, expect, test } from 'vitest';
import { identifyLetter } from '../../../src/journal/outbox/letter-text.ts';
import { outboxLimits, type Outbox } from '../../../src/journal/outbox/outbox.ts';
import type { Letter } from '../../../src/model/notifications/letter.ts';
import { makeNote } from '../../../src/model/notifications/note.ts';

/** An outbox of its own for each test. */
export interface OutboxKind {
  open(): Promise<Outbox>;
  /** One whose process is gone once `bury` has resolved. */
  openMortal(): Promise<{ readonly outbox: Outbox; readonly bury: () => Promise<void> }>;
  /** Lets so much time go by, and resolves with what it is then. Called with more each time. */
  pass(ms: number): Promise<string>;
  /** Changes what is kept of a letter. */
  damage(id: string, change: (text: string) => string): Promise<void>;
}

export const start = Date.parse('2026-12-05T22:00:00.000Z');

export function letter(index: number, channel = 'room', atMs = start + index): Letter {
  const at = new Date(atMs).toISOString();
  const note = makeNote({
    key: `run-1/${String(index)}`,
    event: 'run-started',
    at,
    severity: 'info',
    title: `note ${String(index)}`,
    from: 'operator@jump01',
    run: 'run-1',
    facts: ['ex01'],
    meaning: 'Nothing.',
    next: null,
  });
  return { channel, sequence: index, writtenAt: at, note };
}

export function describeOutbox(kind: OutboxKind): void {
  describe('letters', () => {
    test('of several processes come back whole and in order, each channel for itself', async () => {
      expect((await (await kind.open()).pending()).letters).toEqual([]);
      for (const one of [letter(2), letter(1), letter(1, 'on-call')]) {
        expect(await (await kind.open()).add(one)).toBe('added');
      }
      expect(await (await kind.open()).add(letter(1))).toBe('known');
      const { letters } = await (await kind.open()).pending();
      expect(letters.filter((one) => one.channel === 'room')).toEqual([letter(1), letter(2)]);
      expect(letters.filter((one) => one.channel === 'on-call')).toEqual([letter(1, 'on-call')]);
    });

    test('of many that add the same at once one adds it', async () => {
      const all = await Promise.all(Array.from({ length: 8 }, () => kind.open()));
      const answers = await Promise.all(all.map((one) => one.add(letter(1))));
      expect(answers.filter((one) => one === 'added')).toHaveLength(1);
      expect((await (await kind.open()).pending()).letters).toEqual([letter(1)]);
    });

    test('that were delivered are not added again, by whomever; from memory too', async () => {
      const outbox = await kind.open();
      await outbox.add(letter(1));
      await outbox.acknowledge(letter(1));
      await outbox.acknowledge(letter(1));
      await outbox.acknowledge(letter(2));
      const other = await kind.open();
      for (const index of [1, 2]) expect(await other.add(letter(index))).toBe('known');
      expect((await other.pending()).letters).toEqual([]);
      // Another channel is another letter.
      expect(await other.add(letter(1, 'on-call'))).toBe('added');
    });

    test.each([
      ['cut', (text: string) => text.slice(0, -20)],
      ['emptied', () => ''],
      ['changed in one letter', (text: string) => text.replace('note 1', 'note 7')],
      ['no letter at all', () => '{"format":"fencepost-letter"}\n'],
    ])('that are damaged (%s) are set aside once, and the others are kept', async (_, change) => {
      const outbox = await kind.open();
      await outbox.add(letter(1));
      await outbox.add(letter(2));
      await kind.damage(identifyLetter(letter(1)), change);
      const first = await outbox.pending();
      expect(first.letters).toEqual([letter(2)]);
      expect(first.setAside).toEqual([expect.stringContaining(identifyLetter(letter(1)))]);
      expect(await (await kind.open()).pending()).toMatchObject({ letters: [letter(2)], setAside: [] });
      // What was told again is written again.
      expect(await outbox.add(letter(1))).toBe('added');
    });

    test('under the name of another are none: its mark would be that of the other', async () => {
      const outbox = await kind.open();
      await outbox.add(letter(1));
      await outbox.add(letter(2));
      let text = '';
      await kind.damage(identifyLetter(letter(1)), (found) => (text = found));
      await kind.damage(identifyLetter(letter(2)), () => text);
      const found = await outbox.pending();
      expect(found.letters).toEqual([letter(1)]);
      expect(found.setAside).toHaveLength(1);
    });

    test('are given up after two weeks, and marks forgotten after two months', async () => {
      const outbox = await kind.open();
      for (const index of [1, 2, 3]) await outbox.add(letter(index));
      await outbox.acknowledge(letter(3));
      expect(await outbox.clean(await kind.pass(outboxLimits.letterMs - 60_000))).toEqual([]);
      expect(await outbox.clean(await kind.pass(outboxLimits.letterMs + 60_000))).toEqual([letter(1), letter(2)]);
      expect((await outbox.pending()).letters).toEqual([]);
      expect(await outbox.add(letter(3))).toBe('known');
      await outbox.clean(await kind.pass(outboxLimits.markMs - 60_000));
      expect(await outbox.add(letter(3))).toBe('known');
      await outbox.clean(await kind.pass(outboxLimits.markMs + 60_000));
      expect(await outbox.add(letter(3))).toBe('added');
    });
  });

  describe('taking', () => {
    test('one keeps the whole channel from others until it is given back; other channels are free', async () => {
      const [one, other] = [await kind.open(), await kind.open()];
      for (const each of [letter(1), letter(2), letter(1, 'on-call')]) await one.add(each);
      expect(await one.take(letter(1))).toBe('taken');
      expect(await one.take(letter(1))).toBe('taken');
      expect(await one.take(letter(2))).toBe('taken');
      for (const index of [1, 2]) expect(await other.take(letter(index))).toBe('busy');
      expect(await other.take(letter(1, 'on-call'))).toBe('taken');
      // It waits, whoever has it.
      expect((await other.pending()).letters).toHaveLength(3);
      await one.giveBack('room');
      await one.giveBack('never taken');
      expect(await other.take(letter(2))).toBe('taken');
    });

    test('at once: never two processes have the channel', async () => {
      const all = await Promise.all(Array.from({ length: 6 }, () => kind.open()));
      for (const index of [1, 2, 3]) await all[0]?.add(letter(index));
      for (let round = 0; round < 5; round += 1) {
        // Each is connected: they come at once.
        await Promise.all(all.map((one) => one.pending()));
        const answers = await Promise.all(all.map((one, index) => one.take(letter(1 + (index % 3)))));
        const taken = answers.filter((one) => one === 'taken').length;
        expect(answers.filter((one) => one === 'busy')).toHaveLength(answers.length - taken);
        expect(taken).toBeLessThanOrEqual(1);
        // On a disk that is slow with files each may have given way to the others. Then nobody has it, and the next one gets it.
        if (taken === 0) expect(await all[0]?.take(letter(1))).toBe('taken');
        await Promise.all(all.map((one) => one.giveBack('room')));
      }
    });

    test('what was delivered, or given up, meanwhile is said to be gone', async () => {
      const [one, other] = [await kind.open(), await kind.open()];
      for (const index of [1, 2]) await one.add(letter(index));
      await one.take(letter(1));
      await one.acknowledge(letter(1));
      await one.giveBack('room');
      expect(await other.take(letter(1))).toBe('gone');
      await other.clean(await kind.pass(outboxLimits.letterMs + 60_000));
      await other.giveBack('room');
      expect(await one.take(letter(2))).toBe('gone');
    });

    test('by a process that died comes to an end, and the letter is still there', async () => {
      const { outbox, bury } = await kind.openMortal();
      await outbox.add(letter(1));
      expect(await outbox.take(letter(1))).toBe('taken');
      await bury();
      const other = await kind.open();
      expect(await other.take(letter(1))).toBe('taken');
      expect((await other.pending()).letters).toEqual([letter(1)]);
    });
  });
}
