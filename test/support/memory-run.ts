// The shipped workflows over a fleet in memory: plan, apply, roll back and resume, with the pieces a test wants to hold in its hands. Sets up
// seams and calls; what a workflow does stands in src/workflows/ and nowhere here.
import { families } from '../../src/model/host-state.ts';
import type { HostVerdict, RunEvent } from '../../src/model/outcome.ts';
import type { FleetPlan } from '../../src/model/plan.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Policy, Strategy } from '../../src/model/strategy.ts';
import type { Target } from '../../src/model/target.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Clock, Connector, Journal, Listener } from '../../src/model/seams.ts';
import type { RunSeams } from '../../src/run/run-seams.ts';
import type { HostJob } from '../../src/run/hosts/host-job.ts';
import type { SurveyResult } from '../../src/run/survey/survey.ts';
import { startRun, type RunManners, type RunOutcome } from '../../src/workflows/execute-run.ts';
import { makeHostJobs, makeRequest } from '../../src/workflows/host-jobs.ts';
import { planFleet } from '../../src/workflows/plan-fleet.ts';
import { executeResume, planResume } from '../../src/workflows/resume/resume.ts';
import { executeRollback, planRollback } from '../../src/workflows/roll-back.ts';
import { surveyFleet } from '../../src/workflows/survey-fleet.ts';
import { memoryClock } from './memory-clock.ts';
import type { MemoryFleet } from './memory-fleet.ts';
import { memorySeams, noInventory, type MemorySeams } from './memory-seams.ts';
import { memoryStore, type SavedRun } from './memory-store.ts';

/** What the shipped playbook wants. */
export const backEndPorts: Desired = {
  exclusions: [
    { range: portRange(9933), protocol: 'tcp', families, presence: 'present', service: 'MSExchangeIMAP4BE' },
    { range: portRange(9955), protocol: 'tcp', families, presence: 'present', service: 'MSExchangePOP3BE' },
  ],
  whenHeldByOwnService: 'restart',
};

/** Too many ranges for the line of an outage: the steps are sent one after the other. */
export const manyPorts: Desired = {
  exclusions: [9933, 19_934, 19_935].map((port) => ({
    range: portRange(port),
    protocol: 'tcp',
    families,
    presence: 'present',
    service: 'MSExchangeIMAP4BE',
  })),
  whenHeldByOwnService: 'restart',
};

export function policyOf(
  differences: Partial<Omit<Policy, 'strategy'>> = {},
  strategy: Partial<Strategy> = {},
): Policy {
  return {
    strategy: {
      canary: 0,
      batches: [{ kind: 'percent', percent: 100 }],
      concurrency: 10,
      maxFailed: { kind: 'count', hosts: 0 },
      maxFailedTotal: null,
      oneAtATimeBy: null,
      pauseMs: 0,
      confirmBetweenBatches: false,
      ...strategy,
    },
    window: null,
    onFailure: 'rollback_host',
    ...differences,
  };
}

/** Asks and plans. `groupOf`: the exclusive group of a host. */
export function planMemory(
  { targets, connector }: Pick<MemoryFleet, 'targets' | 'connector'>,
  desired: Desired = backEndPorts,
  policy: Policy = policyOf(),
  groupOf?: (host: string) => string | null,
): Promise<FleetPlan> {
  const strategy = groupOf === undefined ? policy.strategy : { ...policy.strategy, oneAtATimeBy: 'group' };
  const intent = {
    targets: targets.map((one) => ({ ...one, variables: { ...one.variables, group: groupOf?.(one.name) ?? null } })),
    desiredOf: () => desired,
    policy: { ...policy, strategy },
    playbook: { name: 'Reserve the Exchange back-end ports', file: 'playbook.yml', sha256: 'p' },
    inventory: { files: ['inventory.yml'], sha256: 'i' },
  };
  return planFleet(intent, memorySeams({ connector, clock: memoryClock('2026-12-05T21:00:00.000Z') }));
}

export function surveyMemory(
  targets: readonly Target[],
  connector: Connector,
  desiredOf: (target: Target) => Desired,
): Promise<readonly SurveyResult[]> {
  const requestOf = (target: Target) => makeRequest(desiredOf(target));
  return surveyFleet({ targets, concurrency: 10, requestOf }, memorySeams({ connector }), (one) => one);
}

