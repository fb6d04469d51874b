// I/O: gives hosts of a shared run to one runner, one by one, under the lock of the run's row, so that what is looked at, the batch, the budget,
// the group, still holds when a host is given out. Whose hosts they may be, and how the run is read, each kind of runner says for itself.
import type { JoinedRun, JoinedStanding, RunnerShares } from '../../../model/joined-run.ts';
import { identifyProcess } from '../../lock-holder.ts';
import type { JoinOptions } from '../../state.ts';
import type { Database, Query } from '../database.ts';
import { leaseLost } from '../lease-lost.ts';
import type { Leases } from '../leases.ts';
import { nameRunner } from './runners.ts';

interface ClaimRules {
  /** Holds the run's row until the transaction ends; null: there is no such run. */
  readonly readLocked: (query: Query) => Promise<(JoinedStanding & RunnerShares) | null>;
  /** Which of the waiting hosts of the batch: a condition on `h` in SQL, its own values from `$5` on. */
  readonly which: string;
  readonly values: readonly unknown[];
}

/** A host that has its verdict was claimed to be rolled back (undo-claims.ts). */
export const asBeforeClaim = `state = CASE WHEN verdict IS NULL THEN 'waiting' ELSE 'finished' END, runner = NULL, holder = NULL`;

export function createClaims(
  { run, user, now, site }: Pick<JoinOptions, 'run' | 'user' | 'now'> & { readonly site?: string },
  { which, values, readLocked }: ClaimRules,
  database: Database,
  leases: Leases,
): Pick<JoinedRun, 'claimHost' | 'returnHost'> {
  const self = identifyProcess();
  const { runner } = leases;
  const label = nameRunner(run);
  let claims = 0;

  /** `of`: a condition on the row, with the third value. */
  async function free(of: string, value: string, query: Query): Promise<void> {
    await query(
      `UPDATE fencepost.joined_host SET ${asBeforeClaim}
       WHERE run = $1 AND runner = $2 AND state = 'claimed' AND ${of} = $3`,
      [run, runner, value],
    );
  }

  return {
    async claimHost(mayStart) {
      const claim = `${runner} ${String((claims += 1))}`;
      const holder = { run, label, user, ...self, since: now(), ...(site === undefined ? {} : { site }), claim };
      let tries = 0;
      const claimed = await database.persist(async (query) => {
        const own = leases.find(run, label);
        if (own === undefined || own.state !== 'held' || (await leases.findLost([own], query)).length > 0) {
          throw leaseLost(label);
        }
        // The answer to an earlier try was lost, and it may have come off: nobody would ever start that host.
        if ((tries += 1) > 1) await free(`holder->>'claim'`, claim, query);
        const standing = await readLocked(query);
        if (standing === null || standing.isClosed || standing.stopping !== null) return null;
        if (!mayStart(standing)) return null;
        const [next] = await query<{ host: string }>(
          `UPDATE fencepost.joined_host SET state = 'claimed', runner = $3, holder = $4 WHERE run = $1 AND host = (
             SELECT h.host FROM fencepost.joined_host h
             WHERE h.run = $1 AND h.batch = $2 AND h.state = 'waiting' AND ${which} ORDER BY h.place LIMIT 1)
           RETURNING host`,
          [run, standing.batch, runner, JSON.stringify(holder), ...values],
        );
        return next?.host ?? null;
      });
      // What was claimed before a sleep may be another's by now.
      await leases.fence();
      return claimed;
    },
    returnHost: (host) => database.persist((query) => free('host', host, query)),
  };
}
