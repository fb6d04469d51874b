// Readers of secrets that come and go: what they gave out stays known, and nothing of them is kept. The garbage collector is the judge.
import { expect, test } from 'vitest';
import { createLaterReaders } from '../../../src/cli/secrets/later-readers.ts';
import type { SecretSeams } from '../../../src/inventory/secrets/secrets.ts';
import { collectGarbage } from '../../support/heap.ts';

const owner = { name: 'ex01', connection: { username: 'ops', scheme: 'http', address: 'ex01', port: 5985 } } as const;
const none = (): Promise<never> => Promise.reject(new Error('nothing else is asked'));

function seamsWith(env: Record<string, string>): SecretSeams {
  return { env, readFile: none, runHelper: none, keyring: none, vault: { open: none }, prompt: null };
}

/** True once nothing holds it. */
async function isGone(ref: WeakRef<object>): Promise<boolean> {
  for (let round = 0; round < 20 && ref.deref() !== undefined; round += 1) {
    // A WeakRef keeps what it names until the turn that made it is over.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  return ref.deref() === undefined;
}

test('a reader that was opened for a run that was only looked at is not kept', async () => {
  const readers = createLaterReaders(seamsWith({}));
  expect(await isGone(new WeakRef(readers.open()))).toBe(true);
  expect(readers.revealed()).toEqual([]);
});

test('the judge sees a reader that is kept', async () => {
  const kept = createLaterReaders(seamsWith({})).open();
  expect(await isGone(new WeakRef(kept))).toBe(false);
  await expect(kept({ kind: 'env', name: 'PASSWORD' }, owner)).rejects.toMatchObject({ code: 'secret/missing' });
});

test('what a reader gave out is known when it is gone, and the next one reads it again', async () => {
  const env = { PASSWORD: 'first-Secret' };
  const readers = createLaterReaders(seamsWith(env));
  async function readOnce(): Promise<WeakRef<object>> {
    const read = readers.open();
    await read({ kind: 'env', name: 'PASSWORD' }, owner);
    return new WeakRef(read);
  }
  expect(await isGone(await readOnce())).toBe(true);
  env.PASSWORD = 'second-Secret';
  await readOnce();
  expect(readers.revealed()).toEqual(['first-Secret', 'second-Secret']);
});