export interface MemoryRunOptions {
  readonly journal: Journal;
  readonly clock?: Clock;
  readonly listener?: Listener;
  readonly connector?: Connector;
  readonly world?: Partial<Pick<RunSeams, 'locks' | 'stop' | 'signal' | 'endsAt' | 'confirmBatch'>>;
  /** Makes another job of one that apply makes. */
  readonly alter?: (job: HostJob) => HostJob;
}

/** Carries out a plan as `apply` does. Throws the Failure of a run that broke off. */
export async function applyMemory(
  fleet: Pick<MemoryFleet, 'targets' | 'connector'>,
  plan: FleetPlan,
  options: MemoryRunOptions,
): Promise<readonly HostVerdict[]> {
  return verdictsOf(await startMemory(fleet, plan, options).outcome);
}

/** The same, and what is on disk of it whenever its process dies. */
export function startMemory(
  { targets, connector }: Pick<MemoryFleet, 'targets' | 'connector'>,
  plan: FleetPlan,
  options: MemoryRunOptions,
): { readonly outcome: Promise<RunOutcome>; readonly saved: () => ReadonlyMap<string, SavedRun> } {
  const seams = seamsFor(connector, options);
  const jobs = makeHostJobs(plan, targets).map(options.alter ?? ((job) => job));
  const request = { kind: 'apply', of: null, plan, planFile: null, jobs } as const;
  return { outcome: startRun(request, mannersFor(options), seams), saved: () => seams.store.saved() };
}

/** Takes a run back from nothing but its records, as `rollback` does after the operator's yes. */
export async function rollBackMemory(
  { connector }: Pick<MemoryFleet, 'connector'>,
  events: readonly RunEvent[],
  options: MemoryRunOptions,
  force = false,
): Promise<{ readonly plan: FleetPlan; readonly verdicts: readonly HostVerdict[] }> {
  const saved = new Map([['a-run', { planText: '', events }]]);
  const seams = seamsFor(connector, options, saved, 'a-rollback');
  const planned = await planRollback(
    { run: 'a-run', limit: null, force, concurrency: 10, inventory: noInventory },
    seams,
  );
  return { plan: planned.plan, verdicts: verdictsOf(await executeRollback(planned, mannersFor(options), seams)) };
}

/** Goes on with a run from what is on disk of it, as `resume` does after the operator's yes. */
export async function resumeMemory(
  { connector }: Pick<MemoryFleet, 'connector'>,
  saved: ReadonlyMap<string, SavedRun>,
  options: MemoryRunOptions,
): Promise<{
  readonly plan: FleetPlan;
  readonly verdicts: readonly HostVerdict[];
  readonly saved: ReadonlyMap<string, SavedRun>;
}> {
  const seams = seamsFor(connector, options, saved);
  const planned = await planResume({ run: 'a-run', concurrency: 10, inventory: noInventory }, seams);
  const { plan, jobs, earlier } = planned;
  // With nothing left to do the command ends here.
  const verdicts =
    jobs.length === 0 ? earlier.settled : verdictsOf(await executeResume(planned, mannersFor(options), seams));
  return { plan, verdicts, saved: seams.store.saved() };
}

function seamsFor(
  connector: Connector,
  { journal, clock, listener, world = {}, ...options }: MemoryRunOptions,
  runs: ReadonlyMap<string, SavedRun> = new Map(),
  run = 'a-run',
): MemorySeams {
  const { locks, stop, signal } = world;
  const store = memoryStore({ runs, journal });
  return memorySeams({ connector: options.connector ?? connector, clock, listener, store, locks, stop, signal, run });
}

function mannersFor({ world = {} }: MemoryRunOptions): RunManners {
  const { endsAt = null, confirmBatch = () => Promise.resolve(true) } = world;
  return { endsAt, confirmBatch, inventory: undefined };
}

function verdictsOf({ failure, verdicts }: RunOutcome): readonly HostVerdict[] {
  if (failure !== null) throw failure;
  return verdicts;
}
