// The walk of plan, apply and rollback over a fleet in memory, as cli/ walks it, with the pieces a test wants to hold in its hands.
import { answerOf } from '../../src/workflows/host-answer.ts';
import type { FactsRequest } from '../../src/facts/collect.ts';
import { fingerprintFacts } from '../../src/facts/fingerprint.ts';
import { saveConnection, restoreConnection } from '../../src/inventory/saved-connection.ts';
import { Failure, failureRecord } from '../../src/model/failure.ts';
import type { HostHistory } from '../../src/model/history.ts';
import { families } from '../../src/model/host-state.ts';
import type { HostVerdict, RunEvent, RunKind } from '../../src/model/outcome.ts';
import type { FleetPlan, HostPlan } from '../../src/model/plan.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Policy, Strategy } from '../../src/model/strategy.ts';
import type { Target } from '../../src/model/target.ts';
import type { Wanted } from '../../src/model/wanted.ts';
import type { Clock, Connector, Journal, Listener, Progress } from '../../src/model/world.ts';
import { planHost, planUnreached } from '../../src/plan/make-plan.ts';
import { notTakenBack, planTakeBack } from '../../src/plan/take-back.ts';
import { applyJobs, type RunWorld } from '../../src/run/apply.ts';
import type { HostJob, HostLocks } from '../../src/run/host.ts';
import { createRecorder } from '../../src/run/recorder.ts';
import { createStopControl } from '../../src/run/stop.ts';
import { surveyHosts, type Surveyed } from '../../src/run/survey.ts';
import { memoryClock } from './memory-clock.ts';
import type { MemoryFleet } from './memory-fleet.ts';
import { replayRun } from './read-journal.ts';

