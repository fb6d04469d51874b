// Runs a plan that was shown and agreed to: journal, locks, batches, verdicts. Shared by apply, rollback and resume.
import type { OpenJournal } from '../journal/append.ts';
import { createLocks, type Locks } from '../journal/lock.ts';
import { newRunName } from '../journal/store.ts';
import { asFailure, Failure } from '../model/failure.ts';
import type { HostVerdict, RunKind } from '../model/outcome.ts';
import type { FleetPlan } from '../model/plan.ts';
import type { Journal } from '../model/world.ts';
import { writePlanFile } from '../plan/plan-file.ts';
import { renderVerdicts } from '../report/text/run-text.ts';
import { counted } from '../report/text/table.ts';
import { applyJobs } from '../run/apply.ts';
import type { HostJob } from '../run/host.ts';
import { createRecorder } from '../run/recorder.ts';
import { createRunMemory, type RunMemory } from '../run/run-memory.ts';
import type { World } from './compose.ts';
import { exitCodeOfRun } from './exit-codes.ts';
import { inventoryFlags } from './inventory-flags.ts';
import { jsonDocument } from './json.ts';
import { tellCiOfRun } from './tell-ci.ts';
import { confirm } from './terminal.ts';

/** How long a service may take to stop or to start before the step counts as failed. */
const serviceMs = 120_000;

/** How a run is carried out, apart from what it does. */
export interface RunManners {
  readonly yes: boolean;
  readonly json: boolean;
  /** When the run has to be over; ISO 8601 or null. */
  readonly endsAt: string | null;
  /** As the command named it, for the next one; undefined: by default. */
  readonly inventory?: readonly string[] | undefined;
}

export interface RunRequest {
  readonly kind: RunKind;
  readonly of: string | null;
  readonly plan: FleetPlan;
  readonly planFile: string | null;
  readonly jobs: readonly HostJob[];
}

/** Executes the jobs as a new run and prints the verdicts. Returns the exit code. */
export async function beginRun(request: RunRequest, manners: RunManners, world: World): Promise<number> {
  const { kind, of, plan, planFile } = request;
  const run = newRunName(world.clock.now());
  const { text, digest } = writePlanFile(plan);
  return holdingRun(run, world, async (locks) => {
    const journal = await world.store.createRun(run, text);
    if (kind === 'apply') await claimPlan(digest, run, journal, world);
    await createRecorder(journal, world.listener, world.clock).record({
      type: 'run-started',
      run,
      kind,
      of,
      operator: world.operator,
      plan: { digest, file: planFile },
      playbook: plan.playbook,
      inventory: plan.inventory,
      onFailure: plan.policy.onFailure,
      hosts: plan.hosts.map((one) => ({ host: one.target, state: one.state })),
    });
    return carryOut({ run, kind, of, plan, jobs: request.jobs, settled: [] }, journal, locks, manners, world);
  });
}

/** The run exists before it claims its plan: a plan is never taken by a run that nobody can look at. */
async function claimPlan(digest: string, run: string, journal: OpenJournal, world: World): Promise<void> {
  try {
    await world.store.claimPlan(digest, run);
  } catch (thrown) {
    await journal.close();
    await world.store.discardRun(run);
    throw thrown;
  }
}

export interface ResumeRequest {
  readonly run: string;
  readonly plan: FleetPlan;
  readonly jobs: readonly HostJob[];
  /** Verdicts that stand from before the interruption. */
  readonly settled: readonly HostVerdict[];
}

/** Goes on with a run in its own journal. Returns the exit code. */
export async function continueRun(request: ResumeRequest, manners: RunManners, world: World): Promise<number> {
  return holdingRun(request.run, world, async (locks) => {
    const journal = await world.store.reopenRun(request.run);
    await createRecorder(journal, world.listener, world.clock).record({
      type: 'run-resumed',
      operator: world.operator,
    });
    return carryOut({ ...request, kind: 'apply', of: null }, journal, locks, manners, world);
  });
}

/** Rejects with Failure `run/host-locked` while the run's own process lives. */
export async function holdingRun<T>(run: string, world: World, work: (locks: Locks) => Promise<T>): Promise<T> {
  const locks = createLocks({
    directory: world.store.directory,
    run,
    user: world.operator.user,
    now: () => world.clock.now(),
    onTakeover(label, holder) {
      const whose = holder === null ? 'a dead process' : `run ${holder.run}, whose process ${holder.processId} is gone`;
      world.say(`${label}: took over the lock of ${whose}\n`);
    },
  });
  const held = await locks.acquire({ key: `run ${run}`, label: `run ${run}` });
  try {
    return await work(locks);
  } finally {
    await held.release();
  }
}

