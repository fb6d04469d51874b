// I/O: the histories of hosts in the database, one row per host, endpoint and set of desires. Who writes has the table to itself for as long
// as its transaction takes. A row that is no history counts as damaged and is said; one that is written over is a new start.
import { createHash } from 'node:crypto';
import { hostObservations } from '../../forms/history-forms.ts';
import {
  addObservation,
  isSameHost,
  type HostObservation,
  type HostObservations,
  type ObservedHost,
} from '../../model/observations/observation.ts';
import { createObservationSharing } from '../../model/observations/share-observations.ts';
import type { ObservationStore } from '../observations/observation-store.ts';
import type { Database } from './database.ts';

interface HistoryRow {
  readonly id: string;
  readonly body: unknown;
}

export function createDatabaseHistories(database: Database): ObservationStore {
  return {
    async read() {
      const rows = await database.transact((query) =>
        query<HistoryRow>('SELECT id, body FROM fencepost.history ORDER BY id'),
      );
      const sharing = createObservationSharing();
      const read = rows.map((row) => {
        const history = parse(row);
        return [row.id, history === null ? null : sharing.history(history)] as const;
      });
      return {
        histories: read.flatMap(([, history]) => history ?? []),
        damaged: read.flatMap(([id, history]) =>
          history === null ? [`${database.address.place}, history ${id}`] : [],
        ),
      };
    },
    async add(observations, limits) {
      if (observations.length === 0) return [];
      const byId = new Map<string, HostObservation[]>();
      for (const one of observations) byId.set(nameRow(one), [...(byId.get(nameRow(one)) ?? []), one]);
      const oldest = new Date(Date.parse(limits.now) - limits.keepMs).toISOString();
      return database.transact(async (query) => {
        await query('LOCK TABLE fencepost.history IN SHARE ROW EXCLUSIVE MODE');
        const rows = await query<HistoryRow>('SELECT id, body FROM fencepost.history WHERE id = ANY($1)', [
          [...byId.keys()],
        ]);
        const found = new Map(rows.map((row) => [row.id, parse(row)]));
        const damaged: string[] = [];
        for (const [id, added] of byId) {
          const [first] = added;
          if (first === undefined) continue;
          const known = found.get(id);
          if (known === null) damaged.push(`${database.address.place}, history ${id}`);
          const isUsable = known !== undefined && known !== null && added.every((one) => isSameHost(one, known));
          let spans = isUsable ? known.spans : [];
          for (const { observation } of added) spans = addObservation(spans, observation, limits);
          const { host, endpoint, desired, playbook } = first;
          await query(
            `INSERT INTO fencepost.history (id, written_at, body) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at, body = excluded.body`,
            [id, limits.now, JSON.stringify({ host, endpoint, desired, playbook, spans })],
          );
        }
        await query('DELETE FROM fencepost.history WHERE written_at < $1', [oldest]);
        return damaged;
      });
    },
  };
}

/** Null: it is no history. */
function parse({ body }: HistoryRow): HostObservations | null {
  const read = hostObservations.safeParse(body);
  return read.success ? read.data : null;
}

function nameRow({ host, endpoint, desired }: ObservedHost): string {
  return createHash('sha256')
    .update(JSON.stringify([host, endpoint, desired]))
    .digest('hex');
}
