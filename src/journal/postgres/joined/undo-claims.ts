// I/O: gives hosts that a shared run has changed to who coordinates it, to be rolled back because others failed. Such a host has its verdict
// while it is claimed and started anew, which tells it from one that is being changed; the group of a host in doubt, or left down, stays closed to it.
import type { JoinedRun } from '../../../model/joined-run.ts';
import { identifyProcess } from '../../lock-holder.ts';
import type { JoinOptions } from '../../state.ts';
import type { Database, Query } from '../database.ts';
import { leaseLost } from '../lease-lost.ts';
import { nameRunLock, type Leases } from '../leases.ts';
import { nameRunner } from './runners.ts';

export function createUndoClaims(
  { run, user, now }: Pick<JoinOptions, 'run' | 'user' | 'now'>,
  database: Database,
  leases: Leases,
): Pick<JoinedRun, 'listChanged' | 'claimUndo'> {
  const self = identifyProcess();
  const { runner } = leases;

  async function refuseUnlessCoordinating(query: Query): Promise<void> {
    const own = leases.find(run, nameRunLock(run));
    if (own === undefined || own.state !== 'held' || (await leases.findLost([own], query)).length > 0) {
      throw leaseLost(nameRunLock(run));
    }
  }

  return {
    async listChanged(which) {
      const rows = await database.persist((query) =>
        query<{ host: string }>(
          `SELECT h.host FROM fencepost.joined_host h JOIN fencepost.joined_run r ON r.run = h.run
           WHERE h.run = $1 AND h.state = 'finished' AND h.verdict = 'changed' AND h.site IS NULL
             AND ($2 = 'all' OR h.batch = r.batch) ORDER BY h.place`,
          [run, which],
        ),
      );
      return rows.map((one) => one.host);
    },
    async claimUndo(host) {
      const holder = { run, label: nameRunner(run), user, ...self, since: now() };
      const isClaimed = await database.persist(async (query) => {
        await refuseUnlessCoordinating(query);
        await query('SELECT FROM fencepost.joined_run WHERE run = $1 FOR UPDATE', [run]);
        // The answer to an earlier try may have been lost, and it had come off.
        const claimed = await query(
          `UPDATE fencepost.joined_host h SET state = 'claimed', runner = $3, holder = $4
           WHERE h.run = $1 AND h.host = $2 AND h.verdict = 'changed' AND h.site IS NULL
             AND (h.state = 'finished' OR h.state = 'claimed' AND h.runner = $3)
             AND EXISTS (SELECT FROM fencepost.joined_run r WHERE r.run = $1 AND r.stopping IS NOT NULL AND NOT r.closed)
             AND NOT EXISTS (SELECT FROM fencepost.joined_host o WHERE o.run = $1 AND o.host <> h.host
               AND o.exclusive_group = h.exclusive_group AND o.state IN ('claimed', 'started', 'lost'))
           RETURNING host`,
          [run, host, runner, JSON.stringify(holder)],
        );
        return claimed.length > 0;
      });
      // What was claimed before a sleep may be another's by now.
      await leases.fence();
      return isClaimed;
    },
  };
}
