// How a run stands for the runner of a site (sql/0007-cheap-standing.ts): the numbers are those that counting all hosts gives, which is how it was
// done before (sql/0003-sites.ts), and however many hosts there are, few rows are looked at.
import fc from 'fast-check';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { readAddress } from '../../../src/journal/postgres/address.ts';
import { createDatabase } from '../../../src/journal/postgres/database.ts';
import { prepareDatabase } from '../../../src/journal/postgres/prepare.ts';
import { sites } from '../../../src/journal/postgres/sql/0003-sites.ts';
import { verdicts } from '../../../src/model/outcome.ts';
import { failedVerdicts } from '../../../src/run/fleet/budget.ts';
import { amount } from '../../support/amount.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres, isMissing } = await usePostgres();
const self = '00000000-0000-4000-8000-000000000001';
const other = '00000000-0000-4000-8000-000000000002';
let address = '';

beforeAll(async () => {
  if (isMissing) return;
  address = await postgres.createDatabase();
  const database = createDatabase(readAddress(address), {
    readFile: () => Promise.reject(new Error('no file is read here')),
    elapsedMs: () => performance.now(),
    warn: () => undefined,
  });
  await prepareDatabase(database);
  await database.close();
  const [before] = /CREATE FUNCTION fencepost\.stand_for_site[^]*?\n\$\$;/.exec(sites) ?? [];
  if (before === undefined) throw new Error('0003-sites.ts has no stand_for_site');
  await postgres.query(address, before.replace('fencepost.stand_for_site', 'fencepost.stand_by_counting'));
  await postgres.query(
    address,
    `INSERT INTO fencepost.runner (id, beat_at, expires_at) VALUES
       ('${self}', clock_timestamp(), 'infinity'), ('${other}', clock_timestamp(), '-infinity')`,
  );
});

interface HostRow {
  readonly batch: number;
  readonly site: string | null;
  readonly state: string;
  readonly runner: string | null;
  readonly verdict: string | null;
}

const host: fc.Arbitrary<HostRow> = fc.record({
  batch: fc.integer({ min: 0, max: 3 }),
  site: fc.constantFrom(null, 'paris', 'london'),
  state: fc.constantFrom('waiting', 'claimed', 'started', 'finished', 'lost'),
  runner: fc.constantFrom(null, self, other),
  verdict: fc.constantFrom(null, ...verdicts),
});

/** `runners`: of the run's two, whose lease is held, and of which site. */
async function write(run: string, batch: number, hosts: readonly HostRow[], runners: readonly string[]): Promise<void> {
  await postgres.query(address, `INSERT INTO fencepost.run (name, records, digest) VALUES ($1, 0, '0')`, [run]);
  await postgres.query(
    address,
    `INSERT INTO fencepost.joined_run (run, plan, batch, finished_batch, stopping, closed) VALUES ($1, 'p', $2, $3, $4, $5)`,
    [run, batch, Math.max(0, batch - 1), batch === 2 ? 'why' : null, batch === 3],
  );
  await postgres.query(
    address,
    `INSERT INTO fencepost.joined_host (run, host, place, batch, site, state, runner, verdict)
     SELECT $1, 'ex' || row_number() OVER (), row_number() OVER (), batch, site, state, runner::uuid, verdict
     FROM json_to_recordset($2) AS new (batch int, site text, state text, runner text, verdict text)`,
    [run, JSON.stringify(hosts)],
  );
  await postgres.query(
    address,
    `INSERT INTO fencepost.joined_batch (run, batch, hosts)
     SELECT run, batch, count(*) FROM fencepost.joined_host WHERE run = $1 GROUP BY run, batch`,
    [run],
  );
  for (const [index, site] of runners.entries()) {
    await postgres.query(
      address,
      'INSERT INTO fencepost.lease (key, epoch, runner, claim, holder) VALUES ($1, 1, $2, $3, $4)',
      [
        `runner of ${run} ${String(index)}`,
        index % 2 === 0 ? self : other,
        self,
        JSON.stringify({ run, label: `runner of ${run}`, site }),
      ],
    );
  }
}

type Standing = Readonly<Record<string, unknown>>;

