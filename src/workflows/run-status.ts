// How a run and each of its hosts stand, as the journals of the run and of its rollbacks know it, and the one command to type next. It only
// reads and asks no host: what happened since nobody wrote down.
import type { RunStore } from '../journal/store.ts';
import { Failure } from '../model/failure.ts';
import type { SiteStanding } from '../model/joined-run.ts';
import type { OpenLine, RunHistory, StepHistory } from '../model/history.ts';
import type { HostVerdict } from '../model/outcome.ts';
import { listServicesDown } from '../model/rules/left-down.ts';
import { isOurs } from '../model/rules/ownership.ts';
import { rollsBackOthers } from '../model/strategy.ts';
import type { HeldLock } from '../journal/unlock.ts';
import type { HostStanding, RunnerAtWork, RunStatus } from '../model/run-status.ts';
import { isSameRange } from './resume/resumed-host.ts';
import { findOpenGuards } from './guards/open-guards.ts';
import { limitFlag, standAfterRollbacks, type RollbackStanding } from './earlier-rollbacks.ts';
import { inventoryFlags } from './inventory-flags.ts';
import { replayRun, findRollbacks } from './read-history.ts';
import { withEarlierRollbacks } from './after-rollbacks.ts';

/** Throws Failure `run/unknown`, `journal/damaged` when not even its first record can be read. */
export async function readRunStatus(run: string, store: RunStore): Promise<RunStatus> {
  const { replay, end } = await replayRun(run, store);
  const own = replay.history();
  if (own === null) {
    throw new Failure('journal/damaged', 'the journal of this run has no first record', {
      where: run,
      hint: `fencepost runs verify ${run}`,
    });
  }
  const rollbacks = await findRollbacks(run, store);
  const standing = standAfterRollbacks(rollbacks);
  const history = withEarlierRollbacks(own, rollbacks);
  const hosts = standHosts(history, standing);
  const { started, finished, stopping } = own;
  return {
    run,
    kind: started.kind,
    of: started.of,
    startedAt: started.at,
    isFinished: finished !== null,
    stopping,
    damage: end.damage === null ? null : `damaged in line ${end.damage.line}: ${end.damage.problem}`,
    hosts,
    next: end.damage === null ? nextCommand(history, hosts, standing) : `fencepost runs verify ${run}`,
  };
}

/** The same, with who works on it now. */
export function withRunners(status: RunStatus, locks: readonly HeldLock[]): RunStatus {
  const byProcess = new Map<string, RunnerAtWork>();
  for (const { holder, life } of locks) {
    const { run, label, user, machine, processId, since } = holder;
    if (run !== status.run || life === 'dead' || life === 'silent') continue;
    const by = `${user}@${machine} (process ${processId})`;
    const known = byProcess.get(by) ?? { by, since, coordinates: false, hosts: [] };
    const isHost = label !== `run ${run}` && label !== `runner of ${run}`;
    byProcess.set(by, {
      by,
      since: since < known.since ? since : known.since,
      coordinates: known.coordinates || label === `run ${run}`,
      hosts: isHost ? [...known.hosts, { host: label, since }] : known.hosts,
    });
  }
  const runners = [...byProcess.values()].toSorted((a, b) => (a.since < b.since ? -1 : 1));
  return runners.length === 0 ? status : { ...status, runners };
}

/** The same, with the sites for which it waits. */
export function withSites(status: RunStatus, sites: readonly SiteStanding[]): RunStatus {
  const missing = sites.filter((one) => one.waiting > 0 && one.runners === 0);
  if (missing.length === 0 || status.isFinished) return status;
  return { ...status, waitingFor: missing.map(({ site, waiting }) => ({ site, waiting })) };
}

