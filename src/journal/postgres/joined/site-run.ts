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
import { createLeases } from '../leases.ts';
import { createClaims } from './claims.ts';
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
  /** As the other two of what waits: 1 or 0. */
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
      hasSiteWaiting: row.site_waiting > 0,
      ofBatch: of('batch'),
      ofRun: of('run'),
      runners: row.runners,
      own: row.own,
    };
  }

  const claims = createClaims(
    { run, user, now, site },
    {
      readLocked: (query) => read(query, true),
      // A group may have hosts of other sites, which this role does not see.
      which: 'h.site = $5 AND (h.exclusive_group IS NULL OR fencepost.is_group_free(h.run, h.exclusive_group))',
      values: [site],
    },
    database,
    leases,
  );

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
    ...claims,
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
