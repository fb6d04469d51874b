// Plays a plan through before the night: the shipped workflows apply exactly this plan, and roll it back, on servers made of the plan's own
// facts (rehearsal-fleet.ts), in time that passes at once. Nothing of the real network, disk or secrets is touched.
import { Failure } from '../../model/failure.ts';
import { findPaceSource, paceKinds, type Paces } from '../../model/headline/paces.ts';
import { createRunTimes } from '../../model/headline/run-times.ts';
import type { RunEvent, Verdict } from '../../model/outcome.ts';
import type { FleetPlan } from '../../model/plan.ts';
import type {
  MishapLevel,
  Rehearsal,
  RehearsedHost,
  RehearsedMishap,
  RehearsedNight,
  RehearsedOutage,
} from '../../model/rehearsal.ts';
import type { SafeListener } from '../../model/seams.ts';
import { isolateListener } from '../../run/isolated-listener.ts';
import { createStopControl } from '../../run/fleet/stop.ts';
import type { HostLocks } from '../../run/hosts/host-job.ts';
import { checkPlan } from '../check-plan.ts';
import { startRun, type RunManners, type RunOutcome } from '../execute-run.ts';
import { makeHostJobs } from '../host-jobs.ts';
import { executeRollback, planRollback } from '../roll-back.ts';
import type { Seams } from '../seams.ts';
import { drawMishaps } from './draw-mishaps.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { createRehearsalFleet, type RehearsalFleet } from './rehearsal-fleet.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export interface RehearsalRequest {
  readonly plan: FleetPlan;
  readonly digest: string;
  readonly mishaps: MishapLevel;
  readonly seed: number;
  /** How long things take. */
  readonly paces: Paces;
}

export interface RehearsalSeams {
  readonly operator: Seams['operator'];
  /** Fires when the rehearsal is to stop. */
  readonly signal: AbortSignal;
  /** Told of each night before it is played; `night` counts from 1. */
  readonly onNight?: (night: number, of: number) => void;
  /** Told of each host that has its verdict in this night. */
  readonly onHost?: (finished: number, of: number) => void;
}

const applied = 'rehearsed-apply';

/** Throws Failure `interrupted`. */
export async function rehearsePlan(request: RehearsalRequest, seams: RehearsalSeams): Promise<Rehearsal> {
  const { digest, mishaps, seed, paces } = request;
  const notRehearsed = await findUnlike(request, seams);
  const left = new Set(notRehearsed.map((one) => one.host));
  const plan = { ...request.plan, hosts: request.plan.hosts.filter((one) => !left.has(one.target)) };
  const changing = plan.hosts.filter((one) => one.state === 'changes');
  const all: readonly (RehearsedMishap | null)[] = [null, ...drawMishaps(changing, mishaps, seed)];
  const nights: RehearsedNight[] = [];
  for (const [index, mishap] of all.entries()) {
    seams.onNight?.(index + 1, all.length);
    nights.push(await playNight({ ...request, plan }, mishap, seams));
    if (seams.signal.aborted) throw new Failure('interrupted', 'the rehearsal was interrupted; nothing was changed');
  }
  return {
    digest,
    name: request.plan.playbook.name,
    mishaps,
    seed,
    source: findPaceSource(paceKinds, paces),
    notRehearsed,
    nights,
    isGood: notRehearsed.length === 0 && isAsPlanned(nights) && nights.every((one) => isRestored(one)),
  };
}

function isAsPlanned([asPlanned]: readonly RehearsedNight[]): boolean {
  return asPlanned?.hosts.every((one) => one.verdict === 'changed' || one.verdict === 'unchanged') === true;
}

function isRestored({ rollback }: RehearsedNight): boolean {
  return rollback.notRestored.length === 0;
}

interface Stage extends Seams {
  readonly store: MemoryStore;
}

/** Everything that a workflow asks of the world, and nothing of the world in it. */
function setStage(fleet: RehearsalFleet, time: VirtualTime, { operator, signal }: RehearsalSeams): Stage {
  const held: HostLocks = { acquire: () => Promise.resolve({ release: () => Promise.resolve() }) };
  return {
    connector: fleet.connector,
    clock: time.clock,
    listener: silent,
    store: createMemoryStore(),
    operator,
    interrupts: { stop: createStopControl(), signal, interrupted: false, protectRun: () => undefined },
    nameRun: () => applied,
    createLocks: () => held,
    notice: () => undefined,
  };
}

function countHosts(of: number, { onHost }: RehearsalSeams): SafeListener {
  const finished = new Set<string>();
  return isolateListener({
    event(event) {
      // The rollback afterwards finishes them once more.
      if (event.type !== 'host-finished' || finished.has(event.host)) return;
      onHost?.(finished.add(event.host).size, of);
    },
    progress: () => undefined,
  });
}

