// What a host that was taken from another run needs before anything is asked of it: its line is waited for, then its shells are ended, and only what
// is known to be gone is forgotten. What was asked for, in its order, is the truth.
import { expect, test } from 'vitest';
import { runCommandLine } from '../../../src/lab/cmd/console.ts';
import { Failure } from '../../../src/model/failure.ts';
import type { LeftOnHost, OpenLine } from '../../../src/model/history.ts';
import type { Connector } from '../../../src/model/seams.ts';
import { takeHost, withoutLinesOf } from '../../../src/run/hosts/take-over.ts';
import { failureOf } from '../../support/failure-of.ts';
import { applyFleet } from '../../support/memory-apply.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryFleet, memoryMachine, memoryTarget } from '../../support/memory-fleet.ts';
import { memoryListener } from '../../support/memory-seams.ts';

const line: OpenLine = {
  sentAt: '2026-12-05T22:00:00.000Z',
  boundMs: 420_000,
  service: 'MSExchangeIMAP4BE',
  listensOn: [],
};

async function take(left: readonly LeftOnHost[], { isRefused = false, isUnreachable = false } = {}) {
  const machine = memoryMachine('ex01', { imap: 'stopped' });
  let asked = 0;
  const fleet = memoryFleet([machine], {
    trouble({ kind }) {
      if (kind === 'ask' && (asked += 1) === 3) {
        runCommandLine(machine, 'sc start MSExchangeIMAP4BE', { codePage: 65001, elevated: true });
      }
      return null;
    },
  });
  const told: string[] = [];
  const connector: Connector = {
    connect(target, options = {}) {
      const { leftBehind, mustEndLeft, onLeftEnded } = options;
      told.push(leftBehind === undefined ? 'connect' : `delete ${leftBehind.join('+')}, must: ${String(mustEndLeft)}`);
      if (leftBehind !== undefined && isUnreachable) return Promise.reject(new Failure('connect/timeout', 'made'));
      if (leftBehind !== undefined && isRefused) return Promise.reject(new Failure('wire/access-denied', 'made'));
      onLeftEnded?.();
      return fleet.connector.connect(target, options);
    },
  };
  const clock = memoryClock(line.sentAt);
  const lock = {
    readLeft: () => Promise.resolve(left),
    settleLeft(run: string) {
      told.push(`settled ${run} after ${clock.elapsedMs() > 0 ? 'a wait' : 'none'}`);
      return Promise.resolve();
    },
    release: () => Promise.resolve(),
  };
  const takeover = await takeHost(lock, { connector, clock, listener: memoryListener() });
  return { takeover, told, connect: () => takeover.connector.connect(memoryTarget('ex01')) };
}

test('shells of all runs are deleted strictly, after the line, and forgotten then; the next session is like any other', async () => {
  const { takeover, told, connect } = await take([
    { run: 'r1', shells: ['A', 'B'], line },
    { run: 'r2', shells: ['C'], line: null },
  ]);
  expect([takeover.isTaken, takeover.extraMs]).toEqual([true, 420_000]);
  await connect();
  const once = ['connect', 'delete A+B+C, must: true', 'settled r1 after a wait', 'settled r2 after a wait'];
  expect(told).toEqual(once);
  await connect();
  expect(told).toEqual([...once, 'connect']);
});

test('a shell that the server keeps is named with its run, and nothing is forgotten', async () => {
  const { told, connect } = await take([{ run: 'r1', shells: ['A'], line: null }], { isRefused: true });
  const failure = await failureOf(connect());
  expect([failure.code, failure.hint]).toEqual(['run/left-behind', expect.stringContaining('fencepost resume r1')]);
  expect(failure.message).toContain('wire/access-denied');
  expect((await failureOf(connect())).code).toBe('run/left-behind');
  expect(told).toEqual(['delete A, must: true', 'delete A, must: true']);
});

test('a host that can not be reached is said to be that', async () => {
  const { told, connect } = await take([{ run: 'r1', shells: ['A'], line: null }], { isUnreachable: true });
  expect((await failureOf(connect())).code).toBe('connect/timeout');
  expect(told).toEqual(['delete A, must: true']);
});

test('where nothing was left nothing is asked', async () => {
  const { takeover, told, connect } = await take([]);
  await connect();
  expect([takeover.isTaken, takeover.extraMs, told]).toEqual([false, 0, ['connect']]);
});

/** What was left on ex01 can't be known from the `nth` time on that a run takes it. */
function locksUnknown(nth: number) {
  let taken = 0;
  return {
    acquire({ label }: { readonly label: string }) {
      const release = (): Promise<void> => Promise.resolve();
      if (label !== 'ex01' || (taken += 1) < nth) return Promise.resolve({ release });
      const failure = new Failure('run/left-behind', 'made: a damaged journal', { where: label });
      return Promise.resolve({ release, readLeft: () => Promise.reject(failure) });
    },
  };
}

test('a run does not touch a host of which that is not known', async () => {
  const run = await applyFleet({ hosts: 'cc', run: { world: { locks: locksUnknown(1) } } });
  expect([run.words, run.touched]).toEqual(['locked changed', ['ex02']]);
});

test('nor takes it back there, where another run had the host since it was changed', async () => {
  const whole = { hosts: 'cf', policy: { onFailure: 'rollback_run' }, strategy: { concurrency: 1 } } as const;
  const asEver = await applyFleet({ ...whole, run: { world: { locks: locksUnknown(3) } } });
  expect([asEver.words, asEver.touched]).toEqual(['rolled-back failed-rolled-back', []]);
  const run = await applyFleet({ ...whole, run: { world: { locks: locksUnknown(2) } } });
  expect([run.words, run.touched]).toEqual(['in-doubt failed-rolled-back', ['ex01']]);
});

test('the line of a run that is rolled back was waited for before; those of others are still waited for', async () => {
  const left: readonly LeftOnHost[] = [
    { run: 'rolled-back', shells: ['A'], line },
    { run: 'other', shells: ['B'], line },
  ];
  const release = (): Promise<void> => Promise.resolve();
  const locks = withoutLinesOf('rolled-back', {
    acquire: () => Promise.resolve({ release, readLeft: () => Promise.resolve(left) }),
  });
  const lock = await locks.acquire({ key: 'ex01:5985', label: 'ex01' });
  expect(await lock.readLeft?.()).toEqual([{ run: 'rolled-back', shells: ['A'], line: null }, left[1]]);
});
