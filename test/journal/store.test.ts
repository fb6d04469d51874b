// The journal on a real disk: acknowledged means it is in the file, in order; a full disk or a dead writer loses nothing acknowledged.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkWritable, createRunStore, newRunName, refuseDamage } from '../../src/journal/store.ts';
import { Failure } from '../../src/model/failure.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { setHeadBehind } from '../support/head-behind.ts';
import { builtPart } from '../support/build.ts';
import { failureOf } from '../support/failure-of.ts';
import { readJournal, readRun } from '../support/read-journal.ts';
import { at, runStarted } from './events.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencepost-store-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const stopping = (reason: string): RunEvent => ({ at, type: 'run-stopping', reason });
const reasonsOf = (events: readonly RunEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'run-stopping' ? [event.reason] : []));

describe('a journal file', () => {
  test('has every acknowledged record, in the order of the calls, however many share a flush', async () => {
    const store = createRunStore(directory);
    const journal = await store.createRun('r1', 'the plan');
    await journal.append(runStarted);
    const order: number[] = [];
    const appends = Array.from({ length: 200 }, async (_, n) => {
      await journal.append(stopping(String(n)));
      order.push(n);
      // When it is acknowledged it is in the file.
      if (n % 20 === 0) expect(reasonsOf(readJournal(readFileSync(journal.place)).events)).toContain(String(n));
    });
    await Promise.all(appends);
    await journal.close();
    const expected = Array.from({ length: 200 }, (_, n) => n);
    expect(order).toEqual(expected);
    const read = await readRun(store, 'r1');
    expect(reasonsOf(read.events)).toEqual(expected.map(String));
    expect(read.damage).toBeNull();
    let plan = '';
    for await (const part of store.readPlan('r1')) plan += part;
    expect(plan).toBe('the plan');
  });

  test('goes on where it finished, after a last line cut at any byte', async () => {
    const store = createRunStore(directory);
    const journal = await store.createRun('r1', '');
    await journal.append(runStarted);
    await journal.append(stopping('vor dem Ende'));
    await journal.append(stopping('不能 – nein'));
    await journal.close();
    const whole = readFileSync(journal.place);
    const lastBegins = whole.lastIndexOf('\n', whole.length - 2) + 1;
    const wrong: string[] = [];
    for (let end = lastBegins; end < whole.length; end += 1) {
      writeFileSync(journal.place, whole.subarray(0, end));
      // The record was never acknowledged, so that its head was never written.
      setHeadBehind(journal.place);
      const again = await store.reopenRun('r1');
      await again.append(stopping('after'));
      await again.close();
      const { damage, tornTail, events } = await readRun(store, 'r1');
      const reasons = reasonsOf(events).join();
      if (damage !== null || tornTail || reasons !== 'vor dem Ende,after') {
        wrong.push(`cut ${end - lastBegins} bytes in: ${damage?.problem ?? ''} ${reasons}`);
      }
    }
    expect(wrong).toEqual([]);
    // What was cut is kept beside it, for whoever wants to look.
    expect(readdirSync(join(directory, 'runs', 'r1')).some((name) => name.includes('.torn-'))).toBe(true);
  });

  test('tells how it begins and what it came to without more than that', async () => {
    const store = createRunStore(directory);
    const journal = await store.createRun('r1', '');
    expect(await store.readBeginning('r1')).toBeNull();
    await journal.append(runStarted);
    await journal.append(stopping('enough'));
    await journal.close();
    expect(await store.readBeginning('r1')).toEqual(runStarted);
    const { outline, end } = await store.outlineRun('r1');
    expect([outline?.started, outline?.stopping, end.damage]).toEqual([runStarted, 'enough', null]);
    // What comes after the beginning is not its business; an outline proves all of it.
    writeFileSync(journal.place, readFileSync(journal.place, 'utf8').replace('"reason":"enough"', '"reason":"ENOUGH"'));
    expect(await store.readBeginning('r1')).toEqual(runStarted);
    expect((await store.outlineRun('r1')).end.damage).toMatchObject({ line: 2 });
    writeFileSync(journal.place, readFileSync(journal.place, 'utf8').replace('"kind":"apply"', '"kind":"APPLY"'));
    expect(await store.readBeginning('r1')).toBeNull();
    expect(await store.outlineRun('r1')).toMatchObject({ outline: null, end: { damage: { line: 1 } } });
  });

  test('that is damaged is not gone on with, and the line is named', async () => {
    const store = createRunStore(directory);
    const journal = await store.createRun('r1', '');
    await journal.append(runStarted);
    for (const reason of ['a', 'b', 'c']) await journal.append(stopping(reason));
    await journal.close();
    writeFileSync(journal.place, readFileSync(journal.place, 'utf8').replace('"reason":"b"', '"reason":"x"'));
    const failure = await failureOf(store.reopenRun('r1'));
    expect([failure.code, failure.message.includes('line 3')]).toEqual(['journal/damaged', true]);
    const text = await readRun(store, 'r1');
    expect(() => {
      refuseDamage('r1', text);
    }).toThrow(Failure);
    expect(reasonsOf(text.events)).toEqual(['a']);
  });

  test('that can be written no more refuses everything from then on', async () => {
    const journal = await createRunStore(directory).createRun('r1', '');
    await journal.append(stopping('a'));
    await journal.close();
    const failures = await Promise.all([1, 2, 3].map((n) => failureOf(journal.append(stopping(String(n))))));
    expect(failures.map((one) => one.code)).toEqual(['journal/unwritable', 'journal/unwritable', 'journal/unwritable']);
    expect(failures[0]?.hint).toContain('--state-dir');
    for (const later of ['one', 'two', 'three']) {
      expect((await failureOf(journal.append(stopping(later)))).code).toBe('journal/unwritable');
    }
  });

  test('on a disk that fills up: what was acknowledged is there, and nothing is acknowledged after the first refusal', async () => {
    const store = builtPart('journal/store');
    const script = `
      import { createRunStore } from ${JSON.stringify(store)};
      const journal = await createRunStore(${JSON.stringify(directory)}).createRun('full', '');
      const started = ${JSON.stringify(runStarted)};
      const told = [];
      for (let n = 0; n < 60; n += 1) {
        const reason = n + ' ' + 'x'.repeat(200);
        const event = n === 0 ? started : { at: started.at, type: 'run-stopping', reason };
        await journal.append(event).then(() => told.push('ok'), (f) => told.push(f.code));
      }
      console.log(JSON.stringify(told));
    `;
    // No file may grow beyond 8 blocks of 1024 bytes, as on a disk without room; the last write is a part of one line.
    const out = execFileSync(
      'bash',
      ['-c', 'ulimit -f 8; exec "$0" --input-type=module -e "$1"', process.execPath, script],
      { encoding: 'utf8' },
    );
    const told = JSON.parse(out) as string[];
    const acknowledged = told.indexOf('journal/unwritable');
    expect(acknowledged).toBeGreaterThan(5);
    expect(told.slice(acknowledged).every((one) => one === 'journal/unwritable')).toBe(true);
    const read = await readRun(createRunStore(directory), 'full');
    expect([read.damage, read.records]).toEqual([null, acknowledged]);
    expect(read.tornTail).toBe(true);
    // With room again, the run can be gone on with.
    const journal = await createRunStore(directory).reopenRun('full');
    await journal.append(stopping('room again'));
    await journal.close();
    expect((await readRun(createRunStore(directory), 'full')).records).toBe(acknowledged + 1);
  });
});

