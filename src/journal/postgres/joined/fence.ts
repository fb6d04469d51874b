// What may be written to the journal of a run that several runners share, and what it changes in their rows, in one transaction: a host
// starts only with the runner that claimed it, gets one verdict, a batch opens once, a run ends once. What came too late is left out or
// refused; it never stops the run.
import type { HostVerdict, RunEvent } from '../../../model/outcome.ts';
import type { LockHolder, ProcessIdentity } from '../../lock-holder.ts';
import type { Query } from '../database.ts';
import { nameRunLock, type Lease, type Leases } from '../leases.ts';
import { isGone, nameRunner } from './runners.ts';

/** `drop`: somebody else wrote it; `refuse`: it is not this runner's to write. */
type Passage = 'write' | 'drop' | 'refuse';

export interface Fence {
  /** Leases without which nothing of a batch of records is written, and those of the frame of the run. */
  own(): { readonly member: Lease | undefined; readonly run: Lease | undefined };
  /** To be called before any other row is locked. */
  lockHosts(hosts: readonly string[], query: Query): Promise<void>;
  /** `holdsRun`: the lease of the run is this runner's, by the database. */
  pass(event: RunEvent, holdsRun: boolean, query: Query): Promise<Passage>;
  isLost(host: string, state: 'claimed' | 'started', query: Query): Promise<boolean>;
  /** What the runner that had the host still writes of it is refused. */
  raiseEpoch(host: string, query: Query): Promise<void>;
}

export function createFence(
  { run, self }: { readonly run: string; readonly self: ProcessIdentity },
  leases: Pick<Leases, 'runner' | 'find'>,
): Fence {
  const { runner } = leases;
  const changes = async (query: Query, text: string, values: readonly unknown[] = []): Promise<boolean> =>
    (await query(`${text} RETURNING run`, [run, ...values])).length > 0;

  async function isLost(host: string, state: 'claimed' | 'started', query: Query): Promise<boolean> {
    const [row] = await query<{ runner: string | null; holder: LockHolder | null }>(
      'SELECT runner, holder FROM fencepost.joined_host WHERE run = $1 AND host = $2 AND state = $3 FOR UPDATE',
      [run, host, state],
    );
    if (row === undefined || row.runner === runner) return false;
    // Locked: a sign of life that comes now waits, and then finds out what was taken from it.
    const [other] = await query<{ expired: boolean }>(
      'SELECT expires_at < clock_timestamp() AS expired FROM fencepost.runner WHERE id = $1 FOR NO KEY UPDATE',
      [row.runner],
    );
    return isGone(row.holder, other?.expired ?? true, self);
  }

  const raiseEpoch = async (host: string, query: Query): Promise<void> => {
    await query(
      `UPDATE fencepost.lease SET epoch = epoch + 1, runner = NULL, claim = NULL, holder = NULL
       WHERE holder->>'run' = $1 AND holder->>'label' = $2`,
      [run, host],
    );
  };

  /** A changed host that was to be rolled back and could not be claimed for it: nothing else gives one that is finished another verdict. */
  function refusesUndo(host: string, query: Query): Promise<boolean> {
    return changes(
      query,
      `UPDATE fencepost.joined_host SET verdict = 'failed-partial' WHERE run = $1 AND host = $2 AND state = 'finished'
       AND verdict = 'changed' AND EXISTS (SELECT FROM fencepost.joined_run r WHERE r.run = $1 AND r.stopping IS NOT NULL)`,
      [host],
    );
  }

  async function finishHost(
    { host, verdict, down = [] }: Pick<HostVerdict, 'host' | 'verdict' | 'down'>,
    holdsRun: boolean,
    query: Query,
  ): Promise<Passage> {
    // One that is down keeps its group as a lost one does: the index, and who claims, look at nothing else.
    const state = down.length > 0 ? 'lost' : 'finished';
    const isOwn = await changes(
      query,
      `UPDATE fencepost.joined_host SET state = $5, verdict = $3
       WHERE run = $1 AND host = $2 AND runner = $4 AND state IN ('claimed', 'started')`,
      [host, verdict, runner, state],
    );
    if (isOwn) return 'write';
    if (!holdsRun) return 'refuse';
    const isUnstarted = await changes(
      query,
      `UPDATE fencepost.joined_host SET state = 'finished', verdict = $3 WHERE run = $1 AND host = $2 AND state = 'waiting'`,
      [host, verdict],
    );
    if (isUnstarted) return 'write';
    if (verdict === 'failed-partial' && (await refusesUndo(host, query))) return 'write';
    if (!(await isLost(host, 'started', query))) return 'drop';
    await raiseEpoch(host, query);
    await query(`UPDATE fencepost.joined_host SET state = 'lost', verdict = $3 WHERE run = $1 AND host = $2`, [
      run,
      host,
      verdict,
    ]);
    return 'write';
  }

  return {
    own: () => ({ member: leases.find(run, nameRunner(run)), run: leases.find(run, nameRunLock(run)) }),
    async lockHosts(hosts, query) {
      await query(
        `SELECT key FROM fencepost.lease WHERE holder->>'run' = $1 AND holder->>'label' = ANY($2) ORDER BY key FOR UPDATE`,
        [run, hosts],
      );
    },
    async pass(event, holdsRun, query) {
      const write = (isChanged: boolean): Passage => (isChanged ? 'write' : 'drop');
      switch (event.type) {
        case 'host-started': {
          const isStarted = await changes(
            query,
            `UPDATE fencepost.joined_host SET state = 'started' WHERE run = $1 AND host = $2 AND runner = $3 AND state = 'claimed'`,
            [event.host, runner],
          );
          return isStarted ? 'write' : 'refuse';
        }
        case 'host-finished':
          return finishHost(event, holdsRun, query);
        case 'run-stopping':
          return write(
            await changes(
              query,
              'UPDATE fencepost.joined_run SET stopping = $2 WHERE run = $1 AND stopping IS NULL AND NOT closed',
              [event.reason],
            ),
          );
        case 'batch-started':
          if (!holdsRun) return 'refuse';
          return write(
            await changes(
              query,
              `UPDATE fencepost.joined_run SET batch = $2 WHERE run = $1 AND batch = $2 - 1 AND finished_batch = batch
               AND stopping IS NULL AND NOT closed AND NOT EXISTS (
                 SELECT FROM fencepost.joined_host WHERE run = $1 AND batch < $2
                   AND state IN ('waiting', 'claimed', 'started'))`,
              [event.batch],
            ),
          );
        case 'batch-finished':
          if (!holdsRun) return 'refuse';
          return write(
            await changes(
              query,
              'UPDATE fencepost.joined_run SET finished_batch = $2 WHERE run = $1 AND finished_batch < $2 AND NOT closed',
              [event.batch],
            ),
          );
        case 'run-finished':
          if (!holdsRun) return 'refuse';
          return write(
            await changes(
              query,
              `UPDATE fencepost.joined_run SET closed = true WHERE run = $1 AND NOT closed AND NOT EXISTS (
                 SELECT FROM fencepost.joined_host WHERE run = $1 AND state IN ('waiting', 'claimed', 'started'))`,
            ),
          );
        case 'run-started': {
          if (!holdsRun) return 'refuse';
          const [found] = await query('SELECT name FROM fencepost.run WHERE name = $1 AND records = 0', [run]);
          return write(found !== undefined);
        }
        default:
          return 'host' in event || holdsRun ? 'write' : 'refuse';
      }
    },
    isLost,
    raiseEpoch,
  };
}
