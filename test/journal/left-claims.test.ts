// Locks that were taken from a dead run and set aside: what is known of them is told, and what can't be read is never taken for nothing.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLeft, settleLeft, takeAway } from '../../src/journal/left/left-claims.ts';
import type { LockHolder } from '../../src/journal/lock-holder.ts';
import { failureOf } from '../support/failure-of.ts';

const claim = 'ex01.lock.aa';
const holder: LockHolder = {
  run: 'first',
  label: 'ex01',
  user: 'ops',
  machine: 'jump',
  processId: 1,
  processStart: null,
  since: '2026-12-05T22:00:00.000Z',
};
const whole = { damage: null };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fencepost-left-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const look = (run = 'second') => readLeft({ folder, name: 'ex01.lock', run }, () => Promise.resolve(whole));

test('is told to every other run, until it is settled', async () => {
  writeFileSync(join(folder, claim), JSON.stringify(holder));
  expect(await takeAway(folder, claim, holder, 'second')).toBe(true);
  expect(await takeAway(folder, claim, holder, 'third')).toBe(false);
  expect(await look()).toEqual([{ run: 'first', shells: [], line: null }]);
  expect(await look('first')).toEqual([]);
  await settleLeft({ folder, name: 'ex01.lock', run: 'second' }, 'first');
  expect([await look(), readdirSync(folder)]).toEqual([[], []]);
});

test.each([
  {
    what: 'half written',
    make: (file: string) => {
      writeFileSync(file, '{"run":"fir');
    },
  },
  {
    what: 'not to be opened',
    make: (file: string) => {
      mkdirSync(file);
    },
  },
])('one that is $what is not taken for nothing', async ({ make }) => {
  const file = join(folder, `left.${claim}`);
  make(file);
  const failure = await failureOf(look());
  expect([failure.code, failure.message]).toEqual(['run/left-behind', expect.stringContaining(file)]);
  expect(readdirSync(folder)).toEqual([`left.${claim}`]);
});
