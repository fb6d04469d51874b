// A saved plan, part by part: one that is to be applied, or the one that a run carries out. What is read is proven, host by host, to be what
// planning makes of the facts in it. Opens no file itself.
import { planAppliedBefore, type RunStore } from '../journal/store.ts';
import type { RunKind } from '../model/outcome.ts';
import type { FleetPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { checkHost, checkRollbackHost } from '../plan/check-plan.ts';
import { createPlanReader, type PlanReading, type SavedPlan } from '../plan/read-plan-file.ts';
import { makeAnswer } from './host-jobs.ts';
import { refuseSiteSecrets } from './join/site-secrets.ts';
import { loadAhead, restoreTargets } from './saved-targets.ts';
import type { OwnInventory, Seams } from './seams.ts';

/** Its text in parts of any length, in order. */
export type PlanText = AsyncIterable<string>;

type PlanKind = Pick<PlanReading, 'check' | 'hasOneRequest'>;

const ofApply: PlanKind = { check: (host, plan) => checkHost(host, makeAnswer, plan), hasOneRequest: true };
const ofRollback: PlanKind = { check: checkRollbackHost, hasOneRequest: false };

/** `name`: what the plan is called in a Failure. Throws Failure `plan/damaged`, and whatever reading `text` throws. */
export function readPlan(text: PlanText, name: string, toolVersion: string): Promise<SavedPlan> {
  return readChecked(text, name, toolVersion, ofApply);
}

/** The plan that a run carries out. Throws Failure `run/unknown` when it is missing, `plan/damaged`. */
export function readPlanOfRun(run: string, store: RunStore, kind: RunKind, toolVersion: string): Promise<SavedPlan> {
  return readChecked(
    store.readPlan(run),
    `the plan of run ${run}`,
    toolVersion,
    kind === 'rollback' ? ofRollback : ofApply,
  );
}

async function readChecked(text: PlanText, name: string, toolVersion: string, kind: PlanKind): Promise<SavedPlan> {
  const reader = createPlanReader({ file: name, ...kind, toolVersion });
  for await (const part of text) reader.take(part);
  return reader.end();
}

export interface PlanToApply {
  readonly plan: FleetPlan;
  /** One for each of its hosts, reached as the plan says. */
  readonly targets: readonly Target[];
}

export interface SavedPlanRequest {
  readonly text: PlanText;
  readonly name: string;
  /** False: it is only looked at, so that it may have been applied before. */
  readonly isApplied: boolean;
  /** The run of several runners that applies it; left out: a run of its own. */
  readonly run?: string;
  readonly inventory: OwnInventory;
}

/** Throws Failure `plan/damaged`, `plan/already-applied`, and those of `restoreTargets`. */
export async function readPlanToApply(
  { text, name, isApplied, run, inventory }: SavedPlanRequest,
  { store, operator }: Pick<Seams, 'store' | 'operator'>,
): Promise<PlanToApply> {
  const own = await loadAhead(inventory);
  const { plan, digest } = await readPlan(text, name, operator.toolVersion);
  const appliedBy = isApplied ? await store.planClaim(digest) : null;
  if (appliedBy !== null && appliedBy !== run) throw planAppliedBefore(appliedBy);
  const isOfSite = (site: string | undefined): boolean => run !== undefined && site !== undefined;
  const hosts = plan.hosts.map(({ target, connection, backEndPorts, site, state }) => ({
    target,
    connection,
    backEndPorts,
    // In a shared run it is reached from its site, with the secrets there.
    isReached: state === 'changes' && !isOfSite(site),
  }));
  const targets = await restoreTargets({ kind: 'plan', hosts, inventory: plan.inventory.files }, own);
  if (run !== undefined) refuseSiteSecrets(plan, targets);
  return { plan, targets };
}
