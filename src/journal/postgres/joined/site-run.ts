// I/O: a shared run as the runner of one site takes part in it, with what its database role may see: the numbers of the run, its own hosts,
// its part of the plan. Each has leases of its own, so that what it leaves behind counts as left when it is closed, while its process goes on.
import { Failure } from '../../../model/failure.ts';
import type { JoinedStanding, RunnerShares, SiteRun } from '../../../model/joined-run.ts';
import { identifyProcess } from '../../lock-holder.ts';
import { firstPrevious } from '../../record.ts';
import type { JoinOptions } from '../../state.ts';
import { siteChain } from '../chain-rows.ts';
import type { Database, Query } from '../database.ts';
import { openDatabaseJournal } from '../journal.ts';
import { createLeases, leaseLost } from '../leases.ts';
import { createFence } from './fence.ts';
import { nameRunner } from './runners.ts';

interface StandingRow extends Readonly<
  Record<`${'run' | 'batch'}_${'hosts' | 'waiting' | 'busy' | 'failed'}`, number>
> {
  readonly plan: string;
  readonly batch: number;
  readonly finished_batch: number;
  readonly stopping: string | null;
  readonly closed: boolean;
  readonly site_waiting: number;
  readonly runners: number;
  readonly own: number;
}

export function createSiteRun(
  { run, user, now, onTakeover, failing, site }: JoinOptions & { readonly site: string },
  database: Database,
  elapsedMs: () => number,
): SiteRun {
  const leases = createLeases(database, elapsedMs);
  const self = identifyProcess();
  const { runner } = leases;
  const locks = leases.createLocks({ run, user, now, onTakeover, isJoined: true, site });
  let claims = 0;

  async function read(query: Query, isLocked: boolean): Promise<(JoinedStanding & RunnerShares) | null> {
    const [row] = await query<StandingRow>('SELECT * FROM fencepost.stand_for_site($1, $2, $3, $4, $5)', [
      run,
      site,
      runner,
      failing,
      isLocked,
    ]);
    if (row === undefined) return null;
    const of = (what: 'run' | 'batch'): JoinedStanding['ofRun'] => ({
      hosts: row[`${what}_hosts`],
      hasWaiting: row[`${what}_waiting`] > 0,
      busy: row[`${what}_busy`],
      failed: row[`${what}_failed`],
    });
    return {
      plan: row.plan,
      batch: row.batch,
      isBatchFinished: row.finished_batch === row.batch,
      stopping: row.stopping,
      isClosed: row.closed,
      ofSiteWaiting: row.site_waiting,
      ofBatch: of('batch'),
      ofRun: of('run'),
      runners: row.runners,
      own: row.own,
    };
  }

  async function returnClaim(claim: string, query: Query): Promise<void> {
    await query(
      `UPDATE fencepost.joined_host SET state = 'waiting', runner = NULL, holder = NULL
       WHERE run = $1 AND state = 'claimed' AND holder->>'claim' = $2`,
      [run, claim],
    );
  }

  return {
    run,
    locks,
    join: () => locks.acquire({ key: `${nameRunner(run)} ${runner}`, label: nameRunner(run) }),
    readStanding: () => database.persist((query) => read(query, false)),
    openJournal() {
      const fence = createFence({ run, self }, leases);
      const head = { records: 0, digest: firstPrevious };
      return openDatabaseJournal(run, head, database, leases, fence, siteChain(run, site));
    },
    async claimHost(mayStart) {
      const claim = `${runner} ${String((claims += 1))}`;
      const holder = { run, label: nameRunner(run), user, ...self, since: now(), site, claim };
      let tries = 0;
      const claimed = await database.persist(async (query) => {
        const own = leases.find(run, nameRunner(run));
        if (own === undefined || own.state !== 'held' || (await leases.findLost([own], query)).length > 0) {
          throw leaseLost(nameRunner(run));
        }
        // The answer to an earlier try was lost, and it may have come off: nobody would ever start that host.
        if ((tries += 1) > 1) await returnClaim(claim, query);
        const standing = await read(query, true);
        if (standing === null || standing.isClosed || standing.stopping !== null) return null;
        if (!mayStart(standing)) return null;
        const [next] = await query<{ host: string }>(
          `UPDATE fencepost.joined_host SET state = 'claimed', runner = $4, holder = $5 WHERE run = $1 AND host = (
             SELECT h.host FROM fencepost.joined_host h
             WHERE h.run = $1 AND h.batch = $2 AND h.site = $3 AND h.state = 'waiting'
               AND (h.exclusive_group IS NULL OR fencepost.is_group_free($1, h.exclusive_group))
             ORDER BY h.place LIMIT 1)
           RETURNING host`,
          [run, standing.batch, site, runner, JSON.stringify(holder)],
        );
        return next?.host ?? null;
      });
      // What was claimed before a sleep may be another's by now.
      await leases.fence();
      return claimed;
    },
    async returnHost(host) {
      await database.persist((query) =>
        query(
          `UPDATE fencepost.joined_host SET state = 'waiting', runner = NULL, holder = NULL
           WHERE run = $1 AND host = $2 AND runner = $3 AND state = 'claimed'`,
          [run, host, runner],
        ),
      );
    },
    async *readPlan() {
      const decoder = new TextDecoder();
      for (let part = 0; ; part += 1) {
        const [row] = await database.transact((query) =>
          query<{ bytes: Buffer }>('SELECT bytes FROM fencepost.site_part WHERE run = $1 AND site = $2 AND part = $3', [
            run,
            site,
            part,
          ]),
        );
        if (row !== undefined) yield decoder.decode(row.bytes, { stream: true });
        else if (part > 0) return;
        else
          throw new Failure('run/unknown', `the plan of site ${site} is missing in ${database.address.place}`, {
            where: run,
          });
      }
    },
    close: () => leases.close(),
  };
}