const waits = ['run_waiting', 'batch_waiting', 'site_waiting'] as const;

async function stand(how: string, run: string): Promise<readonly Standing[]> {
  const text = `SELECT * FROM fencepost.${how}($1, 'paris', $2, $3, $4)`;
  return postgres.query<Standing>(address, text, [run, self, failedVerdicts, how === 'stand_for_site']);
}

suite('how a run stands for a site', () => {
  test('is what counting all its hosts gives, and of what waits whether any does', async () => {
    let runs = 0;
    const met = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3 }),
        fc.array(host, { maxLength: 12 }),
        fc.array(fc.constantFrom('paris', 'london'), { maxLength: 3 }),
        async (batch, others, runners) => {
          // Whoever asks has a host in it.
          const own = { batch: 0, site: 'paris', state: 'finished', runner: null, verdict: null };
          const run = `r${String((runs += 1))}`;
          await write(run, batch, [...others, own], runners);
          const counted = await stand('stand_by_counting', run);
          for (const one of counted) for (const [name, value] of Object.entries(one)) if (value !== 0) met.add(name);
          const flags = (one: Standing): Standing =>
            Object.fromEntries(waits.map((name) => [name, Number(Number(one[name]) > 0)]));
          expect(await stand('stand_for_site', run)).toEqual(counted.map((one) => ({ ...one, ...flags(one) })));
        },
      ),
      { numRuns: amount({ share: 40, ci: 100, all: 1000 }), seed: 7 },
    );
    // All that it tells was something else than 0 at times.
    expect(met.size).toBe(16);
  });

  test.each([
    { name: 'all wait', isFinished: () => false, isWaiting: 1 },
    { name: 'none waits', isFinished: () => true, isWaiting: 0 },
    { name: 'only others wait', isFinished: (site: string | null) => site === 'paris', isWaiting: 0 },
  ])('looks at few rows of a run with 20,000 hosts of which $name', async ({ name, isFinished, isWaiting }) => {
    const run = name.replaceAll(' ', '-');
    const all = Array.from({ length: 20_000 }, (_, index): HostRow => {
      const site = index % 2 === 0 ? 'london' : index % 4 === 1 ? 'paris' : null;
      const batch = 1 + (index % 3);
      if (index % 2000 === 0) return { batch, site, state: 'started', runner: self, verdict: null };
      if (!isFinished(site)) return { batch, site, state: 'waiting', runner: null, verdict: null };
      return {
        batch,
        site,
        state: 'finished',
        runner: null,
        verdict: index % 1000 === 1 ? 'failed-partial' : 'changed',
      };
    });
    await write(run, 1, all, ['paris']);
    await postgres.query(address, 'ANALYZE fencepost.joined_host');
    const [own] = await stand('stand_for_site', run);
    const failed = isFinished('paris') ? 20 : 0;
    const expected = { run_hosts: 20_000, run_busy: 10, run_failed: failed, own: 10, site_waiting: isWaiting };
    expect(own).toMatchObject(expected);
    expect(await countLookedAt(run)).toBeLessThan(200);
    // What it is measured by does see a count of all.
    expect(await countLookedAt(run, 'stand_by_counting')).toBeGreaterThan(19_999);
  });
});

/** Rows, and entries of indexes, that the server took from what joined runs are kept in, in a transaction as ours are (database.ts). */
async function countLookedAt(run: string, how = 'stand_for_site'): Promise<number> {
  const client = new pg.Client({ connectionString: address.replace(/\?.*$/, ''), ssl: false });
  await client.connect();
  try {
    await client.query('BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL jit = off');
    await client.query(`SELECT * FROM fencepost.${how}($1, 'paris', $2, $3, true)`, [run, self, failedVerdicts]);
    const { rows } = await client.query<{ looked: string }>(
      `SELECT sum(pg_stat_get_xact_tuples_returned(oid)) AS looked FROM pg_class
       WHERE relnamespace = 'fencepost'::regnamespace AND relname ~ '^joined'`,
    );
    await client.query('ROLLBACK');
    return Number(rows[0]?.looked);
  } finally {
    await client.end();
  }
}
