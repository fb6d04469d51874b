// A joined run that one process goes on with alone, as resume does: nobody joins it any more, and what a runner that sleeps still writes of it is
// refused, of its hosts too. Refused itself while a runner lives. Of any other run there is nothing to close.
import { identifyProcess } from '../../lock-holder.ts';
import type { Query } from '../database.ts';
import { leaseLost } from '../lease-lost.ts';
import { nameRunLock, type Leases } from '../leases.ts';
import { refuseWithRunners } from './runners.ts';

/** Throws Failure `run/host-locked`, `run/lease-lost`. */
export async function closeJoined(run: string, leases: Leases, query: Query): Promise<void> {
  const closed = await query('UPDATE fencepost.joined_run SET closed = true WHERE run = $1 RETURNING run', [run]);
  if (closed.length === 0) return;
  const own = leases.find(run, nameRunLock(run));
  if (own === undefined || (await leases.findLost([own], query)).length > 0) throw leaseLost(nameRunLock(run));
  await refuseWithRunners({ run, runner: leases.runner, self: identifyProcess(), leaseMs: 0 }, query);
  await query(
    `UPDATE fencepost.lease SET epoch = epoch + 1, runner = NULL, claim = NULL, holder = NULL
     WHERE holder->>'run' = $1 AND runner <> $2`,
    [run, leases.runner],
  );
}