/** What the shipped playbook wants. */
export const backEndPorts: Wanted = {
  exclusions: [
    { range: portRange(9933), protocol: 'tcp', families, presence: 'present', service: 'MSExchangeIMAP4BE' },
    { range: portRange(9955), protocol: 'tcp', families, presence: 'present', service: 'MSExchangePOP3BE' },
  ],
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

export interface MemoryListener extends Listener {
  readonly events: readonly RunEvent[];
  readonly told: readonly Progress[];
}

export function memoryListener(): MemoryListener {
  const events: RunEvent[] = [];
  const told: Progress[] = [];
  return { events, told, event: (event) => events.push(event), progress: (progress) => told.push(progress) };
}

/** Locks within one process. `held`: hosts that somebody else has. */
export function memoryLocks(held: readonly string[] = []): HostLocks & { readonly now: ReadonlySet<string> } {
  const now = new Set(held);
  return {
    now,
    acquire({ label }) {
      if (now.has(label)) {
        return Promise.reject(new Failure('run/host-locked', 'being changed by run x since noon', { where: label }));
      }
      now.add(label);
      return Promise.resolve({
        release() {
          now.delete(label);
          return Promise.resolve();
        },
      });
    },
  };
}

/** Asks and plans, as `plan` does. `groupOf`: the exclusive group of a host. */
export async function planMemory(
  fleet: Pick<MemoryFleet, 'targets' | 'connector'>,
  wanted: Wanted = backEndPorts,
  policy: Policy = policyOf(),
  groupOf: (host: string) => string | null = () => null,
): Promise<FleetPlan> {
  const surveyed = await surveyMemory(fleet.targets, fleet.connector, () => wanted);
  return fleetPlan(
    policy,
    surveyed.map((one) => {
      const { name, connection } = one.target;
      const host = { target: name, connection: saveConnection(connection), exclusiveGroup: groupOf(name), wanted };
      return 'failure' in one
        ? planUnreached(host, failureRecord(one.failure))
        : planHost(host, answerOf(one.facts, wanted));
    }),
  );
}

export function surveyMemory(
  targets: readonly Target[],
  connector: Connector,
  wantedOf: (target: Target) => Wanted,
  settleMs = 0,
): Promise<readonly Surveyed[]> {
  return surveyHosts(targets, {
    connector,
    clock: memoryClock(),
    listener: memoryListener(),
    concurrency: 10,
    signal: new AbortController().signal,
    requestOf: (target) => requestFor(wantedOf(target)),
    settleMs,
  });
}

export function fleetPlan(policy: Policy, hosts: readonly HostPlan[]): FleetPlan {
  return {
    createdAt: '2026-12-05T21:00:00.000Z',
    createdBy: 'ops@jump',
    toolVersion: '0.1.0',
    playbook: { name: 'Reserve the Exchange back-end ports', file: 'playbook.yml', sha256: 'p' },
    inventory: { files: ['inventory.yml'], sha256: 'i' },
    policy,
    hosts,
  };
}

export interface MemoryRunOptions {
  /** As a rollback's jobs do. Default false. */
  readonly goesOn?: boolean;
  readonly journal: Journal;
  readonly clock?: Clock;
  readonly listener?: Listener;
  readonly connector?: Connector;
  readonly world?: Partial<RunWorld>;
}

/** Carries out a plan as `apply` does: the run's first record, then the jobs. */
export function applyMemory(
  fleet: Pick<MemoryFleet, 'targets' | 'connector'>,
  plan: FleetPlan,
  options: MemoryRunOptions,
): Promise<readonly HostVerdict[]> {
  const jobs = jobsOf(plan, fleet.targets).map((job) => ({ ...job, goesOn: options.goesOn ?? false }));
  return runMemory('apply', fleet.connector, plan, jobs, options);
}

export function jobsOf(plan: FleetPlan, targets: readonly Target[]): readonly HostJob[] {
  return plan.hosts.map((host) => ({
    plan: host,
    target: targets.find((one) => one.name === host.target) ?? targetMissing(host.target),
    touched: false,
    request: requestFor(host.wanted),
    judge(facts) {
      const again = planHost(host, { facts, fingerprint: '' });
      return {
        problem: again.state === 'fine' ? null : again.steps.map((step) => step.sentence).join('; '),
        findings: again.findings,
      };
    },
  }));
}

export function requestFor({ exclusions }: Wanted): FactsRequest {
  return {
    ranges: exclusions,
    services: exclusions.flatMap((one) => (one.service === null ? [] : [one.service])),
    protocols: [...new Set(exclusions.map((one) => one.protocol))],
  };
}

async function runMemory(
  kind: RunKind,
  connector: Connector,
  plan: FleetPlan,
  jobs: readonly HostJob[],
  { journal, clock = memoryClock(), listener = memoryListener(), world = {}, ...options }: MemoryRunOptions,
): Promise<readonly HostVerdict[]> {
  const recorder = createRecorder(journal, listener, clock);
  await recorder.record({
    type: 'run-begun',
    run: 'a-run',
    kind,
    of: kind === 'rollback' ? 'another-run' : null,
    operator: { user: 'ops', machine: 'jump', processId: 1, toolVersion: '0.1.0' },
    plan: { digest: 'd', file: null },
    playbook: plan.playbook,
    inventory: plan.inventory,
    onFailure: plan.policy.onFailure,
    hosts: plan.hosts.map((one) => ({ host: one.target, state: one.state })),
  });
  return applyJobs(jobs, plan.policy, {
    connector: options.connector ?? connector,
    locks: memoryLocks(),
    recorder,
    listener,
    clock,
    signal: new AbortController().signal,
    serviceMs: 120_000,
    stop: createStopControl(),
    endsAt: null,
    confirmBatch: () => Promise.resolve(true),
    ...world,
  });
}

/** Takes a run back from nothing but its records, as `rollback` does. */
export async function rollBackMemory(
  fleet: Pick<MemoryFleet, 'connector'>,
  events: readonly RunEvent[],
  options: MemoryRunOptions,
  force = false,
): Promise<{ readonly plan: FleetPlan; readonly verdicts: readonly HostVerdict[] }> {
  const { hosts } = replayRun(events);
  const targets = hosts.map(({ host, connection }) => ({
    name: host,
    connection: restoreConnection(connection, null),
    groups: [],
    variables: {},
    origin: { file: '', line: 0, column: 0 },
  }));
  const told = new Map(hosts.map((one) => [one.host, one]));
  const surveyed = await surveyMemory(
    targets,
    fleet.connector,
    (target) => historyOf(told, target.name).wanted,
    60_000,
  );
  const plans = surveyed.map((one) => {
    const history = historyOf(told, one.target.name);
    const { host: target, connection, exclusiveGroup, wanted } = history;
    const planned = { target, connection, exclusiveGroup, wanted };
    return 'failure' in one
      ? planUnreached(planned, failureRecord(one.failure))
      : planTakeBack(planned, { facts: one.facts, fingerprint: fingerprintFacts(one.facts, wanted) }, history, force);
  });
  const plan = fleetPlan(policyOf({}, { maxFailed: { kind: 'percent', percent: 100 } }), plans);
  const jobs = plans.map((one, index): HostJob => ({
    plan: one,
    touched: false,
    target: targets[index] ?? targetMissing(one.target),
    request: requestFor(one.wanted),
    judge: (facts) => ({ problem: notTakenBack(historyOf(told, one.target), facts), findings: [] }),
  }));
  return { plan, verdicts: await runMemory('rollback', fleet.connector, plan, jobs, options) };
}

function historyOf(told: ReadonlyMap<string, HostHistory>, host: string): HostHistory {
  const history = told.get(host);
  if (history === undefined) throw new Error(`no history of ${host}`);
  return history;
}

function targetMissing(host: string): Target {
  throw new Error(`no target for ${host}`);
}
