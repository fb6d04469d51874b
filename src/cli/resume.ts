// Goes on with a run that died or was interrupted: hosts that were in change are asked first and brought on to where they should be,
// hosts that were not started are started, everything that is settled stays as it is.
import { Failure, failureRecord } from '../model/failure.ts';
import type { HostHistory, RunHistory } from '../model/history.ts';
import type { HostVerdict, Verdict } from '../model/outcome.ts';
import { isOurs } from '../model/ownership.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { planHost, planUnreached } from '../plan/make-plan.ts';
import { createSharing } from '../plan/share-alike.ts';
import { planServiceStarts } from '../plan/take-back.ts';
import { counted } from '../report/text/table.ts';
import { closingLeftShells } from '../run/left-shells.ts';
import { surveyHosts } from '../run/survey.ts';
import { agree, deadlineFrom } from './agree.ts';
import type { World } from './compose.ts';
import { withEarlierSteps } from './earlier-steps.ts';
import { exitCodeOfRun } from './exit-codes.ts';
import { answerOf } from './host-answer.ts';
import { inventoryFlags } from './inventory-flags.ts';
import { jobFor } from './jobs.ts';
import { jsonDocument } from './json.ts';
import {
  checkedConcurrency,
  type CommonArguments,
  type ConfirmArguments,
  type InventoryArguments,
  type PaceArguments,
  type StateArguments,
  type TalkArguments,
} from './options.ts';
import { requestFor } from './prepare-plan.ts';
import { readHistory, rollbacksOf } from './read-history.ts';
import { readPlanOfRun } from './read-plan.ts';
import { continueRun, holdingRun } from './run-jobs.ts';
import { restoreTargets } from './saved-targets.ts';
import { showPlan } from './show-plan.ts';

type Arguments = CommonArguments &
  StateArguments &
  TalkArguments &
  Pick<InventoryArguments, 'inventory'> &
  ConfirmArguments &
  PaceArguments & { verbose: boolean };

/** Verdicts that a resumed run leaves as they are. The others are asked, or started. */
const settledVerdicts: readonly Verdict[] = [
  'changed',
  'unchanged',
  'blocked',
  'stale',
  'conflict',
  'failed-rolled-back',
  'rolled-back',
];

/** A service that was told to stop when the run died may take so long; it is waited for before its host is planned anew. */
const settleMs = 60_000;

/** Returns the exit code. */
export async function resumeRun(run: string, args: Arguments, composed: World): Promise<number> {
  const endsAt = deadlineFrom(args.deadline, composed.clock.now());
  const { history, plan } = await readRun(run, args, composed);
  const world = { ...composed, connector: closingLeftShells(composed.connector, history) };
  const verdicts = new Map(history.verdicts.map((one) => [one.host, one]));
  const touched = new Set(
    history.hosts.filter((one) => one.steps.some((step) => isOurs(step.ownership))).map((one) => one.host),
  );
  const settled = history.verdicts.filter((one) => isSettled(one, touched));
  const settledHosts = new Set(settled.map((one) => one.host));
  const open = plan.hosts.filter((one) => !settledHosts.has(one.target));
  if (open.length === 0) {
    world.say(`Run ${run} has nothing left to do.\n`);
    if (args.json) world.out(jsonDocument('run', { run, kind: 'apply', of: null, hosts: settled }));
    return exitCodeOfRun(settled, false);
  }
  const started = new Map(history.hosts.map((one) => [one.host, one]));
  const isAsked = (one: HostPlan): boolean => started.has(one.target) || one.facts === null;
  const hosts = open.map((one) => ({
    target: one.target,
    connection: one.connection,
    isReached: isAsked(one) || one.state === 'changes',
  }));
  const saved = { kind: 'run', hosts, inventory: plan.inventory.files } as const;
  const targets = await restoreTargets(saved, args, world.vault);
  const asked = targets.filter((_, index) => {
    const host = open[index];
    return host !== undefined && isAsked(host);
  });
  const planned = await planOpenHosts(open, asked, { history, verdicts }, args, world);
  if (world.interrupts.interrupted) {
    throw new Failure('interrupted', 'interrupted while hosts were asked; nothing was changed');
  }
  const continued = planned.map((host) => withEarlierSteps(host, started.get(host.target)));
  const rest: FleetPlan = { ...plan, hosts: continued.map((one) => one.plan) };
  if (!args.json) showPlan(rest, args, world);
  const changing = rest.hosts.filter((one) => one.state === 'changes').length;
  const question = `Go on with run ${run}: change ${counted(changing, 'host')} as shown?`;
  await agree({ question, yes: args.yes, window: plan.policy.window, wait: args.wait }, world);
  const jobs = continued.map(({ plan: host, doneBefore }, index) => ({
    ...jobFor(host, targets[index], touched.has(host.target)),
    doneBefore,
  }));
  return continueRun(
    { run, plan: rest, jobs, settled },
    { yes: args.yes, json: args.json, endsAt, inventory: args.inventory },
    world,
  );
}