function standHosts(history: RunHistory, { back }: RollbackStanding): readonly HostStanding[] {
  const known = new Map(history.hosts.map((one) => [one.host, one]));
  const verdicts = new Map(history.verdicts.map((one) => [one.host, one]));
  const guards = findOpenGuards(history);
  const { kind } = history.started;
  return history.started.hosts.map(({ host }): HostStanding => {
    const told = known.get(host);
    const steps = told?.steps ?? [];
    // A command whose answer is missing may have changed the range on the other family too.
    const isInDoubt = ({ step, inDoubt, ownership }: StepHistory): boolean =>
      inDoubt || (isOurs(ownership) && steps.some((other) => other.inDoubt && isSameRange(step, other.step)));
    const verdict = verdicts.get(host)?.verdict ?? null;
    // Also where a rollback found it so, or a resumed run died before it began again.
    const hasRun = kind === 'apply' && history.guards?.[host]?.state === 'fired';
    const isUndone = hasRun || verdict === 'undone-by-host';
    const left = steps.filter(({ step, ownership }) => !isUndone && step.kind !== 'service' && isOurs(ownership));
    const guard = guards.get(host);
    const down = isUndone ? [] : listServicesDown(steps);
    const line = history.openLines?.[host];
    const isRestarted = line !== undefined && down.includes(line.service);
    return {
      host,
      verdict: hasRun ? 'undone-by-host' : verdict,
      isStarted: told !== undefined,
      changed: left.filter((one) => !isInDoubt(one)).map((one) => one.step.sentence),
      inDoubt: isUndone ? [] : steps.filter(isInDoubt).map((one) => one.step.sentence),
      down,
      ...(isRestarted ? { restart: { service: line.service, until: findEnd(line) } } : {}),
      notBack: kind === 'rollback' ? listNotBack(steps, verdicts.get(host) ?? null) : [],
      ...(guard === undefined ? {} : { guard: { armedAt: guard.at, withinMs: guard.withinMs, by: guard.by } }),
      rolledBackBy: hasRun ? null : (back.get(host) ?? null),
    };
  });
}

/** When the line of an outage is over at the latest. */
function findEnd({ sentAt, boundMs }: OpenLine): string {
  return new Date(Date.parse(sentAt) + boundMs).toISOString();
}

/** A rollback that died may have come to its end on a host: the journal does not say so, and neither does this. */
function listNotBack(steps: readonly StepHistory[], verdict: HostVerdict | null): readonly string[] {
  if (verdict?.verdict === 'changed' || verdict?.verdict === 'unchanged') return [];
  const left = steps.filter(({ lastResult }) => lastResult !== 'done' && lastResult !== 'not-needed');
  if (left.length > 0) return left.map((one) => one.step.sentence);
  if (verdict !== null) return [`${verdict.verdict}: ${verdict.detail}`];
  return [steps.length === 0 ? 'its rollback never started' : 'not verified: the rollback ended before'];
}

function nextCommand(
  history: RunHistory,
  hosts: readonly HostStanding[],
  { unfinished, back }: RollbackStanding,
): string | null {
  const { run, kind, of, inventory } = history.started;
  const flags = inventoryFlags(inventory.files);
  if (kind === 'rollback') {
    const left = hosts.filter((one) => one.verdict !== 'changed' && one.verdict !== 'unchanged');
    if (left.length === 0) return null;
    return `fencepost rollback ${of ?? 'RUN'} -l ${left.map((one) => one.host).join(',')}${flags}`;
  }
  if (unfinished.length > 0) return `fencepost rollback ${run}${limitFlag(unfinished, history, back)}${flags}`;
  if (history.finished === null) return `fencepost resume ${run}${flags}`;
  const troubled = hosts.filter((one) => one.down.length > 0 || one.inDoubt.length > 0 || isHalfDone(one));
  const names = troubled.map((one) => one.host);
  if (names.length > 0) {
    const isLost = back.size === 0 && !isGoingBack(history) && names.every((host) => hasLostRunner(host, history));
    return isLost
      ? `fencepost resume ${run}${flags}`
      : `fencepost rollback ${run}${limitFlag(names, history, back)}${flags}`;
  }
  if (hosts.some(({ guard }) => guard?.by === 'person')) return `fencepost confirm ${run}${flags}`;
  const isSkipped = hosts.some((one) => one.verdict === 'skipped');
  if (back.size > 0 || !isSkipped) return null;
  // Why it failed comes before more hosts.
  const isFailed = hosts.some((one) => one.verdict === 'failed-rolled-back');
  return isFailed ? `fencepost runs show ${run}` : `fencepost resume ${run}${flags}`;
}

/** Nothing failed on it: its runner of a shared run was gone, and a resume finds out how the host stands and finishes it. */
function hasLostRunner(host: string, { verdicts }: RunHistory): boolean {
  const told = verdicts.find((one) => one.host === host);
  return told?.verdict === 'in-doubt' && told.failure?.code === 'run/lease-lost';
}

/** It stopped, and what it changed was to be rolled back then: its runner may have been lost while it did that. */
function isGoingBack({ started: { onFailure }, stopping }: RunHistory): boolean {
  return stopping !== null && rollsBackOthers(onFailure);
}

function isHalfDone({ verdict, rolledBackBy }: HostStanding): boolean {
  return rolledBackBy === null && (verdict === 'failed-partial' || verdict === 'in-doubt');
}
