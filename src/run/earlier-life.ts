// What a run that was interrupted brings along when it is resumed: verdicts that stand, failures that count, and hosts that its failure
// policy may still undo. Told from its history; it asks no host.
import type { RunHistory } from '../model/history.ts';
import type { HostVerdict } from '../model/outcome.ts';
import type { HostDown } from '../model/rules/left-down.ts';
import { createOwnership } from '../model/rules/ownership.ts';
import type { Policy } from '../model/strategy.ts';
import { failedVerdicts, isBudgetExceeded } from './fleet/budget.ts';
import type { HostJob, HostResult } from './hosts/host-job.ts';

/** The failures of a run before it was interrupted. */
export interface EarlierFailures {
  /** Hosts that had failed. One that is tried again counts by what becomes of it then. */
  readonly failing: ReadonlySet<string>;
  /** Hosts that the whole run was to change. */
  readonly hosts: number;
  /** The hosts of the batch that the run was in; null: it was in none. */
  readonly batch: readonly string[] | null;
  /** More had failed than the playbook allows: no further host is started. */
  readonly isExceeded: boolean;
}

export interface EarlierLife extends EarlierFailures {
  readonly settled: readonly HostVerdict[];
  /** Hosts that it had changed, for a failure policy that reaches them. */
  readonly changed: readonly HostJob[];
  /** Of the settled ones: hosts that keep the others of their groups from being started. */
  readonly down: readonly HostDown[];
}

export const noEarlierLife: EarlierLife = {
  settled: [],
  changed: [],
  down: [],
  failing: new Set(),
  hosts: 0,
  batch: null,
  isExceeded: false,
};

/** Of a run that came to its end nothing counts any more: whoever resumes it has seen what failed. */
export function recallFailures({ finished, batches, verdicts, started }: RunHistory, policy: Policy): EarlierFailures {
  const hosts = started.hosts.filter((one) => one.state === 'changes').length;
  if (finished !== null) return { failing: new Set(), hosts, batch: null, isExceeded: false };
  const failed = new Set(verdicts.filter((one) => failedVerdicts.includes(one.verdict)).map((one) => one.host));
  // A host may be in two batches, for one that is down is tried again before all others.
  const failing = new Set(batches.flatMap((one) => one.hosts).filter((host) => failed.has(host)));
  const run = { failed: failing.size, hosts };
  const isExceeded = batches.some((one) => {
    const batch = { failed: one.hosts.filter((host) => failing.has(host)).length, hosts: one.hosts.length };
    return isBudgetExceeded(policy.strategy, batch, run);
  });
  const last = batches.at(-1);
  return { failing, hosts, batch: last?.finished === false ? last.hosts : null, isExceeded };
}

/** Hosts whose changes a failure policy undoes; `batch`: the latest one. */
export function undoScope({ batches, hosts }: RunHistory, { onFailure }: Policy): ReadonlySet<string> {
  if (onFailure === 'rollback_run') return new Set(hosts.map((one) => one.host));
  return new Set(onFailure === 'rollback_batch' ? batches.at(-1)?.hosts : []);
}

/** A host that was changed before the interruption, as one that was changed now. */
export function resultBefore(job: HostJob): HostResult {
  const { doneBefore = [] } = job;
  return {
    host: job.plan.target,
    verdict: 'changed',
    detail: '',
    failure: null,
    job,
    done: doneBefore.map(({ step, sent }) => ({ step, sent })),
    ownership: createOwnership(doneBefore),
  };
}