interface Carried {
  readonly run: string;
  readonly kind: RunKind;
  readonly of: string | null;
  readonly plan: FleetPlan;
  readonly jobs: readonly HostJob[];
  readonly settled: readonly HostVerdict[];
}

async function carryOut(
  carried: Carried,
  journal: OpenJournal,
  locks: Locks,
  manners: RunManners,
  world: World,
): Promise<number> {
  const { run, kind, of } = carried;
  const memory = createRunMemory(carried.jobs, carried.settled);
  try {
    const verdicts = await changeHosts(carried, memory.noting(journal), locks, manners, world);
    // From here on the run is over and its exit code stands, whatever becomes of the telling.
    await harmless('the results could not be shown', world, () => {
      const { records, digest: lastDigest } = journal.head;
      const next = nextStep(run, verdicts, kind, inventoryFlags(manners.inventory));
      world.out(
        manners.json
          ? jsonDocument('run', { run, kind, of, hosts: verdicts, journal: { records, lastDigest } })
          : `\n${renderVerdicts(verdicts, kind, whereAsked(carried, world))}Run ${run}.\nJournal: ${counted(records, 'record')}, last digest ${lastDigest}\n${next}\n`,
      );
    });
    return exitCodeOfRun(verdicts, world.interrupts.interrupted);
  } catch (thrown) {
    throw await brokenRun(carried, memory, asFailure(thrown), inventoryFlags(manners.inventory), world);
  } finally {
    await harmless('the journal could not be closed', world, () => journal.close());
    const targets = carried.jobs.map((job) => job.target);
    await harmless('the CI system could not be told', world, () => tellCiOfRun(run, targets, world));
  }
}

async function harmless(what: string, world: World, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    world.say(`warning: ${what}: ${asFailure(thrown).message}\n`);
  }
}

/** A run that broke off tells of every host what this process knows of it; its Failure says whether anything may be changed. */
async function brokenRun(
  carried: Carried,
  memory: RunMemory,
  failure: Failure,
  flags: string,
  world: World,
): Promise<Failure> {
  const { run, kind, of } = carried;
  const { isAnythingSent } = memory;
  await harmless('the hosts could not be shown', world, () => {
    world.say(`\n${renderVerdicts(memory.verdicts(), kind, whereAsked(carried, world))}\n`);
  });
  const next =
    kind === 'apply'
      ? `fencepost rollback ${run}${flags}, or: fencepost resume ${run}${flags}`
      : `fencepost rollback ${of ?? 'RUN'}${flags}`;
  const what = isAnythingSent ? 'hosts are changed or in doubt, as listed' : 'no command that changes a host was sent';
  const first = failure.code === 'journal/unwritable' ? 'make room, then' : 'next';
  return new Failure(failure.code, `run ${run} broke off (${what}): ${failure.message}`, {
    where: failure.where,
    hint: `${first}: ${next}`,
    effect: isAnythingSent ? 'unknown' : 'none',
    cause: failure,
  });
}

async function changeHosts(
  { plan, jobs, settled }: Carried,
  journal: Journal,
  locks: Locks,
  { yes, endsAt }: RunManners,
  world: World,
): Promise<readonly HostVerdict[]> {
  world.interrupts.protectRun();
  const { stop } = world.interrupts;
  const runWorld = {
    connector: world.connector,
    locks,
    recorder: createRecorder(journal, world.listener, world.clock),
    listener: world.listener,
    clock: world.clock,
    signal: world.interrupts.signal,
    serviceMs,
    stop,
    endsAt,
    confirmBatch: async (batch: number, of: number, hosts: number): Promise<boolean> =>
      yes || (await confirm(`Batch ${batch} of ${of}: ${counted(hosts, 'host')}.`, stop.signal)),
  };
  return applyJobs(jobs, plan.policy, runWorld, settled);
}

/** The addresses of the hosts of a plan: what their names led to, else what the plan says. */
function whereAsked({ plan }: Carried, { addresses }: World): ReadonlyMap<string, string> {
  return new Map(plan.hosts.map(({ target, connection }) => [target, addresses.get(target) ?? connection.address]));
}

function nextStep(run: string, verdicts: readonly HostVerdict[], kind: RunKind, flags: string): string {
  const has = (...kinds: readonly HostVerdict['verdict'][]): boolean =>
    verdicts.some((one) => kinds.includes(one.verdict));
  if (has('in-doubt', 'failed-partial')) return `Look at it: fencepost runs show ${run}`;
  if (kind === 'apply' && has('skipped')) return `Go on with: fencepost resume ${run}${flags}`;
  if (kind === 'apply' && has('changed')) return `Take it back with: fencepost rollback ${run}${flags}`;
  return `Its journal: fencepost runs show ${run}`;
}
