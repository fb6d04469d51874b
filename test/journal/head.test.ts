// The head of the chain beside the journal: what was emptied or cut is seen, a crash between record and head is survived.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatHead, headFile, parseHead } from '../../src/journal/head.ts';
import { createEndFinder, proveJournal } from '../../src/journal/proof.ts';
import { createRunStore, type RunStore } from '../../src/journal/store.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { failureOf } from '../support/failure-of.ts';
import { setHeadBehind } from '../support/head-behind.ts';
import { readRun } from '../support/read-journal.ts';
import { at, runStarted } from './events.ts';

let directory = '';
let store: RunStore;
let file = '';
const stopping = (reason: string): RunEvent => ({ at, type: 'run-stopping', reason });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fencepost-head-'));
  store = createRunStore(directory);
  const journal = await store.createRun('r1', '');
  file = journal.place;
  await journal.append(runStarted);
  for (const reason of ['a', 'b', 'c']) await journal.append(stopping(reason));
  await journal.close();
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function keepLines(count: number): void {
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(
    file,
    lines
      .slice(0, count)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

test('is written with every append, in one place, and is for its owner alone', async () => {
  const whole = await readRun(store, 'r1');
  expect(parseHead(readFileSync(headFile(file), 'utf8'))).toEqual({ records: 4, digest: whole.lastDigest });
  expect([whole.damage, whole.head, statSync(headFile(file)).size]).toEqual([null, 'agrees', 256]);
  if (process.platform !== 'win32') expect(statSync(headFile(file)).mode & 0o777).toBe(0o600);
});

describe('a journal that lost its end', () => {
  test.each([
    [3, 'the last record is missing: the head beside the journal counts 4, and only 3 are there'],
    [1, 'the last 3 records are missing: the head beside the journal counts 4, and only 1 are there'],
    [0, 'the last 4 records are missing: the head beside the journal counts 4, and the journal is empty'],
  ])('and has %i records left is damaged, and is not gone on with', async (count, problem) => {
    keepLines(count);
    expect((await readRun(store, 'r1')).damage).toEqual({ line: count + 1, problem });
    expect((await store.outlineRun('r1')).end.damage).toEqual({ line: count + 1, problem });
    expect((await failureOf(store.reopenRun('r1'))).code).toBe('journal/damaged');
  });

  test('at any byte is damaged', async () => {
    const whole = readFileSync(file);
    for (let end = whole.length - 1; end >= 0; end -= 37) {
      writeFileSync(file, whole.subarray(0, end));
      expect([end, (await readRun(store, 'r1')).damage]).not.toEqual([end, null]);
    }
  });

  test('that is empty and has no head is damaged too', async () => {
    keepLines(0);
    rmSync(headFile(file));
    expect((await readRun(store, 'r1')).damage?.problem).toBe('the journal is empty, and its head is missing');
  });

  test('or was written again with other records is damaged', async () => {
    rmSync(join(directory, 'runs'), { recursive: true });
    const head = formatHead({ records: 2, digest: 'f'.repeat(64) });
    const journal = await store.createRun('r1', '');
    for (const reason of ['x', 'y']) await journal.append(reason === 'x' ? runStarted : stopping(reason));
    await journal.close();
    writeFileSync(headFile(file), head);
    expect((await readRun(store, 'r1')).damage).toMatchObject({ line: 2 });
  });
});

describe('a crash', () => {
  test.each([1, 2, 4])(
    'that left the head %i records behind is survived and said; going on brings it up',
    async (less) => {
      setHeadBehind(file, less);
      const end = await readRun(store, 'r1');
      expect([end.damage, end.head, end.records]).toEqual([null, 'behind', 4]);
      expect(proveJournal(end, false).text).toContain('Its head is behind');
      const journal = await store.reopenRun('r1');
      await journal.append(stopping('more'));
      await journal.close();
      expect(await readRun(store, 'r1')).toMatchObject({ head: 'agrees', records: 5, damage: null });
    },
  );

  test('before the first record leaves an empty journal that its head knows of', async () => {
    await (await store.createRun('r2', '')).close();
    expect(await readRun(store, 'r2')).toMatchObject({ damage: null, head: 'agrees', records: 0 });
  });
});

test.each(['', 'x', ' '.repeat(256)])(
  'a head that is %j can prove nothing, and that is said; the records count',
  async (text) => {
    writeFileSync(headFile(file), text);
    const end = await readRun(store, 'r1');
    expect([end.damage, end.head]).toEqual([null, 'unreadable']);
    const proof = proveJournal(end, true);
    expect([proof.holds, proof.text]).toEqual([false, expect.stringContaining("can't be proven")]);
  },
);

test('a head comes back as it was written, and changed anywhere it is unreadable', () => {
  const head = fc.record({ records: fc.nat(), digest: fc.stringMatching(/^[0-9a-f]{64}$/) });
  fc.assert(
    fc.property(head, fc.nat(150), (one, place) => {
      const text = formatHead(one);
      expect(parseHead(text)).toEqual(one);
      const changed = text.slice(0, place) + (text[place] === '0' ? '1' : '0') + text.slice(place + 1);
      expect(parseHead(changed)).toBe('unreadable');
    }),
  );
});

test('the end of a run is told, and a run that was resumed has none until it ends again', () => {
  const finder = createEndFinder();
  expect(finder.hasEnd).toBe(false);
  for (const [type, expected] of [
    ['run-finished', true],
    ['run-resumed', false],
    ['run-finished', true],
  ] as const) {
    finder.event({ at, type } as RunEvent);
    expect(finder.hasEnd).toBe(expected);
  }
});
