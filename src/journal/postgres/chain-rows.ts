// The rows of one run's chain, within a transaction: its head, and what is added behind it. As whoever may read all records has them; the
// runner of a site, which may not, goes through functions that let it add records of its own hosts.
import type { ChainHead } from '../head.ts';
import type { Query } from './database.ts';

export interface ChainRows {
  /** Held until the transaction ends. */
  lockHead(query: Query): Promise<ChainHead>;
  hasRecord(head: ChainHead, query: Query): Promise<boolean>;
  /** `lines` lead from `from` to `to`. */
  add(lines: readonly string[], from: ChainHead, to: ChainHead, query: Query): Promise<void>;
}

interface HeadRow {
  readonly records: string;
  readonly digest: string;
}

export function ownChain(run: string): ChainRows {
  return {
    async lockHead(query) {
      return readHead(
        await query<HeadRow>('SELECT records, digest FROM fencepost.run WHERE name = $1 FOR UPDATE', [run]),
      );
    },
    async hasRecord({ records, digest }, query) {
      const [row] = await query<{ line: Buffer }>(
        'SELECT line FROM fencepost.record WHERE run = $1 AND sequence = $2',
        [run, records],
      );
      return row?.line.includes(`"digest":"${digest}"}`) === true;
    },
    async add(lines, from, to, query) {
      await query(
        `INSERT INTO fencepost.record (run, sequence, line)
         SELECT $1, sequence, line FROM unnest($2::bigint[], $3::bytea[]) AS new (sequence, line)`,
        [run, lines.map((_, index) => from.records + 1 + index), lines.map((line) => Buffer.from(line))],
      );
      await query('UPDATE fencepost.run SET records = $2, digest = $3 WHERE name = $1', [run, to.records, to.digest]);
    },
  };
}

/** Of a run that the site has hosts in; the database refuses any other, and a record of another site's host. */
export function siteChain(run: string, site: string): ChainRows {
  return {
    async lockHead(query) {
      return readHead(await query<HeadRow>('SELECT records, digest FROM fencepost.head_for_site($1, $2)', [run, site]));
    },
    async hasRecord({ records, digest }, query) {
      const [row] = await query<{ there: boolean }>('SELECT fencepost.has_record_for_site($1, $2, $3, $4) AS there', [
        run,
        site,
        records,
        digest,
      ]);
      return row?.there === true;
    },
    async add(lines, _from, _to, query) {
      await query('SELECT fencepost.append_for_site($1, $2, $3)', [run, site, lines.map((line) => Buffer.from(line))]);
    },
  };
}

function readHead([found]: readonly HeadRow[]): ChainHead {
  return { records: Number(found?.records), digest: found?.digest ?? '' };
}
