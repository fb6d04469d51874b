// What every kind of state holds to, whatever it is kept in: one suite, run against files and against PostgreSQL. `open` gives what one more
// process would have of the same state; nothing here knows where it is.
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { identifyProcess, type LockHolder, type ProcessIdentity } from '../../src/journal/lock-holder.ts';
import type { State } from '../../src/journal/state.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { at as observedAt, seen } from '../model/observations/some-observations.ts';
import { failureOf } from '../support/failure-of.ts';
import { readRun } from '../support/read-journal.ts';
import { at, runStarted } from './events.ts';

/** A state of its own for each test. */
export interface StateKind {
  /** As one more process sees the state of this test. */
  open(): Promise<State>;
  /** One that nobody ever wrote to. */
  openNowhere(): Promise<State>;
}

const stopping = (reason: string): RunEvent => ({ at, type: 'run-stopping', reason });
const reasonsOf = (events: readonly RunEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'run-stopping' ? [event.reason] : []));

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

function deadProcess(): ProcessIdentity {
  const { pid } = spawnSync('true');
  return { ...identifyProcess(), processId: pid, processStart: null };
}

interface LockUser {
  readonly run: string;
  readonly self?: ProcessIdentity;
  readonly takeovers?: (LockHolder | null)[];
}

function locksOf(state: State, { run, self, takeovers = [] }: LockUser) {
  return state.createLocks({
    run,
    user: 'ops',
    now: () => at,
    onTakeover: (_, holder) => takeovers.push(holder),
    ...(self === undefined ? {} : { self }),
  });
}

const host = { key: 'ex01:5985', label: 'ex01' };
const runLock = (run: string) => ({ key: `run ${run}`, label: `run ${run}` });

/** A run as a process has it: its lock, and its journal. */
async function beginRun(state: State, run: string, plan: readonly string[] = ['the plan']) {
  const held = await locksOf(state, { run }).acquire(runLock(run));
  const journal = await state.runs.createRun(run, plan);
  return {
    journal,
    end: async () => {
      await journal.close();
      await held.release();
    },
  };
}