const silent = isolateListener({ event: () => undefined, progress: () => undefined });
const manners: RunManners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };
const noInventory = { named: undefined, load: () => Promise.resolve(null), canAsk: true };

/** A night starts when its window opens; without one, when the plan was made. */
function startTime({ plan }: RehearsalRequest): VirtualTime {
  const opensAt = plan.policy.window?.opensAt ?? plan.createdAt;
  return createVirtualTime(new Date(Date.parse(opensAt)).toISOString());
}

/** Hosts that would be stale at once, because the lab cannot show what the plan found. */
async function findUnlike(request: RehearsalRequest, seams: RehearsalSeams): Promise<Rehearsal['notRehearsed']> {
  const { plan, paces } = request;
  const time = startTime(request);
  const fleet = createRehearsalFleet(plan.hosts, null, paces, time);
  const checked = await time.live(checkPlan(plan, makeHostJobs(plan, []), setStage(fleet, time, seams)));
  return checked.notReady.map(({ host, detail }) => ({ host, reason: detail }));
}

async function playNight(
  request: RehearsalRequest,
  mishap: RehearsedMishap | null,
  seams: RehearsalSeams,
): Promise<RehearsedNight> {
  const { plan, paces } = request;
  const time = startTime(request);
  const fleet = createRehearsalFleet(plan.hosts, mishap, paces, time);
  const names = plan.hosts.filter((one) => one.state === 'changes').map((one) => one.target);
  const before = new Map(names.map((name) => [name, fleet.captureState(name)]));
  const listDifferent = (): readonly string[] => names.filter((name) => fleet.captureState(name) !== before.get(name));
  const stage = { ...setStage(fleet, time, seams), listener: countHosts(plan.hosts.length, seams) };
  const startedAt = time.clock.now();
  const run = { kind: 'apply', of: null, plan, planFile: null, jobs: makeHostJobs(plan, []) } as const;
  const outcome = await time.live(startRun(run, manners, stage));
  if (outcome.failure !== null) throw outcome.failure;
  const durationMs = Date.parse(time.clock.now()) - Date.parse(startedAt);
  const events = stage.store.events(applied);
  const changed = listDifferent();
  fleet.endMishap();
  const rollbackMs = await rollBack(stage, time, plan.policy.strategy.concurrency);
  return {
    mishap,
    startedAt,
    durationMs,
    hosts: tellHosts(outcome, events),
    counts: countVerdicts(outcome),
    outages: tellOutages(events),
    stopped: events.flatMap((one) => (one.type === 'run-stopping' ? [one.reason] : []))[0] ?? null,
    rollback: { durationMs: rollbackMs, changed: changed.length, notRestored: listDifferent() },
  };
}

/** As an operator would, in the morning, when nothing goes wrong any more. */
async function rollBack(stage: Stage, time: VirtualTime, concurrency: number): Promise<number> {
  const startMs = time.clock.elapsedMs();
  const request = { run: applied, limit: null, force: false, concurrency, inventory: noInventory };
  const planned = await time.live(planRollback(request, stage));
  if (planned.plan.hosts.some((one) => one.state === 'changes')) {
    // A run that stopped early has asked for that in its own.
    const interrupts = { ...stage.interrupts, stop: createStopControl() };
    const seams = { ...stage, interrupts, nameRun: () => 'rehearsed-rollback' };
    const { failure } = await time.live(executeRollback(planned, manners, seams));
    if (failure !== null) throw failure;
  }
  return time.clock.elapsedMs() - startMs;
}

function tellHosts({ verdicts }: RunOutcome, events: readonly RunEvent[]): readonly RehearsedHost[] {
  const batches = new Map<string, number>();
  const started = new Map<string, string>();
  const finished = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'batch-started') for (const host of event.hosts) batches.set(host, event.batch);
    // A host that is rolled back with its batch has started only once.
    if (event.type === 'host-started' && !started.has(event.host)) started.set(event.host, event.at);
    if (event.type === 'host-finished') finished.set(event.host, event.at);
  }
  return verdicts.map(({ host, verdict, detail }) => ({
    host,
    verdict,
    detail,
    batch: batches.get(host) ?? null,
    startedAt: started.get(host) ?? null,
    finishedAt: started.has(host) ? (finished.get(host) ?? null) : null,
  }));
}

function countVerdicts({ verdicts }: RunOutcome): Partial<Record<Verdict, number>> {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

function tellOutages(events: readonly RunEvent[]): readonly RehearsedOutage[] {
  const times = createRunTimes();
  for (const event of events) times.event(event);
  return times.outages().map(({ host, service, fromAt, untilAt }) => ({
    host,
    service,
    fromAt,
    durationMs: untilAt === null ? null : Date.parse(untilAt) - Date.parse(fromAt),
  }));
}
