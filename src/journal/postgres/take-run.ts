// I/O: a run from another state becomes rows of the database, in one transaction.
import { Failure } from '../../model/failure.ts';
import type { RunCopy } from '../state.ts';
import { runThere } from '../take-run.ts';
import type { Database, Query } from './database.ts';
import { inParts } from './runs.ts';

/** So many records are written at once. */
const pageRecords = 500;

export async function takeRun(database: Database, run: string, { plan, journal, head }: RunCopy): Promise<void> {
  await database.transact(async (query) => {
    const made = await query(
      'INSERT INTO fencepost.run (name, records, digest) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name',
      [run, head.records, head.digest],
    );
    if (made.length === 0) throw runThere(run, database.address.place);
    let part = 0;
    for await (const bytes of inParts(plan)) {
      await query('INSERT INTO fencepost.plan_part (run, part, bytes) VALUES ($1, $2, $3)', [run, part++, bytes]);
    }
    const records = await writeRecords(run, journal, query);
    if (records === head.records) return;
    throw new Failure('journal/damaged', 'the journal changed while it was copied; nothing was copied', { where: run });
  });
}

async function writeRecords(run: string, journal: AsyncIterable<Buffer>, query: Query): Promise<number> {
  let records = 0;
  let page: Buffer[] = [];
  const write = async (): Promise<void> => {
    await query(
      `INSERT INTO fencepost.record (run, sequence, line)
       SELECT $1, sequence, line FROM unnest($2::bigint[], $3::bytea[]) AS new (sequence, line)`,
      [run, page.map((_, index) => records + 1 + index), page],
    );
    records += page.length;
    page = [];
  };
  for await (const line of inLines(journal)) {
    page.push(line);
    if (page.length >= pageRecords) await write();
  }
  if (page.length > 0) await write();
  return records;
}

/** Each with its newline. */
async function* inLines(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const part of parts) {
    const bytes = Buffer.concat([rest, part]);
    let from = 0;
    for (let at = bytes.indexOf('\n'); at !== -1; at = bytes.indexOf('\n', from)) {
      yield bytes.subarray(from, at + 1);
      from = at + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield rest;
}
