// What a run that several runners carry out rolls back because more failed than its playbook allows: hosts that any of them changed. Who
// coordinates does it, alone, once nobody has a host any more. Which hosts are left to do the rows say, so that another goes on where it died.
import { Failure } from '../../model/failure.ts';
import type { JoinedRun, JoinedStanding } from '../../model/joined-run.ts';
import type { HostDown } from '../../model/rules/left-down.ts';
import { rollsBackOthers, type Policy } from '../../model/strategy.ts';
import { resultBefore } from '../earlier-life.ts';
import { createGroupWatch } from '../fleet/group-watch.ts';
import { createLedger } from '../fleet/ledger.ts';
import type { HostJob } from '../hosts/host-job.ts';
import { rollBackHosts } from '../roll-back-hosts.ts';
import type { TimedSeams } from '../run-seams.ts';
import { refuseMore } from './may-start.ts';

export interface JoinedUndoSeams {
  readonly joined: Pick<JoinedRun, 'run' | 'locks' | 'listChanged' | 'claimUndo'>;
  readonly policy: Policy;
  readonly world: TimedSeams;
  /** What the run did on these hosts, by its journal, as jobs that undo it; and hosts that it left down. */
  readonly planUndo: (
    hosts: readonly string[],
  ) => Promise<{ readonly jobs: readonly HostJob[]; readonly down: readonly HostDown[] }>;
}

/** Hosts that are to be rolled back before the run ends; none: as the playbook says, or the budget holds. */
export async function listToUndo(
  { joined, policy }: Pick<JoinedUndoSeams, 'joined' | 'policy'>,
  standing: JoinedStanding,
): Promise<readonly string[]> {
  const { onFailure, strategy } = policy;
  if (!rollsBackOthers(onFailure) || refuseMore(strategy, standing) === null) return [];
  return joined.listChanged(onFailure === 'rollback_batch' ? 'batch' : 'all');
}

/** One verdict more for each. Rejects with Failure `journal/unwritable`, `run/lease-lost`. */
export async function undoJoined(hosts: readonly string[], seams: JoinedUndoSeams): Promise<void> {
  const { joined, policy, world, planUndo } = seams;
  const { jobs, down } = await planUndo(hosts);
  const locks: TimedSeams['locks'] = {
    async acquire(what) {
      if (await joined.claimUndo(what.label)) return joined.locks.acquire(what);
      throw new Failure('run/host-locked', 'another host of its group is in doubt, for its runner is gone', {
        where: what.label,
        hint: `once that host is settled: fencepost rollback ${joined.run}`,
        effect: 'none',
      });
    },
  };
  const ledger = createLedger(jobs.map((job) => job.plan.target));
  const { oneAtATimeBy, concurrency } = policy.strategy;
  const groups = createGroupWatch(jobs, { oneAtATimeBy, settleWith: world.settleWith, down });
  await rollBackHosts(jobs.map(resultBefore), { ...world, locks }, ledger, groups, concurrency);
}
