// A rollback: read the journal, ask the hosts, plan the way back, show it, ask, do it as a run of its own.
import { selectTargets } from '../inventory/select.ts';
import { stepKey } from '../journal/replay.ts';
import { Failure, failureRecord } from '../model/failure.ts';
import type { HostHistory, RunHistory, StepHistory } from '../model/history.ts';
import { ownershipAfter } from '../model/ownership.ts';
import type { Verdict } from '../model/outcome.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { planUnreached } from '../plan/make-plan.ts';
import { createSharing } from '../plan/share-alike.ts';
import { describeLeftovers, planHostRollback } from '../plan/take-back.ts';
import { counted } from '../report/text/table.ts';
import type { HostJob } from '../run/host.ts';
import { closingLeftShells } from '../run/left-shells.ts';
import { surveyHosts } from '../run/survey.ts';
import { agree, deadlineFrom } from './agree.ts';
import type { World } from './compose.ts';
import { exitCodeOfPlan, exitCodes } from './exit-codes.ts';
import { answerOf } from './host-answer.ts';
import { asReached } from './jobs.ts';
import {
  checkedConcurrency,
  type CommonArguments,
  type ConfirmArguments,
  type InventoryArguments,
  type StateArguments,
  type TalkArguments,
} from './options.ts';
import { readLimit, requestFor } from './prepare-plan.ts';
import { readHistory, rollbacksOf } from './read-history.ts';
import { beginRun, holdingRun } from './run-jobs.ts';
import { restoreTargets, savedTarget } from './saved-targets.ts';
import { showPlan } from './show-plan.ts';
import { tellCiOfPlan } from './tell-ci.ts';

type Arguments = CommonArguments &
  StateArguments &
  TalkArguments &
  InventoryArguments &
  ConfirmArguments & {
    'dry-run': boolean;
    force: boolean;
    concurrency: number;
    deadline: string | undefined;
    verbose: boolean;
  };

/** A service that was told to stop or start when the run died may take so long; it is waited for before its host is planned for. */
const settleMs = 60_000;

/** Returns the exit code. */
export async function rollBack(run: string, args: Arguments, composed: World): Promise<number> {
  checkedConcurrency(args.concurrency);
  const endsAt = deadlineFrom(args.deadline, composed.clock.now());
  const history = await historyToTakeBack(run, composed);
  const world = { ...composed, connector: closingLeftShells(composed.connector, history) };
  const hosts = selectHosts(history, await readLimit(args.limit));
  const shown = { json: args.json, verbose: args.verbose, takesBack: true };
  if (hosts.length === 0) {
    if (args.json) showPlan(await planRollback(history, [], [], args, world), shown, world);
    world.say(`Run ${run} changed no host; there is nothing to take back.\n`);
    return exitCodes.done;
  }
  const targets = await restoreTargets(
    {
      kind: 'run',
      hosts: hosts.map(({ host, connection }) => ({ target: host, connection, isReached: true })),
      inventory: history.started.inventory.files,
    },
    args,
    world.vault,
  );
  const plan = await planRollback(history, hosts, targets, args, world);
  const changing = plan.hosts.filter((one) => one.state === 'changes').length;
  const states = plan.hosts.map((one) => one.state);
  if (args['dry-run'] || changing === 0) {
    showPlan(plan, shown, world);
    const isBarred = states.some((state) => state === 'blocked' || state === 'unreachable');
    const ending = isBarred
      ? 'Nothing was taken back: see above what stands in the way.'
      : 'There is nothing to take back.';
    world.say(args['dry-run'] ? 'Dry run: nothing was changed.\n' : `${ending}\n`);
    await tellCiOfPlan(plan, 'plan', targets, world);
    return exitCodeOfPlan(states, false);
  }
  if (!args.json) showPlan(plan, shown, world);
  const question = `Take back ${counted(changing, 'host')} as shown?`;
  await agree({ question, yes: args.yes, window: null, wait: false }, world);
  const jobs = plan.hosts.map((host, index) => jobOf(host, hosts[index], targets[index]));
  const manners = { yes: args.yes, json: args.json, endsAt, inventory: args.inventory };
  return beginRun({ kind: 'rollback', of: run, plan, planFile: null, jobs }, manners, world);
}

async function historyToTakeBack(run: string, world: World): Promise<RunHistory> {
  const { history, tornTail, headNote } = await readHistory(run, world.store);
  if (headNote !== null) world.say(`The journal of ${run}: ${headNote}\n`);
  if (tornTail) world.say(`The last record of ${run} was cut short when its process died; the hosts are asked.\n`);
  if (history.started.kind === 'rollback') {
    throw new Failure('run/cannot-rollback', `this run is itself a rollback, of ${history.started.of ?? '?'}`, {
      where: run,
      hint: 'to bring the change about again, make a new plan: fencepost plan',
    });
  }
  // Proves that the run's own process is gone: a run that is under way is stopped first, then taken back.
  await holdingRun(run, world, () => Promise.resolve());
  return withEarlierRollbacks(history, await rollbacksOf(run, world.store));
}

