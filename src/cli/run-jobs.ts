// Runs a plan that was shown and agreed to: journal, locks, batches, verdicts. Shared by apply, rollback and resume.
import { Failure } from '../model/failure.ts';
import type { HostVerdict, RunKind } from '../model/outcome.ts';
import type { FleetPlan } from '../model/plan.ts';
import { createLocks } from '../journal/lock.ts';
import { newRunName, type OpenJournal } from '../journal/store.ts';
import { counted } from '../report/table.ts';
import { renderVerdicts } from '../report/run-text.ts';
import { applyJobs } from '../run/apply.ts';
import type { HostJob } from '../run/host.ts';
import { createRecorder } from '../run/recorder.ts';
import type { World } from './compose.ts';
import { exitCodeOfRun } from './exit-codes.ts';
import { jsonDocument } from './json.ts';
import { confirm } from './terminal.ts';

/** How long a service may take to stop or to start before the step counts as failed. */
const serviceMs = 120_000;

export interface RunRequest {
  readonly kind: RunKind;
  readonly of: string | null;
  readonly plan: FleetPlan;
  readonly digest: string;
  readonly planFile: string | null;
  readonly jobs: readonly HostJob[];
  readonly yes: boolean;
  readonly json: boolean;
  /** ISO 8601 or null. */
  readonly endsAt: string | null;
}

/** Executes the jobs as a new run and prints the verdicts. Returns the exit code. */
export async function runJobs(request: RunRequest, world: World): Promise<number> {
  const run = newRunName(world.clock.now());
  if (request.kind === 'apply') await world.store.claimPlan(request.digest, run);
  const journal = await world.store.createRun(run);
  try {
    const recorder = createRecorder(journal, world.listener, world.clock);
    await recorder.record({
      type: 'run-begun',
      run,
      kind: request.kind,
      of: request.of,
      operator: world.operator,
      plan: { digest: request.digest, file: request.planFile },
      playbook: request.plan.playbook,
      inventory: request.plan.inventory,
      onFailure: request.plan.policy.onFailure,
      hosts: request.plan.hosts.map((one) => ({ host: one.target, state: one.state })),
    });
    const verdicts = await changeHosts(run, journal, request, world);
    world.out(
      request.json
        ? jsonDocument('run', { run, kind: request.kind, of: request.of, hosts: verdicts })
        : `\n${renderVerdicts(verdicts, request.kind)}Run ${run}. ${nextStep(run, verdicts, request.kind)}\n`,
    );
    return exitCodeOfRun(verdicts, world.interrupts.interrupted);
  } finally {
    await journal.close();
  }
}

async function changeHosts(
  run: string,
  journal: OpenJournal,
  request: RunRequest,
  world: World,
): Promise<readonly HostVerdict[]> {
  const recorder = createRecorder(journal, world.listener, world.clock);
  const locks = createLocks({
    directory: world.store.directory,
    run,
    user: world.operator.user,
    now: () => world.clock.now(),
    onTakeover(host, holder) {
      const whose = holder === null ? 'a dead process' : `run ${holder.run}, whose process ${holder.processId} is gone`;
      world.say(`${host}: took over the lock of ${whose}\n`);
    },
  });
  world.interrupts.protectRun();
  try {
    return await applyJobs(request.jobs, request.plan.policy, {
      connector: world.connector,
      locks,
      recorder,
      listener: world.listener,
      clock: world.clock,
      signal: world.interrupts.signal,
      serviceMs,
      stop: world.interrupts.stop,
      endsAt: request.endsAt,
      confirmBatch: async (batch, of, hosts) =>
        request.yes || (await confirm(`Batch ${batch} of ${of}: ${counted(hosts, 'host')}.`)),
    });
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== 'journal/unwritable') throw thrown;
    throw new Failure(thrown.code, `run ${run} stopped: ${thrown.message}`, {
      where: thrown.where,
      hint: `some hosts may be changed. Make room, then: fencepost rollback ${run}, or: fencepost resume ${run}`,
      cause: thrown,
    });
  }
}

function nextStep(run: string, verdicts: readonly HostVerdict[], kind: RunKind): string {
  const isOpen = verdicts.some((one) => one.verdict === 'in-doubt' || one.verdict === 'failed-not-undone');
  if (isOpen) return `Look at it: fencepost runs show ${run}`;
  if (kind === 'apply' && verdicts.some((one) => one.verdict === 'changed')) {
    return `Take it back with: fencepost rollback ${run}`;
  }
  return `Its journal: fencepost runs show ${run}`;
}
