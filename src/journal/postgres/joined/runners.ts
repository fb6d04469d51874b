// Who of the runners of a run lives, as the database and, on this machine, the system know it. A runner is gone when its lease is over, or its
// process is: the same rule that lets a lease be taken over (leases.ts).
import { Failure } from '../../../model/failure.ts';
import { judgeLife, type LockHolder, type ProcessIdentity } from '../../lock-holder.ts';
import { lockedBy } from '../../lock.ts';
import type { Query } from '../database.ts';

/** The lease that every runner of a run holds as long as it takes part. */
export function nameRunner(run: string): string {
  return `runner of ${run}`;
}

export function isGone(holder: LockHolder | null, isExpired: boolean, self: ProcessIdentity): boolean {
  return isExpired || (holder !== null && judgeLife(holder, 0, self) === 'dead');
}

export function describeRunner(holder: LockHolder | null): string {
  return holder === null ? 'unknown' : `${holder.user}@${holder.machine} (process ${String(holder.processId)})`;
}

interface OtherRunners {
  readonly run: string;
  /** This process, which is not asked. */
  readonly runner: string;
  readonly self: ProcessIdentity;
  readonly leaseMs: number;
}

/** Nobody goes on alone with a run that somebody else works on. Throws Failure `run/host-locked`. */
export async function refuseWithRunners({ run, runner, self, leaseMs }: OtherRunners, query: Query): Promise<void> {
  const rows = await query<{ holder: LockHolder; expired: boolean; silent_ms: number }>(
    `SELECT l.holder, r.expires_at < clock_timestamp() AS expired,
       (extract(epoch FROM clock_timestamp() - r.beat_at) * 1000)::float8 AS silent_ms
     FROM fencepost.lease l JOIN fencepost.runner r ON r.id = l.runner
     WHERE l.holder->>'label' = $1 AND l.runner <> $2`,
    [nameRunner(run), runner],
  );
  const living = rows.find((one) => !isGone(one.holder, one.expired, self));
  if (living === undefined) return;
  const isHere = judgeLife(living.holder, 0, self) === 'lives';
  throw lockedBy(`run ${run}`, { holder: living.holder, silentMs: isHere ? null : living.silent_ms }, leaseMs);
}

/** A host of a joined run is for the runner that claimed it, and no longer once it was taken from it. Throws Failure `run/lease-lost`. */
export async function refuseWithoutClaim(
  { run, label, runner }: { readonly run: string; readonly label: string; readonly runner: string },
  query: Query,
): Promise<void> {
  if (label === `run ${run}` || label === nameRunner(run)) return;
  const [own] = await query<{ mine: boolean }>(
    `SELECT runner = $3 AND state = 'claimed' AS mine FROM fencepost.joined_host WHERE run = $1 AND host = $2 FOR SHARE`,
    [run, label, runner],
  );
  if (own?.mine === true) return;
  throw new Failure('run/lease-lost', 'another runner took it over, for this one gave no sign of life for too long', {
    where: label,
    hint: `see how it stands: fencepost status ${run}`,
    effect: 'none',
  });
}
