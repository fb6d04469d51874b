// Why hosts are not as desired, where it is this: a run had changed them, nobody called their guards off, and they undid it by themselves.
// It reads the journals of the latest runs, asks no host, and says nothing where a journal cannot be read.
import type { RunStore } from '../../journal/store.ts';
import { asFailure } from '../../model/failure.ts';
import type { HostHistory, RunHistory } from '../../model/history.ts';
import type { Finding, FleetPlan, HostPlan } from '../../model/plan.ts';
import { findRollbacks, readHistory } from '../read-history.ts';
import { withEarlierRollbacks } from '../after-rollbacks.ts';
import { hasGuardRun } from './open-guards.ts';

/** A guard's time is over within the night: what is older explains no drift of today. */
const mostRuns = 10;

/** The same plan; hosts that differ for this reason have a warning that says so. */
export async function tellUndoneByGuard(plan: FleetPlan, store: RunStore): Promise<FleetPlan> {
  const open = new Map(plan.hosts.filter(isDrift).map((one) => [one.target, one]));
  const found = new Map<string, Finding>();
  const runs = open.size === 0 ? [] : await listLatest(store);
  for (const run of runs) {
    if (open.size === 0) break;
    const history = await readGuarded(run, [...open.keys()], store);
    for (const told of history?.hosts ?? []) {
      const host = open.get(told.host);
      if (history === null || host === undefined || !isSameServer(told, host)) continue;
      if (hasGuardRun(history, told, host.facts)) found.set(told.host, tellFinding(run));
      // The latest run that changed a host is the one that counts.
      open.delete(told.host);
    }
  }
  if (found.size === 0) return plan;
  const hosts = plan.hosts.map((host) => {
    const finding = found.get(host.target);
    return finding === undefined ? host : { ...host, findings: [...host.findings, finding] };
  });
  return { ...plan, hosts };
}

/** The same name elsewhere is another host. */
function isSameServer({ connection: one }: HostHistory, { connection: other }: HostPlan): boolean {
  return one.address === other.address && one.port === other.port;
}

function isDrift({ state, facts }: HostPlan): boolean {
  return state === 'changes' && Array.isArray(facts?.guards);
}

async function listLatest(store: RunStore): Promise<readonly string[]> {
  try {
    return (await store.listRuns()).toReversed().slice(0, mostRuns);
  } catch (thrown) {
    asFailure(thrown);
    return [];
  }
}

/** Null: it is no apply, was not about any of these hosts, or cannot be read. */
async function readGuarded(run: string, hosts: readonly string[], store: RunStore): Promise<RunHistory | null> {
  try {
    const first = await store.readBeginning(run);
    if (first?.type !== 'run-started' || first.kind !== 'apply') return null;
    if (!first.hosts.some((one) => hosts.includes(one.host))) return null;
    const { history } = await readHistory(run, store);
    return withEarlierRollbacks(history, await findRollbacks(run, store));
  } catch (thrown) {
    asFailure(thrown);
    return null;
  }
}

function tellFinding(run: string): Finding {
  return {
    severity: 'warning',
    code: 'undone-by-guard',
    sentence: `the host undid the changes of run ${run} by itself: nobody called its guard off in time`,
    hint: 'make the change again, and confirm it in time: fencepost confirm RUN',
  };
}