/** What earlier rollbacks, oldest first, made of what the run had left. */
function withEarlierRollbacks(history: RunHistory, rollbacks: readonly RunHistory[]): RunHistory {
  return rollbacks.reduce((told, rollback) => {
    const verdicts = new Map(rollback.verdicts.map((one) => [one.host, one.verdict]));
    const started = new Map(rollback.hosts.map((one) => [one.host, one]));
    return {
      ...told,
      hosts: told.hosts.map((host) => afterRollback(host, verdicts.get(host.host), started.get(host.host))),
    };
  }, history);
}

/**
 * A host that a rollback brought back bears nothing of the run any more: what is there now is somebody else's. One that it only began may
 * be anywhere on its way back, as far as the rollback's own commands tell, and a service that it stopped is to be started again.
 */
function afterRollback(host: HostHistory, verdict: Verdict | undefined, started: HostHistory | undefined): HostHistory {
  if (verdict === 'changed') {
    const back = (step: StepHistory): StepHistory => ({ ...step, inDoubt: false, rolledBack: true, ownership: {} });
    return { ...host, steps: host.steps.map(back) };
  }
  if (started === undefined) return host;
  const stopped = started.steps.filter(({ step, sent }) => step.kind === 'service' && step.verb === 'stop' && sent);
  const known = new Set(host.steps.map((one) => stepKey(one.step)));
  const steps = host.steps.map((one): StepHistory => {
    const later = started.steps.find((other) => isAboutSame(one, other))?.ownership ?? {};
    return { ...one, inDoubt: true, ownership: ownershipAfter(one.ownership, later) };
  });
  return { ...host, steps: [...steps, ...stopped.filter((one) => !known.has(stepKey(one.step)))] };
}

/** A rollback starts the service that the run stopped. */
function isAboutSame({ step: one }: StepHistory, { step: other }: StepHistory): boolean {
  if (one.kind === 'service' && other.kind === 'service') return one.service === other.service;
  return stepKey(one) === stepKey(other);
}

/** The hosts of a run on which something was started, narrowed by a host pattern. Throws Failure `inventory/no-match`. */
function selectHosts(history: RunHistory, limit: string | null): readonly HostHistory[] {
  if (limit === null) return history.hosts;
  const names = history.hosts.map((one) => one.host);
  const started = {
    targets: history.hosts.map((one) => savedTarget(one.host, one.connection)),
    groups: new Map([['all', { hosts: names }]]),
    unsupported: new Map<string, never>(),
    warnings: [],
    files: [],
    sha256: '',
  };
  const chosen = new Set(selectTargets(started, limit).map((one) => one.name));
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
  const options = {
    connector: world.connector,
    clock: world.clock,
    listener: world.listener,
    concurrency: args.concurrency,
    signal: world.interrupts.signal,
    settleMs,
    requestOf: (target: Target) => requestFor(historyOf(known, target).desired),
  };
  const sharing = createSharing();
  const plans = await surveyHosts(targets, options, (one): HostPlan => {
    const told = historyOf(known, one.target);
    const { connection, exclusiveGroup, desired } = told;
    const host = { target: told.host, connection, exclusiveGroup, desired };
    return sharing.plan(
      'failure' in one
        ? planUnreached(host, failureRecord(one.failure))
        : planHostRollback(host, answerOf(one.facts, desired), told, args.force),
    );
  });
  if (world.interrupts.interrupted) {
    throw new Failure('interrupted', 'interrupted while hosts were asked; nothing was changed');
  }
  return {
    createdAt: world.clock.now(),
    createdBy: `${world.operator.user}@${world.operator.machine}`,
    toolVersion: world.operator.toolVersion,
    playbook: { ...history.started.playbook, name: `Rollback of run ${history.started.run}` },
    inventory: history.started.inventory,
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
      // A half-done rollback is not undone: what remains is said, and rolling back again goes on.
      onFailure: 'stop',
    },
    hosts: plans,
  };
}

function historyOf(known: ReadonlyMap<string, HostHistory>, target: Target): HostHistory {
  const told = known.get(target.name);
  if (told === undefined) throw new Error(`no history of ${target.name}`);
  return told;
}

function jobOf(plan: HostPlan, history: HostHistory | undefined, target: Target | undefined): HostJob {
  if (history === undefined || target === undefined) throw new Error(`no history of ${plan.target}`);
  return {
    plan: asReached(plan, target),
    target,
    touched: true,
    goesOn: true,
    request: requestFor(plan.desired),
    judge: (facts) => ({ problem: describeLeftovers(history, facts), findings: [] }),
  };
}