export function describeState(kind: StateKind): void {
  describe('a run', () => {
    test('has every acknowledged record in the order of the calls, for other processes too, and its plan', async () => {
      const state = await kind.open();
      const { journal, end } = await beginRun(state, 'r1', ['the', ' ', 'plan: 不能']);
      await journal.append(runStarted);
      const other = await kind.open();
      const order: number[] = [];
      const appends = Array.from({ length: 200 }, async (_, n) => {
        await journal.append(stopping(String(n)));
        order.push(n);
        if (n % 50 === 0) expect(reasonsOf((await readRun(other.runs, 'r1')).events)).toContain(String(n));
      });
      await Promise.all(appends);
      await end();
      const expected = Array.from({ length: 200 }, (_, n) => n);
      expect(order).toEqual(expected);
      const read = await readRun(other.runs, 'r1');
      expect(reasonsOf(read.events)).toEqual(expected.map(String));
      expect(read).toMatchObject({ records: 201, damage: null, tornTail: false, head: 'agrees' });
      expect({ records: read.records, digest: read.lastDigest }).toEqual(journal.head);
      expect(await textOf(other.runs.readPlan('r1'))).toBe('the, ,plan: 不能'.replaceAll(',', ''));
    });

    test('is gone on with where it finished', async () => {
      const state = await kind.open();
      const first = await beginRun(state, 'r1');
      await first.journal.append(runStarted);
      await first.end();
      const held = await locksOf(state, { run: 'r1' }).acquire(runLock('r1'));
      const again = await state.runs.reopenRun('r1');
      expect(again.head.records).toBe(1);
      await again.append(stopping('one more'));
      await again.close();
      await held.release();
      expect(await readRun(state.runs, 'r1')).toMatchObject({ records: 2, damage: null, head: 'agrees' });
    });

    test('tells how it begins and what it came to', async () => {
      const state = await kind.open();
      const { journal, end } = await beginRun(state, 'r1');
      expect(await state.runs.readBeginning('r1')).toBeNull();
      await journal.append(runStarted);
      await journal.append(stopping('enough'));
      await end();
      expect(await state.runs.readBeginning('r1')).toEqual(runStarted);
      const { outline, end: read } = await state.runs.outlineRun('r1');
      expect([outline?.started, outline?.stopping, read.damage]).toEqual([runStarted, 'enough', null]);
    });

    test('takes nothing more once it is closed', async () => {
      const { journal, end } = await beginRun(await kind.open(), 'r1');
      await journal.append(runStarted);
      await end();
      expect((await failureOf(journal.append(stopping('late')))).code).toBe('journal/unwritable');
      expect((await readRun((await kind.open()).runs, 'r1')).records).toBe(1);
    });

    test('is listed by its name, the oldest first; a name is given once, and others are not known', async () => {
      const state = await kind.open();
      const names = ['20261205-220000-aaaaaa', '20261206-010000-bbbbbb', '20250101-000000-cccccc'];
      for (const name of names) await (await beginRun(state, name)).end();
      expect(await state.runs.listRuns()).toEqual(names.toSorted());
      for (const name of ['20270101-000000-dddddd', '../elsewhere', '', '.', 'a/b']) {
        expect([name, (await failureOf(readRun(state.runs, name))).code]).toEqual([name, 'run/unknown']);
      }
      expect((await failureOf(textOf(state.runs.readPlan('nope')))).code).toBe('run/unknown');
      expect((await failureOf(beginRun(state, names[0] ?? ''))).code).toBe('journal/unwritable');
    });

    test('that never started is taken away', async () => {
      const state = await kind.open();
      const { end } = await beginRun(state, 'r1');
      await end();
      await state.runs.discardRun('r1');
      expect(await state.runs.listRuns()).toEqual([]);
      await (await beginRun(state, 'r1')).end();
    });
  });

  test('a plan is applied once, whoever applies it', async () => {
    const states = [await kind.open(), await kind.open(), await kind.open()];
    const [state] = states;
    expect(await state?.runs.planClaim('d')).toBeNull();
    const names = states.map((_, index) => `r${String(index)}`);
    const claims = await Promise.allSettled(
      states.map(async ({ runs }, index) => runs.claimPlan('d', names[index] ?? '')),
    );
    const refused = claims.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Failure).code] : []));
    expect(refused).toEqual(['plan/already-applied', 'plan/already-applied']);
    const first = names[claims.findIndex((one) => one.status === 'fulfilled')] ?? '';
    const later = await kind.open();
    expect(await later.runs.planClaim('d')).toBe(first);
    expect((await failureOf(later.runs.claimPlan('d', 'r9'))).message).toContain(first);
    await later.runs.claimPlan('e', 'r9');
  });

  describe('a lock', () => {
    test('has one holder, who is named; then it is free again', async () => {
      const [one, other] = [await kind.open(), await kind.open()];
      const held = await locksOf(one, { run: 'r1' }).acquire(host);
      for (const [state, run] of [
        [other, 'r2'],
        [one, 'r1'],
      ] as const) {
        const refused = await failureOf(locksOf(state, { run }).acquire(host));
        expect([refused.code, refused.where]).toEqual(['run/host-locked', 'ex01']);
        expect(refused.message).toMatch(/run r1 of ops on .* since 2026-12-05/);
      }
      await held.release();
      const next = await locksOf(other, { run: 'r2' }).acquire({ ...host, key: host.key.toUpperCase() });
      expect((await failureOf(locksOf(one, { run: 'r1' }).acquire(host))).message).toContain('run r2');
      await next.release();
    });

    test('goes to one of many who want it at once', async () => {
      const states = await Promise.all(Array.from({ length: 6 }, () => kind.open()));
      let holders = 0;
      let most = 0;
      let had = 0;
      await Promise.all(
        states.map(async (state, index) => {
          const locks = locksOf(state, { run: `r${String(index)}` });
          for (let tries = 0; tries < 4; tries += 1) {
            const held = await locks.acquire(host).catch(() => null);
            if (held === null) continue;
            had += 1;
            most = Math.max(most, ++holders);
            await sleep(2);
            holders -= 1;
            await held.release();
          }
        }),
      );
      expect([most, had > 0]).toEqual([1, true]);
    });

    test('of a process that is gone is taken over, and that is said', async () => {
      const state = await kind.open();
      await locksOf(state, { run: 'r1', self: deadProcess() }).acquire(host);
      const takeovers: (LockHolder | null)[] = [];
      const held = await locksOf(await kind.open(), { run: 'r2', takeovers }).acquire(host);
      expect(takeovers.map((one) => one?.run)).toEqual(['r1']);
      await held.release();
    });

    test('is listed with who holds it, and can be taken from a run', async () => {
      const state = await kind.open();
      const locks = locksOf(state, { run: 'r1' });
      await locks.acquire({ key: 'ex02:5985', label: 'ex02' });
      await locks.acquire(host);
      await locksOf(state, { run: 'r2' }).acquire({ key: 'ex03:5985', label: 'ex03' });
      const other = await kind.open();
      const listed = await other.listLocks('r1', Date.now());
      expect(listed.map((one) => [one.holder.label, one.holder.run, one.life])).toEqual([
        ['ex01', 'r1', 'lives'],
        ['ex02', 'r1', 'lives'],
      ]);
      await other.removeLocks(listed);
      expect(await other.listLocks('r1', Date.now())).toEqual([]);
      expect(await other.listLocks('r2', Date.now())).toHaveLength(1);
      await (await locksOf(other, { run: 'r3' }).acquire(host)).release();
    });
  });

  test('histories of hosts: what was added is there for others, and no look of two at once is lost', async () => {
    const limits = { now: observedAt('10T00:00'), keepMs: 400 * 86_400_000 };
    const open = async () => {
      const state = await kind.open();
      return state.openHistories(locksOf(state, { run: 'history' }), () => sleep(5));
    };
    const look = (name: string, day: string) => ({
      host: name,
      endpoint: '10.0.0.1:5985',
      desired: 'd',
      playbook: 'ports',
      observation: seen(day),
    });
    expect(await (await open()).read()).toEqual({ histories: [], damaged: [] });
    await (await open()).add([look('ex01', '01T02:00')], limits);
    const writers = await Promise.all(
      ['02T02:00', '03T02:00', '04T02:00'].map(async (day) => [day, await open()] as const),
    );
    await Promise.all(writers.map(([day, one]) => one.add([look('ex01', day), look(`ex-${day}`, day)], limits)));
    const { histories, damaged } = await (await open()).read();
    expect([histories.length, damaged]).toEqual([4, []]);
    expect(histories.find((one) => one.host === 'ex01')?.spans.at(-1)?.lastAt).toBe(observedAt('04T02:00'));
    // What nobody looked at for so long goes.
    await (await open()).add([look('ex09', '09T02:00')], { now: '2031-01-01T00:00:00.000Z', keepMs: 86_400_000 });
    expect((await (await open()).read()).histories.map((one) => one.host)).not.toContain('ex01');
  });

  test('the signature under a head: none, then the last that was saved', async () => {
    const state = await kind.open();
    await (await beginRun(state, 'r1')).end();
    expect(await state.readHeadSignature('r1')).toBeNull();
    await state.saveHeadSignature('r1', 'one\n');
    await state.saveHeadSignature('r1', 'two\n');
    expect(await (await kind.open()).readHeadSignature('r1')).toBe('two\n');
  });

  test('one that is not there has no runs, and that is a failure; to write makes it or says that it can not be', async () => {
    const nowhere = await kind.openNowhere();
    expect((await failureOf(nowhere.checkExists())).code).toBe('run/unknown');
    const state = await kind.open();
    await state.checkWritable();
    await state.checkExists();
    expect(state.place).not.toBe('');
    expect(state.runs.place).toBe(state.place);
  });
}
