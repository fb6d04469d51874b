// I/O: runs in the database: their plans, their chains, and which plans were applied. A journal is read in pages, proven record by record as a
// file's is; the head was written in the transaction of its last record, so that a chain that does not reach it lost something afterwards.
import { createEventParser, followChain, parseEvent, type JournalEnd } from '../chain.ts';
import type { ChainHead } from '../head.ts';
import { createOutline, parseOutlineEvent } from '../outline.ts';
import { firstPrevious } from '../record.ts';
import { planAppliedBefore, refuseDamage, type RunStore } from '../store.ts';
import { Failure } from '../../model/failure.ts';
import type { Database } from './database.ts';
import { closeJoined } from './joined/close-joined.ts';
import { openDatabaseJournal } from './journal.ts';
import type { Leases } from './leases.ts';

/** So many records are in memory at a time. */
const pageRecords = 500;
/** By the name, which begins with the time; one that its runners agreed on is as old as its row. */
const startOrder = `CASE WHEN name ~ '^[0-9]{8}-[0-9]{6}-' THEN left(name, 15)
  ELSE to_char(created_at AT TIME ZONE 'UTC', 'YYYYMMDD-HH24MISS') END COLLATE "C"`;
/** So much of a plan is a row. */
const partBytes = 256 * 1024;

export function createDatabaseRuns(database: Database, leases: Leases): RunStore {
  const { place } = database.address;

  function unknown(run: string): Failure {
    return new Failure('run/unknown', `there is no run of this name in ${place}`, {
      where: run,
      hint: 'fencepost runs lists them; --state names another database, --state-dir a directory',
    });
  }

  async function readHead(run: string): Promise<ChainHead> {
    const [found] = await database.transact((query) =>
      query<{ records: string; digest: string }>('SELECT records, digest FROM fencepost.run WHERE name = $1', [run]),
    );
    if (found === undefined) throw unknown(run);
    return { records: Number(found.records), digest: found.digest };
  }

  async function follow<E>(
    run: string,
    parse: (event: Buffer) => E | null,
    visit: (event: E, digest: string) => void,
    rest: () => Promise<void> = () => Promise.resolve(),
  ): Promise<JournalEnd> {
    // The head first: whoever appends meanwhile only takes the journal further beyond it.
    const reader = followChain(parse, visit, await readHead(run));
    for await (const line of readLines(database, run)) {
      reader.take(line);
      await rest();
    }
    return reader.end();
  }

  return {
    place,
    isShared: true,
    async createRun(run, planText) {
      const start = { records: 0, digest: firstPrevious };
      await database.transact(async (query) => {
        const made = await query(
          'INSERT INTO fencepost.run (name, records, digest) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name',
          [run, start.records, start.digest],
        );
        if (made.length === 0) {
          throw new Failure('journal/unwritable', "the journal can't be written: there is a run of this name", {
            where: run,
          });
        }
        let part = 0;
        for await (const bytes of inParts(planText)) {
          await query('INSERT INTO fencepost.plan_part (run, part, bytes) VALUES ($1, $2, $3)', [run, part++, bytes]);
        }
      });
      return openDatabaseJournal(run, start, database, leases);
    },
    async discardRun(run) {
      // One that has a record started.
      await database.transact((query) => query('DELETE FROM fencepost.run WHERE name = $1 AND records = 0', [run]));
    },
    async *readPlan(run) {
      const decoder = new TextDecoder();
      let parts = 0;
      for (; ; parts += 1) {
        const [row] = await database.transact((query) =>
          query<{ bytes: Buffer }>('SELECT bytes FROM fencepost.plan_part WHERE run = $1 AND part = $2', [run, parts]),
        );
        if (row === undefined) break;
        yield decoder.decode(row.bytes, { stream: true });
      }
      if (parts > 0) return;
      await readHead(run);
      throw new Failure('run/unknown', `the plan of this run is missing in ${place}`, { where: run });
    },
    async reopenRun(run) {
      const end = await follow(run, createEventParser(), () => undefined);
      refuseDamage(run, end);
      await database.transact((query) => closeJoined(run, leases, query));
      return openDatabaseJournal(run, { records: end.records, digest: end.lastDigest }, database, leases);
    },
    async listRuns() {
      const rows = await database.transact((query) =>
        query<{ name: string }>(`SELECT name FROM fencepost.run ORDER BY ${startOrder}, name COLLATE "C"`),
      );
      return rows.map((one) => one.name);
    },
    readRun: (run, visit, rest) => follow(run, createEventParser(), visit, rest),
    async outlineRun(run) {
      const reader = createOutline();
      const end = await follow(run, parseOutlineEvent, (event) => {
        reader.event(event);
      });
      return { outline: reader.outline(), end };
    },
    async readBeginning(run) {
      await readHead(run);
      const found: ReturnType<typeof parseEvent>[] = [];
      const reader = followChain(parseEvent, (event) => found.push(event));
      const [row] = await database.transact((query) =>
        query<{ line: Buffer }>('SELECT line FROM fencepost.record WHERE run = $1 AND sequence = 1', [run]),
      );
      if (row !== undefined) reader.take(row.line);
      return found[0] ?? null;
    },
    async planClaim(digest) {
      const [row] = await database.transact((query) =>
        query<{ run: string }>('SELECT run FROM fencepost.applied_plan WHERE digest = $1', [digest]),
      );
      return row?.run ?? null;
    },
    async claimPlan(digest, run) {
      const by = await database.persist(async (query) => {
        await query(
          'INSERT INTO fencepost.applied_plan (digest, run) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING',
          [digest, run],
        );
        const [row] = await query<{ run: string }>('SELECT run FROM fencepost.applied_plan WHERE digest = $1', [
          digest,
        ]);
        return row?.run ?? run;
      });
      if (by !== run) throw planAppliedBefore(by);
    },
  };
}

/** The lines of a journal behind the first `after`, each with its newline, in their order. */
export async function* readLines(database: Pick<Database, 'transact'>, run: string, after = 0): AsyncGenerator<Buffer> {
  for (let last = after; ;) {
    const rows = await database.transact((query) =>
      query<{ sequence: string; line: Buffer }>(
        'SELECT sequence, line FROM fencepost.record WHERE run = $1 AND sequence > $2 ORDER BY sequence LIMIT $3',
        [run, last, pageRecords],
      ),
    );
    for (const row of rows) yield row.line;
    const end = rows.at(-1);
    if (end === undefined) return;
    last = Number(end.sequence);
  }
}

export async function* inParts(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let isEmpty = true;
  for await (const text of texts) {
    const part = Buffer.from(text);
    waiting.push(part);
    bytes += part.length;
    if (bytes < partBytes) continue;
    yield Buffer.concat(waiting);
    isEmpty = false;
    waiting = [];
    bytes = 0;
  }
  // An empty plan is one as well.
  if (bytes > 0 || isEmpty) yield Buffer.concat(waiting);
}
