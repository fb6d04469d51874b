// What the rollbacks of a run, told by their journals, made of its hosts: rolled back, or still on the way there. `resume` starts nothing on
// either. It asks no host, and what is left to undo on one stands in after-rollbacks.ts.
import type { HostVerdict } from '../model/outcome.ts';
import type { RollbackSummary, RunHistory, RunOutline } from '../model/history.ts';

export interface RollbackStanding {
  /** Hosts that are as they were before the run -> the rollback that brought them there. */
  readonly back: ReadonlyMap<string, string>;
  /** Hosts that a rollback was to bring back, and has not. */
  readonly unfinished: readonly string[];
  /** The latest rollback of those hosts; null: there are none. */
  readonly unfinishedBy: string | null;
}

/** `rollbacks`: oldest first. The latest one that was about a host says how the host stands. */
export function standAfterRollbacks(rollbacks: readonly RunHistory[]): RollbackStanding {
  const back = new Map<string, string>();
  const unfinished = new Map<string, string>();
  for (const { started, verdicts } of rollbacks) {
    const done = new Set(verdicts.filter(isBack).map((one) => one.host));
    for (const { host } of started.hosts) {
      const [is, isNot] = done.has(host) ? [back, unfinished] : [unfinished, back];
      is.set(host, started.run);
      isNot.delete(host);
    }
  }
  return { back, unfinished: [...unfinished.keys()], unfinishedBy: [...unfinished.values()].at(-1) ?? null };
}

/** The rollbacks of a run among all runs, in their order. */
export function listRollbacks(run: string, outlines: readonly RunOutline[]): readonly RollbackSummary[] {
  return outlines
    .filter(({ started }) => started.kind === 'rollback' && started.of === run)
    .map(({ started, verdicts, finished }) => ({
      run: started.run,
      finished: finished !== null,
      hosts: started.hosts.length,
      rolledBack: verdicts.filter(isBack).length,
    }));
}

/** `unchanged`: the host had undone it by itself. */
export function isBack({ verdict }: Pick<HostVerdict, 'verdict'>): boolean {
  return verdict === 'changed' || verdict === 'unchanged';
}

/** ` -l ex02,ex03` where a rollback of the whole run would bring back more than these hosts and those that are `back`; else nothing. */
export function limitFlag(
  hosts: readonly string[],
  history: Pick<RunHistory, 'hosts'>,
  back: ReadonlyMap<string, string> = new Map(),
): string {
  const chosen = new Set([...hosts, ...back.keys()]);
  return history.hosts.every((one) => chosen.has(one.host)) ? '' : ` -l ${hosts.join(',')}`;
}
