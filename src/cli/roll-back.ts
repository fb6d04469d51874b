// A rollback: read the journal, ask the hosts, plan the way back, show it, ask, do it as a run of its own.
import { fingerprintOf } from '../facts/fingerprint.ts';
import { selectTargets } from '../inventory/select.ts';
import { replayRun } from '../journal/replay.ts';
import { checkWritable, refuseDamage } from '../journal/store.ts';
import { Failure, failureRecord } from '../model/failure.ts';
import type { HostHistory, RunHistory } from '../model/history.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { planUnreached } from '../plan/make-plan.ts';
import { digestOfPlan } from '../plan/plan-file.ts';
import { notTakenBack, planTakeBack } from '../plan/take-back.ts';
import { renderPlan } from '../report/plan-text.ts';
import { counted } from '../report/table.ts';
import type { HostJob } from '../run/host.ts';
import { surveyHosts } from '../run/survey.ts';
import type { World } from './compose.ts';
import { exitCodeOfPlan, exitCodes } from './exit-codes.ts';
import { jsonDocument } from './json.ts';
import type { ConfirmArguments, CommonArguments, InventoryArguments } from './options.ts';
import { requestFor } from './prepare-plan.ts';
import { runJobs } from './run-jobs.ts';
import { savedTarget, withSecretsOf } from './saved-targets.ts';
import { confirm } from './terminal.ts';

type Arguments = CommonArguments &
  InventoryArguments &
  ConfirmArguments & { 'dry-run': boolean; force: boolean; concurrency: number; verbose: boolean };

/** Returns the exit code. */
export async function rollBack(run: string, args: Arguments, world: World): Promise<number> {
  const history = await readHistory(run, world);
  const hosts = selectHosts(history, args.limit ?? null);
  if (hosts.length === 0) {
    world.say(`Run ${run} changed no host; there is nothing to take back.\n`);
    return exitCodes.done;
  }
  const targets = await withSecretsOf(
    args.inventory ?? null,
    hosts.map(({ host, connection }) => ({ target: host, connection })),
  );
  const plan = await planRollback(history, hosts, targets, args, world);
  const digest = digestOfPlan(plan);
  const changing = plan.hosts.filter((one) => one.state === 'change').length;
  const states = plan.hosts.map((one) => one.state);
  if (args['dry-run'] || changing === 0) {
    world.out(args.json ? jsonDocument('plan', { digest, ...plan }) : renderPlan(plan, args));
    world.say(args['dry-run'] ? 'Dry run: nothing was changed.\n' : 'There is nothing to take back.\n');
    return exitCodeOfPlan(states, false);
  }
  if (!args.json) world.out(renderPlan(plan, args));
  await checkWritable(world.store.directory);
  if (!args.yes && !(await confirm(`Take back ${counted(changing, 'host')} as shown?`))) {
    throw new Failure('run/not-confirmed', 'not confirmed; nothing was changed');
  }
  const jobs = plan.hosts.map((host, index) => jobOf(host, hosts[index], targets[index]));
  return runJobs(
    { kind: 'rollback', of: run, plan, digest, planFile: null, jobs, yes: args.yes, json: args.json, endsAt: null },
    world,
  );
}

async function readHistory(run: string, world: World): Promise<RunHistory> {
  const text = await world.store.readRun(run);
  refuseDamage(run, text);
  if (text.tornTail !== null)
    world.say(`The last record of ${run} was cut short when its process died; the hosts are asked.\n`);
  const history = replayRun(
    run,
    text.records.map((one) => one.event),
  );
  if (history.begun.kind === 'rollback') {
    throw new Failure('run/cannot-rollback', `run ${run} is itself a rollback, of ${history.begun.of ?? '?'}`, {
      where: run,
      hint: 'to bring the change about again, make a new plan: fencepost plan',
    });
  }
  return history;
}

/** The hosts of a run on which something was begun, narrowed by a host pattern. Throws Failure `inventory/no-match`. */
function selectHosts(history: RunHistory, limit: string | null): readonly HostHistory[] {
  if (limit === null) return history.hosts;
  const names = history.hosts.map((one) => one.host);
  const begun = {
    targets: history.hosts.map((one) => savedTarget(one.host, one.connection)),
    groups: new Map([['all', { hosts: names }]]),
    unsupported: new Map<string, never>(),
    warnings: [],
    files: [],
    sha256: '',
  };
  const chosen = new Set(selectTargets(begun, limit).map((one) => one.name));
  return history.hosts.filter((one) => chosen.has(one.host));
}

async function planRollback(
  history: RunHistory,
  hosts: readonly HostHistory[],
  targets: readonly Target[],
  args: Arguments,
  world: World,
): Promise<FleetPlan> {
  const known = new Map(hosts.map((one) => [one.host, one]));
  const surveyed = await surveyHosts(targets, {
    connector: world.connector,
    clock: world.clock,
    listener: world.listener,
    concurrency: args.concurrency,
    signal: world.interrupts.signal,
    requestOf: (target) => requestFor(wantedOf(known, target)),
  });
  if (world.interrupts.interrupted) {
    throw new Failure('interrupted', 'interrupted while hosts were asked; nothing was changed');
  }
  const plans: readonly HostPlan[] = surveyed.map((one) => {
    const told = known.get(one.target.name);
    if (told === undefined) throw new Error(`no history of ${one.target.name}`);
    const host = { target: told.host, connection: told.connection, exclusiveGroup: null, wanted: told.wanted };
    return 'failure' in one
      ? planUnreached(host, failureRecord(one.failure))
      : planTakeBack(host, { facts: one.facts, fingerprint: fingerprintOf(one.facts, told.wanted) }, told, args.force);
  });
  return {
    createdAt: world.clock.now(),
    createdBy: `${world.operator.user}@${world.operator.machine}`,
    toolVersion: world.operator.toolVersion,
    playbook: { ...history.begun.playbook, name: `Rollback of run ${history.begun.run}` },
    inventory: history.begun.inventory,
    policy: {
      strategy: {
        canary: 0,
        batches: [{ kind: 'percent', percent: 100 }],
        concurrency: args.concurrency,
        maxFailed: { kind: 'percent', percent: 100 },
        maxFailedTotal: null,
        oneAtATimeBy: null,
        pauseMs: 0,
        confirmBetweenBatches: false,
      },
      window: null,
      onFailure: 'rollback_host',
    },
    hosts: plans,
  };
}

function wantedOf(known: ReadonlyMap<string, HostHistory>, target: Target): HostHistory['wanted'] {
  const told = known.get(target.name);
  if (told === undefined) throw new Error(`no history of ${target.name}`);
  return told.wanted;
}

function jobOf(plan: HostPlan, history: HostHistory | undefined, target: Target | undefined): HostJob {
  if (history === undefined || target === undefined) throw new Error(`no history of ${plan.target}`);
  return {
    plan,
    target,
    request: requestFor(plan.wanted),
    judge: (facts) => ({ problem: notTakenBack(history, facts), findings: [] }),
  };
}
