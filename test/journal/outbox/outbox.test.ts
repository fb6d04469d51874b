// The outbox: whatever moment a process dies at, a letter that was added is delivered at least once, in order, and never again once its
// mark is on disk. Files here are memory with a crash at any step; the disk's own are held to the same promises below.
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOutboxFiles, type OutboxFiles } from '../../../src/journal/outbox/outbox-files.ts';
import { createOutbox, identifyLetter, outboxLimits } from '../../../src/journal/outbox/outbox.ts';
import type { Letter } from '../../../src/model/notifications/letter.ts';
import { makeNote } from '../../../src/model/notifications/note.ts';

const start = Date.parse('2026-12-05T22:00:00.000Z');

function letter(index: number, channel = 'room', atMs = start + index): Letter {
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

class Died extends Error {}

/** A folder in memory whose process dies before its `steps`-th change, and after that at once. */
function mortalFiles(kept: Map<string, string>, steps: number): OutboxFiles {
  let left = steps;
  const step = (): void => {
    left -= 1;
    if (left < 0) throw new Died();
  };
  return {
    folder: 'outbox',
    list: () => Promise.resolve([...kept.keys()]),
    read: (name) => Promise.resolve(kept.get(name) ?? null),
    create: async (name, text) => {
      await Promise.resolve();
      step();
      if (kept.has(name)) return false;
      kept.set(name, text);
      return true;
    },
    remove: async (name) => {
      await Promise.resolve();
      step();
      kept.delete(name);
    },
    rename: async (from, to) => {
      await Promise.resolve();
      step();
      const text = kept.get(from);
      if (text === undefined) return false;
      kept.delete(from);
      kept.set(to, text);
      return true;
    },
    writtenMs: () => Promise.resolve(start),
  };
}

/** One process: adds letters, then delivers what waits. `delivered` is the receiver, which outlives it. */
async function live(kept: Map<string, string>, steps: number, added: readonly number[], delivered: number[]) {
  const marked = new Set<number>();
  const written: number[] = [];
  const outbox = createOutbox(mortalFiles(kept, steps));
  try {
    for (const index of added) {
      await outbox.add(letter(index));
      written.push(index);
    }
    for (const one of (await outbox.pending()).letters) {
      delivered.push(one.sequence);
      await outbox.acknowledge(one);
      marked.add(one.sequence);
    }
  } catch (thrown) {
    // The outbox words what its files threw.
    expect((thrown as Error).cause).toBeInstanceOf(Died);
  }
  return { marked, written };
}

describe('a process that dies at any step', () => {
  test('loses no letter that was written, keeps their order, and delivers none again that is marked', async () => {
    const lives = fc.array(fc.record({ steps: fc.nat(14), added: fc.uniqueArray(fc.nat(9), { maxLength: 5 }) }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(lives, async (all) => {
        const kept = new Map<string, string>();
        const written = new Set<number>();
        const marked = new Set<number>();
        const delivered: number[] = [];
        for (const { steps, added } of [...all, { steps: Number.MAX_SAFE_INTEGER, added: [] }]) {
          const now: number[] = [];
          const life = await live(kept, steps, added, now);
          // In order within each life, and nothing that is marked.
          expect(now).toEqual(now.toSorted((a, b) => a - b));
          expect(now.filter((index) => marked.has(index))).toEqual([]);
          for (const index of life.marked) marked.add(index);
          for (const index of life.written) written.add(index);
          delivered.push(...now);
        }
        expect([...written].filter((index) => !delivered.includes(index))).toEqual([]);
        expect((await createOutbox(mortalFiles(kept, 0)).pending()).letters).toEqual([]);
      }),
    );
  });

  test('between mark and removal leaves nothing to deliver', async () => {
    const kept = new Map<string, string>();
    await createOutbox(mortalFiles(kept, 9)).add(letter(1));
    await createOutbox(mortalFiles(kept, 1))
      .acknowledge(letter(1))
      .catch(() => undefined);
    expect([...kept.keys()].map((name) => name.replace(/^.*\./, '')).toSorted()).toEqual(['json', 'sent']);
    const outbox = createOutbox(mortalFiles(kept, 9));
    expect((await outbox.pending()).letters).toEqual([]);
    expect(await outbox.add(letter(1))).toBe('known');
    await outbox.clean(new Date(start).toISOString());
    expect([...kept.keys()]).toEqual([`${identifyLetter(letter(1))}.sent`]);
  });
});

describe('on disk', () => {
  let state: string;
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'fencepost-outbox-'));
  });
  afterEach(() => rm(state, { recursive: true, force: true }));
  const open = () => createOutbox(createOutboxFiles(state));
  const now = () => new Date(start + 60_000).toISOString();

  test('letters of several processes come back whole and in order, each channel for itself', async () => {
    expect((await open().pending()).letters).toEqual([]);
    expect(await open().add(letter(2))).toBe('added');
    expect(await open().add(letter(1))).toBe('added');
    expect(await open().add(letter(1, 'on-call'))).toBe('added');
    expect(await open().add(letter(1))).toBe('known');
    const { letters } = await open().pending();
    expect(letters.filter((one) => one.channel === 'room')).toEqual([letter(1), letter(2)]);
    expect(letters.filter((one) => one.channel === 'on-call')).toEqual([letter(1, 'on-call')]);
  });

  test('of many that add the same letter at once one adds it', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => open().add(letter(1))));
    expect(answers.filter((one) => one === 'added')).toHaveLength(1);
    expect((await open().pending()).letters).toEqual([letter(1)]);
  });

  test('a delivered letter is not added again, by whomever', async () => {
    await open().add(letter(1));
    await open().acknowledge(letter(1));
    await open().acknowledge(letter(1));
    expect(await open().add(letter(1))).toBe('known');
    expect((await open().pending()).letters).toEqual([]);
    // Another channel is another letter.
    expect(await open().add(letter(1, 'on-call'))).toBe('added');
  });

  test.each([
    ['cut', (text: string) => text.slice(0, -20)],
    ['emptied', () => ''],
    ['changed in one letter', (text: string) => text.replace('note 1', 'note 7')],
    ['no letter at all', () => '{"format":"fencepost-letter"}\n'],
  ])('a damaged letter (%s) is set aside once, and the others are kept', async (_, damage) => {
    await open().add(letter(1));
    await open().add(letter(2));
    const files = createOutboxFiles(state);
    const name = `${identifyLetter(letter(1))}.json`;
    await writeFile(join(files.folder, name), damage((await files.read(name)) ?? ''));
    const first = await open().pending();
    expect(first.letters).toEqual([letter(2)]);
    expect(first.setAside).toEqual([expect.stringMatching(new RegExp(`outbox/${name}\\.damaged-[0-9a-f]{8}$`))]);
    expect(await open().pending()).toMatchObject({ letters: [letter(2)], setAside: [] });
    // What was told again is written again.
    expect(await open().add(letter(1))).toBe('added');
  });

  test('a letter under the name of another is no letter: its mark would be that of the other', async () => {
    const files = createOutboxFiles(state);
    await open().add(letter(1));
    const text = (await files.read(`${identifyLetter(letter(1))}.json`)) ?? '';
    await files.create(`${identifyLetter(letter(2))}.json`, text);
    const found = await open().pending();
    expect(found.letters).toEqual([letter(1)]);
    expect(found.setAside).toHaveLength(1);
  });

  test('gives up letters after two weeks and forgets marks after two months', async () => {
    await open().add(letter(1));
    await open().add(letter(2, 'room', start + outboxLimits.letterMs));
    await open().add(letter(3));
    await open().acknowledge(letter(3));
    const mark = join(createOutboxFiles(state).folder, `${identifyLetter(letter(3))}.sent`);
    await utimes(mark, start / 1000, start / 1000);
    const later = (ms: number) => new Date(start + ms + 1000).toISOString();
    expect(await open().clean(later(outboxLimits.letterMs))).toEqual([letter(1)]);
    expect((await open().pending()).letters).toHaveLength(1);
    expect(await open().add(letter(3))).toBe('known');
    expect(await open().clean(later(outboxLimits.markMs))).toHaveLength(1);
    expect(await readdir(join(state, 'outbox'))).toEqual([]);
  });

  test('keeps no more than a thousand letters, the newest', { timeout: 60_000 }, async () => {
    const kept = new Map<string, string>();
    const outbox = createOutbox(mortalFiles(kept, Number.MAX_SAFE_INTEGER));
    for (let index = 0; index < outboxLimits.letters + 2; index += 1) await outbox.add(letter(index));
    expect(await outbox.clean(now())).toEqual([letter(0), letter(1)]);
    expect((await outbox.pending()).letters).toHaveLength(outboxLimits.letters);
  });
});