async function readRun(run: string, args: Arguments, world: World): Promise<{ history: RunHistory; plan: FleetPlan }> {
  const { history, headNote } = await readHistory(run, world.store);
  if (headNote !== null) world.say(`The journal of ${run}: ${headNote}\n`);
  if (history.started.kind === 'rollback') {
    const of = history.started.of ?? 'RUN';
    throw new Failure('run/cannot-resume', `this run is a rollback of ${of}`, {
      where: run,
      hint: `roll back again, it goes on where it stopped: fencepost rollback ${of}${inventoryFlags(args.inventory ?? history.started.inventory.files)}`,
    });
  }
  const [rollback] = await rollbacksOf(run, world.store);
  if (rollback !== undefined) {
    throw new Failure('run/cannot-resume', `this run was rolled back by ${rollback.started.run}`, {
      where: run,
      hint: 'make a new plan: fencepost plan',
    });
  }
  // Proves that the run's own process is gone before its hosts are asked.
  await holdingRun(run, world, () => Promise.resolve());
  return { history, plan: (await readPlanOfRun(run, world.store, 'apply')).plan };
}

/** Hosts that were started, or never answered, are planned anew from what they show; the others are carried out as they were planned. */
async function planOpenHosts(
  open: readonly HostPlan[],
  asked: readonly Target[],
  { history, verdicts }: { readonly history: RunHistory; readonly verdicts: ReadonlyMap<string, HostVerdict> },
  args: Arguments,
  world: World,
): Promise<readonly HostPlan[]> {
  const started = new Map(history.hosts.map((one) => [one.host, one]));
  const plans = new Map(open.map((one) => [one.target, one]));
  const planOf = ({ name }: Target): HostPlan => {
    const plan = plans.get(name);
    if (plan === undefined) throw new Error(`no plan for ${name}`);
    return plan;
  };
  const options = {
    connector: world.connector,
    clock: world.clock,
    listener: world.listener,
    concurrency: checkedConcurrency(args.concurrency ?? 50),
    signal: world.interrupts.signal,
    settleMs,
    requestOf: (target: Target) => requestFor(planOf(target).desired),
  };
  const sharing = createSharing();
  const again = await surveyHosts(asked, options, (one) => {
    const host = planOf(one.target);
    if ('failure' in one) return unreachedAgain(host, verdicts.get(host.target), failureRecord(one.failure));
    const planned = planHost(host, answerOf(one.facts, host.desired));
    const told = started.get(host.target);
    return sharing.plan(told === undefined ? planned : withServiceStarts(planned, told, one.facts));
  });
  const anew = new Map(again.map((one) => [one.target, one]));
  return open.map((host) => anew.get(host.target) ?? host);
}

function unreachedAgain(
  host: HostPlan,
  before: HostVerdict | undefined,
  failure: NonNullable<HostPlan['failure']>,
): HostPlan {
  const inDoubt = before === undefined ? '' : ` (it was ${before.verdict} before)`;
  return planUnreached(host, { ...failure, message: `${failure.message}${inDoubt}` });
}

/** A service that the run stopped before it died is started again, whatever else is to do. */
function withServiceStarts(plan: HostPlan, history: HostHistory, facts: NonNullable<HostPlan['facts']>): HostPlan {
  const starts = planServiceStarts(history, facts);
  if (starts.length === 0 || plan.state === 'blocked') return plan;
  const steps = [...plan.steps, ...starts].map((step, index) => ({ ...step, number: index + 1 }));
  return { ...plan, state: 'changes', steps };
}

/** A host that the run changed and that was blocked when the run was resumed is looked at again: the way may be free by now. */
function isSettled({ host, verdict }: HostVerdict, touched: ReadonlySet<string>): boolean {
  return settledVerdicts.includes(verdict) && !(verdict === 'blocked' && touched.has(host));
}