describe('the state directory', () => {
  test('that cannot be is said before anything is sent', async () => {
    writeFileSync(join(directory, 'file'), '');
    const below = join(directory, 'file', 'state');
    const store = createRunStore(below);
    const failures = [
      await failureOf(checkWritable(below)),
      await failureOf(store.createRun('r1', '')),
      await failureOf(store.claimPlan('d', 'r1')),
    ];
    expect(failures.map((one) => one.code)).toEqual(['journal/unwritable', 'journal/unwritable', 'journal/unwritable']);
    expect(failures[0]?.message).toContain(below);
    expect(await store.listRuns()).toEqual([]);
  });

  test('may be named in any way: from here, with dots and a slash behind it', async () => {
    for (const [number, named] of [relative('.', directory), `${directory}/`, `${directory}/a/..`].entries()) {
      const store = createRunStore(named);
      await (await store.createRun(`r${String(number)}`, '')).close();
      await store.claimPlan(`d${String(number)}`, 'r1');
    }
    expect(await createRunStore(directory).listRuns()).toEqual(['r0', 'r1', 'r2']);
    const here = process.cwd();
    process.chdir(directory);
    try {
      await (await createRunStore('.').createRun('r3', '')).close();
    } finally {
      process.chdir(here);
    }
    expect(await createRunStore(directory).listRuns()).toContain('r3');
  });

  test.runIf(process.platform === 'linux')('that can never be made is refused at once', async () => {
    expect((await failureOf(checkWritable('/proc/nope'))).code).toBe('journal/unwritable');
    expect((await failureOf(createRunStore('/proc/nope').createRun('r1', ''))).code).toBe('journal/unwritable');
  });

  test('knows its runs, oldest first, and no others', async () => {
    const store = createRunStore(directory);
    const names = ['20261205-220000-aaaaaa', '20261206-010000-bbbbbb', '20250101-000000-cccccc'];
    for (const name of names) await (await store.createRun(name, '')).close();
    expect(await store.listRuns()).toEqual(names.toSorted());
    mkdirSync(join(directory, 'elsewhere'));
    for (const name of ['20270101-000000-dddddd', '../elsewhere', '', '.', 'a/b']) {
      expect([name, (await failureOf(readRun(store, name))).code]).toEqual([name, 'run/unknown']);
    }
    expect((await failureOf(store.createRun('20250101-000000-cccccc', ''))).code).toBe('journal/unwritable');
  });

  test('lets a plan be applied once', async () => {
    const store = createRunStore(directory);
    expect(await store.planClaim('d')).toBeNull();
    const claims = await Promise.allSettled(['r1', 'r2', 'r3'].map((run) => store.claimPlan('d', run)));
    expect(claims.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const refused = claims.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Failure).code] : []));
    expect(refused).toEqual(['plan/already-applied', 'plan/already-applied']);
    const first = ['r1', 'r2', 'r3'][claims.findIndex((one) => one.status === 'fulfilled')] ?? '';
    expect(await store.planClaim('d')).toBe(first);
    expect((await failureOf(store.claimPlan('d', 'r4'))).message).toContain(first);
    await store.claimPlan('e', 'r4');
  });

  test('names runs by their time, those of one second in their order too, those of one millisecond apart', () => {
    const names = Array.from({ length: 1000 }, (_, ms) =>
      newRunName(`2026-12-05T22:15:09.${String(ms).padStart(3, '0')}Z`),
    );
    expect(names.toSorted()).toEqual(names);
    const atOnce = Array.from({ length: 20 }, () => newRunName('2026-12-05T22:15:09.123Z'));
    expect(new Set(atOnce).size).toBeGreaterThan(10);
    expect(names.every((one) => /^20261205-221509-[0-9a-f]{6}$/.test(one))).toBe(true);
  });
});
