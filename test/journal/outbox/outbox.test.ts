// The outbox: whatever moment a process dies at, a letter that was added is delivered at least once, in order, and never again once its
// mark is on disk. Files here are memory with a crash at any step; the disk's own hold the contract of every outbox.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOutboxFiles, type OutboxFiles } from '../../../src/journal/outbox/outbox-files.ts';
import { createLocks, type Locks } from '../../../src/journal/lock.ts';
import { identifyProcess } from '../../../src/journal/lock-holder.ts';
import { identifyLetter } from '../../../src/journal/outbox/letter-text.ts';
import { createOutbox, outboxLimits } from '../../../src/journal/outbox/outbox.ts';
import { describeOutbox, letter, start } from './outbox-contract.ts';

const freeLocks: Locks = { acquire: () => Promise.resolve({ release: () => Promise.resolve() }) };

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
  const outbox = createOutbox(mortalFiles(kept, steps), freeLocks);
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
        expect((await createOutbox(mortalFiles(kept, 0), freeLocks).pending()).letters).toEqual([]);
      }),
    );
  });

  test('between mark and removal leaves nothing to deliver', async () => {
    const kept = new Map<string, string>();
    await createOutbox(mortalFiles(kept, 9), freeLocks).add(letter(1));
    await createOutbox(mortalFiles(kept, 1), freeLocks)
      .acknowledge(letter(1))
      .catch(() => undefined);
    expect([...kept.keys()].map((name) => name.replace(/^.*\./, '')).toSorted()).toEqual(['json', 'sent']);
    const outbox = createOutbox(mortalFiles(kept, 9), freeLocks);
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
  const locksOf = (self = identifyProcess()) =>
    createLocks({
      directory: state,
      run: 'notify',
      user: 'ops',
      now: () => new Date(start).toISOString(),
      onTakeover: () => undefined,
      self,
    });
  const open = () => createOutbox(createOutboxFiles(state), locksOf());

  describeOutbox({
    open: () => Promise.resolve(open()),
    openMortal: () => {
      const { pid } = spawnSync('true');
      const dead = { ...identifyProcess(), processId: pid, processStart: null };
      return Promise.resolve({
        outbox: createOutbox(createOutboxFiles(state), locksOf(dead)),
        bury: () => Promise.resolve(),
      });
    },
    async pass(ms) {
      const { folder } = createOutboxFiles(state);
      // Marks have the file system's time.
      for (const name of await readdir(folder)) await utimes(join(folder, name), start / 1000, start / 1000);
      return new Date(start + ms).toISOString();
    },
    async damage(id, change) {
      const file = join(createOutboxFiles(state).folder, `${id}.json`);
      await writeFile(file, change(await readFile(file, 'utf8')));
    },
  });

  test('nothing is left once everything is too old', async () => {
    await open().add(letter(1));
    await open().add(letter(2));
    await open().acknowledge(letter(2));
    const later = new Date(start + 10 * outboxLimits.markMs).toISOString();
    expect(await open().clean(later)).toEqual([letter(1)]);
    expect(await readdir(join(state, 'outbox'))).toEqual([]);
  });
});

test('keeps no more than a thousand letters, the newest', async () => {
  const outbox = createOutbox(mortalFiles(new Map(), Number.MAX_SAFE_INTEGER), freeLocks);
  for (let index = 0; index < outboxLimits.letters + 2; index += 1) await outbox.add(letter(index));
  expect(await outbox.clean(new Date(start + 60_000).toISOString())).toEqual([letter(0), letter(1)]);
  expect((await outbox.pending()).letters).toHaveLength(outboxLimits.letters);
});
