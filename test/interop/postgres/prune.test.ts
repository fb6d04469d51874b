// What `state prune` removes and what it leaves, at the seam: runs of every standing in one database. What is gone is gone whole and named; what
// stays is as it was; a record is removed by nothing else.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAddress } from '../../../src/journal/postgres/address.ts';
import { createDatabase } from '../../../src/journal/postgres/database.ts';
import { createDatabaseState } from '../../../src/journal/postgres/database-state.ts';
import { prepareDatabase } from '../../../src/journal/postgres/prepare.ts';
import type { Retention, State } from '../../../src/journal/state.ts';
import type { RunEvent, Verdict } from '../../../src/model/outcome.ts';
import { pruneRuns, type PruneRequest } from '../../../src/workflows/state/prune-runs.ts';
import { runStarted } from '../../journal/events.ts';
import { readRun } from '../../support/read-journal.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres, isMissing } = await usePostgres();

const [old, limit, young] = ['2026-01-05T22:00:00.000Z', '2026-06-01T00:00:00.000Z', '2026-07-01T22:00:00.000Z'];
const operator = { user: 'ops', machine: 'jump', processId: process.pid, toolVersion: '0' };
const seams = {
  clock: { now: () => young, elapsedMs: () => performance.now(), sleep: () => Promise.resolve() },
  operator,
};

let address = '';
let state: State & { readonly retention: Retention };

beforeAll(async () => {
  if (isMissing) return;
  address = await postgres.createDatabase();
  const database = createDatabase(readAddress(address), {
    readFile: () => Promise.reject(new Error('no file')),
    elapsedMs: () => performance.now(),
    warn: () => undefined,
  });
  await prepareDatabase(database);
  const opened = createDatabaseState(database, () => performance.now());
  if (opened.retention === null) throw new Error('a database keeps runs');
  state = { ...opened, retention: opened.retention };
});
afterAll(async () => {
  if (!isMissing) await state.close();
});

interface Kept {
  readonly at?: string;
  readonly verdict?: Verdict;
  readonly isFinished?: boolean;
  readonly isExported?: boolean;
  readonly of?: string;
}

async function write(run: string, { at = old, verdict = 'changed', isFinished = true, isExported = true, of }: Kept) {
  const locks = state.createLocks({ run, user: 'ops', now: () => at, onTakeover: () => undefined });
  const lock = await locks.acquire({ key: `run ${run}`, label: `run ${run}` });
  const journal = await state.runs.createRun(run, ['{}']);
  await state.runs.claimPlan(`plan of ${run}`, run);
  const events: readonly RunEvent[] = [
    { ...runStarted, at, run, kind: of === undefined ? 'apply' : 'rollback', of: of ?? null },
    { at, type: 'host-finished', host: 'ex01', verdict, detail: '', failure: null, findings: [] },
    ...(isFinished ? ([{ at, type: 'run-finished', counts: { [verdict]: 1 } }] as const) : []),
  ];
  for (const event of events) await journal.append(event);
  if (isExported) await state.retention.noteExported(run, journal.head.digest);
  await journal.close();
  await lock.release();
}

const prune = (request: Partial<PruneRequest> = {}) =>
  pruneRuns({ before: limit, unexported: false, dryRun: false, ...request }, state, seams);

