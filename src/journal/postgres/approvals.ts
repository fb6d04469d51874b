// I/O: approvals of plans as rows, by the plan's digest, beside the files that lie with a plan. They are kept as they were written and judged by
// nobody here: who may write to the database could write one, and what counts is its signature.
import { createHash } from 'node:crypto';
import type { ApprovalStore } from '../state.ts';
import type { Database } from './database.ts';

export function createDatabaseApprovals(database: Database): ApprovalStore {
  return {
    place: database.address.place,
    read: (plan, { most, mostBytes }) =>
      database.transact((query) =>
        query<{ id: string; text: string | null }>(
          `SELECT id, CASE WHEN octet_length(body) <= $2 THEN body END AS text
           FROM fencepost.approval WHERE plan = $1 ORDER BY saved_at, id LIMIT $3`,
          [plan, mostBytes, most + 1],
        ),
      ),
    async add(plan, text) {
      const id = createHash('sha256').update(text).digest('hex');
      await database.transact((query) =>
        query('INSERT INTO fencepost.approval (plan, id, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
          plan,
          id,
          text,
        ]),
      );
    },
    async remove(plan, ids) {
      await database.transact((query) =>
        query('DELETE FROM fencepost.approval WHERE plan = $1 AND id = ANY($2)', [plan, ids]),
      );
    },
  };
}