suite('old runs', () => {
  test('go when they are finished, settled and exported, whole; all others stay, and it is said why', async () => {
    await write('20260105-220000-aaaaaa', {});
    await write('20260105-220001-bbbbbb', { isExported: false });
    await write('20260105-220002-cccccc', { isFinished: false });
    await write('20260105-220003-dddddd', { verdict: 'in-doubt' });
    await write('20260105-220004-eeeeee', { verdict: 'failed-partial' });
    await write('20260105-220005-ffffff', { of: '20260105-220001-bbbbbb' });
    await write('20260105-220006-gggggg', { of: '20260105-220000-aaaaaa' });
    await write('20260701-220000-hhhhhh', { at: young });
    const all = await state.runs.listRuns();
    const letters = (runs: readonly { readonly run: string }[]): string => runs.map(({ run }) => run.at(-1)).join('');

    const planned = await prune({ dryRun: true });
    expect([letters(planned.removed), letters(planned.kept)]).toEqual(['ag', 'bcdef']);
    expect(await state.runs.listRuns()).toEqual(all);

    const held = state.createLocks({ run: all[0] ?? '', user: 'other', now: () => old, onTakeover: () => undefined });
    const lock = await held.acquire({ key: `run ${all[0] ?? ''}`, label: `run ${all[0] ?? ''}` });
    expect(letters((await prune()).removed)).toBe('');
    await lock.release();

    const pruned = await prune();
    expect([letters(pruned.removed), letters(pruned.kept)]).toEqual(['ag', 'bcdef']);
    const why: Readonly<Record<string, string>> = Object.fromEntries(
      pruned.kept.map((one) => [one.run.at(-1) ?? '', one.why] as const),
    );
    const words = {
      b: 'state export 20260105-220001-bbbbbb',
      c: 'open',
      d: 'in doubt',
      e: 'something left',
      f: '220001-bbb',
    };
    for (const [run, word] of Object.entries(words)) expect(why[run]).toContain(word);
    expect(await state.runs.listRuns()).toEqual(all.filter((one) => !['a', 'g'].includes(one.at(-1) ?? '')));
    for (const run of await state.runs.listRuns()) {
      expect((await readRun(state.runs, run)).head, run).toBe('agrees');
    }
    // Not even its plan; but that it was applied is known, and who removed it.
    const left = await postgres.query(
      address,
      `SELECT run FROM fencepost.record WHERE run LIKE '%aaaaaa' UNION ALL SELECT run FROM fencepost.plan_part WHERE run LIKE '%aaaaaa'`,
    );
    expect(left).toEqual([]);
    expect(await state.runs.planClaim('plan of 20260105-220000-aaaaaa')).toBe('20260105-220000-aaaaaa');
    expect(
      await postgres.query(address, 'SELECT name, records, pruned_by FROM fencepost.pruned_run ORDER BY name'),
    ).toMatchObject([
      { name: '20260105-220000-aaaaaa', records: '3', pruned_by: 'fence' },
      { name: '20260105-220006-gggggg', records: '3' },
    ]);
    expect(letters((await prune({ unexported: true })).removed)).toBe('bf');
  });

  test('letters go with age, and approvals with the runs of their plans', async () => {
    const run = '20260105-240000-aaaaaa';
    await write(run, {});
    await write('20260105-240001-bbbbbb', { isExported: false });
    const kinds = [`plan of ${run}`, 'plan of 20260105-240001-bbbbbb', 'plan of nobody', 'plan of today'];
    for (const plan of kinds) {
      await postgres.query(
        address,
        `INSERT INTO fencepost.approval (plan, id, body, saved_at) VALUES ($1, 'a', 'x', $2)`,
        [plan, plan === 'plan of today' ? young : old],
      );
    }
    await postgres.query(
      address,
      `INSERT INTO fencepost.letter (id, channel, state, body, written_at, settled_at) VALUES
       ('waits', 'room', 'waiting', 'x', clock_timestamp() - interval '13 days', NULL),
       ('waited', 'room', 'waiting', 'x', clock_timestamp() - interval '15 days', NULL),
       ('marked', 'room', 'sent', NULL, clock_timestamp(), clock_timestamp() - interval '59 days'),
       ('forgotten', 'room', 'sent', NULL, clock_timestamp(), clock_timestamp() - interval '61 days')`,
    );
    const rows = async () => [
      (await postgres.query<{ id: string }>(address, 'SELECT id FROM fencepost.letter ORDER BY id')).map(
        ({ id }) => id,
      ),
      (await postgres.query<{ plan: string }>(address, 'SELECT plan FROM fencepost.approval ORDER BY plan')).map(
        ({ plan }) => plan,
      ),
    ];
    const before = await rows();
    expect(await prune({ dryRun: true })).toMatchObject({ letters: 2, approvals: 2 });
    expect(await rows()).toEqual(before);
    expect(await prune()).toMatchObject({ letters: 2, approvals: 2 });
    expect(await rows()).toEqual([
      ['marked', 'waits'],
      ['plan of 20260105-240001-bbbbbb', 'plan of today'],
    ]);
  });

  test('one that went on since it was judged stays; a record goes in no other way', async () => {
    const run = '20260105-230000-aaaaaa';
    await write(run, {});
    expect(await state.retention.removeRun(run, { records: 2, digest: 'other' })).toBe(false);
    for (const text of [
      `DELETE FROM fencepost.record WHERE run = '${run}'`,
      `SET fencepost.pruning = 'another'; DELETE FROM fencepost.record WHERE run = '${run}'`,
      `SET fencepost.pruning = '${run}'; UPDATE fencepost.record SET line = 'x' WHERE run = '${run}'`,
      `SET fencepost.pruning = '${run}'; TRUNCATE fencepost.record`,
    ]) {
      await expect(postgres.query(address, text)).rejects.toThrow(/only added/);
    }
    expect((await readRun(state.runs, run)).head).toBe('agrees');
  });
});
