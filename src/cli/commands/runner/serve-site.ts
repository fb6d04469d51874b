// What `runner` does: waits for shared runs with hosts of its site, takes part in each, and waits again. A run that it refuses, or that it had
// to leave, is said and tried again after a while; a database that is away is waited for. The first signal lets it finish what it has.
import { asFailure, Failure } from '../../../model/failure.ts';
import type { SiteWork } from '../../../model/joined-run.ts';
import type { FleetPlan } from '../../../model/plan.ts';
import { isSiteName, siteNameWords } from '../../../model/text/site-name.ts';
import type { Target } from '../../../model/target.ts';
import { renderSiteRuns, renderSiteOutcome, type SiteRunShown } from '../../../report/sites/site-text.ts';
import { failedVerdicts } from '../../../run/fleet/budget.ts';
import { holdPolicies, listSigners } from '../../../workflows/consent/hold-policies.ts';
import { takePart, type SiteOutcome } from '../../../workflows/join/take-part.ts';
import type { World } from '../../compose.ts';
import { exitCodeOfRun, exitCodes } from '../../exit-codes.ts';
import { ownInventory, readPolicies } from '../../inputs.ts';
import { createPolicyHook } from '../../io/programs/policy-hook.ts';
import { jsonDocument } from '../../json.ts';
import type { InventoryArguments, PolicyArguments } from '../../options.ts';

export interface RunnerArguments extends Omit<InventoryArguments, 'limit'>, PolicyArguments {
  readonly site: string;
  readonly once: boolean;
  readonly json: boolean;
}

/** What a notification did not tell is found by a look so often. */
const pollMs = 10_000;
/** While the database is away nothing else tells that it is back. */
const awayPollMs = 2000;
/** After which a run that was refused or left is tried again. */
const againMs = 30_000;

/** Returns the exit code. Throws Failure `usage/invalid`, and those of a database that can't be used at the start. */
export async function serveSite(args: RunnerArguments, world: World): Promise<number> {
  const work = await openWork(args, world);
  const { stop, signal } = world.interrupts;
  const shown: SiteRunShown[] = [];
  const underWay = new Map<string, Promise<void>>();
  const retryAt = new Map<string, number>();
  let isAway = false;
  let said = '';
  world.interrupts.protectRun();

  function note(one: SiteRunShown): void {
    const words = renderSiteOutcome(one, args.site);
    if (one.problem === null || words !== said) world.say(words);
    said = words;
    if (args.once) shown.push(one);
    if (one.problem !== null) retryAt.set(one.run, world.clock.elapsedMs() + againMs);
  }

  /** Null: the database is away. */
  async function look(): Promise<readonly string[] | null> {
    try {
      const runs = await work.listOpenRuns();
      if (isAway) world.say('The database answers again.\n');
      isAway = false;
      return runs;
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code !== 'state/unavailable') throw failure;
      if (!isAway) world.say(`warning: ${failure.message}; waiting for it\n`);
      isAway = true;
      return null;
    }
  }

  function begin(run: string): void {
    world.say(`Run ${run} has hosts of site ${args.site}: taking part.\n`);
    underWay.set(
      run,
      takePartIn(run, work, args, world)
        .then(note)
        .finally(() => underWay.delete(run)),
    );
  }

  try {
    await warnOfChannels(args, world);
    world.say(`Waiting for runs with hosts of site ${args.site} (${world.state.place}).\n`);
    while (stop.reason === null) {
      const open = await look();
      const due = (open ?? [])
        .filter((run) => !underWay.has(run))
        .filter((run) => (retryAt.get(run) ?? 0) <= world.clock.elapsedMs());
      if (args.once && open !== null && due.length === 0 && underWay.size === 0) break;
      for (const run of due) begin(run);
      const over = new AbortController();
      const until = AbortSignal.any([stop.signal, over.signal]);
      await Promise.race([work.wait(open === null ? awayPollMs : pollMs, until), ...underWay.values()]);
      over.abort();
    }
    await Promise.all(underWay.values());
  } finally {
    await work.close();
  }
  if (args.once)
    world.out(args.json ? jsonDocument('runner', { site: args.site, runs: shown }) : renderSiteRuns(shown));
  if (signal.aborted) return exitCodes.interrupted;
  if (!args.once) return exitCodes.done;
  if (shown.some((one) => one.problem !== null)) return exitCodes.someFailed;
  return exitCodeOfRun(
    shown.flatMap((one) => one.hosts),
    false,
  );
}

async function openWork(args: RunnerArguments, world: World): Promise<SiteWork> {
  if (!isSiteName(args.site)) throw new Failure('usage/invalid', `--site: expected ${siteNameWords}`);
  if (args.json && !args.once) {
    throw new Failure('usage/invalid', '--json goes with --once: a document has an end', {
      hint: `fencepost runner --site ${args.site} --once --json`,
    });
  }
  const { operator, clock, state, notice } = world;
  const work = state.openSite({
    site: args.site,
    user: operator.user,
    now: () => clock.now(),
    onTakeover(label, holder) {
      notice({ kind: 'lock-taken-over', run: null, label, holder });
    },
    failing: failedVerdicts,
  });
  if (work === null) throw new Failure('internal/bug', 'a state that can not be shared', { where: state.place });
  await state.checkExists();
  return work;
}

/** A policy that can't be used is said when a run comes, and keeps it from that alone. */
async function warnOfChannels(args: RunnerArguments, world: World): Promise<void> {
  const policies = await readPolicies(args).catch(() => []);
  for (const { file, channels } of policies) {
    if (channels.length === 0) continue;
    world.say(`warning: ${file}: notify: a runner tells no channels; those of whoever coordinates a run are told\n`);
  }
}

/** Never rejects. */
async function takePartIn(run: string, work: SiteWork, args: RunnerArguments, world: World): Promise<SiteRunShown> {
  const joined = work.openRun(run);
  try {
    // Files as they are now: the process may be months old.
    const policies = await readPolicies(args);
    const judge = async (plan: FleetPlan, targets: readonly Target[]): Promise<void> => {
      if (listSigners(policies).length > 0) throw noApprovals();
      await holdPolicies({ plan, purpose: 'change', targets }, policies, createPolicyHook(process.env));
    };
    const request = { site: args.site, inventory: ownInventory(args, world), judge };
    return shownOutcome(await takePart(joined, request, { ...world, connector: world.openConnector() }));
  } catch (thrown) {
    const { message, hint, issues } = asFailure(thrown);
    const places = issues.map((one) => `${one.file}:${one.line}:${one.column} ${one.message}`);
    return {
      run,
      hosts: [],
      problem: [`not taken part in: ${message}`, ...places, hint ?? ''].filter(Boolean).join('; '),
    };
  } finally {
    await joined.close();
  }
}

function shownOutcome({ run, verdicts, failure }: SiteOutcome): SiteRunShown {
  return { run, hosts: verdicts, problem: failure?.message ?? null };
}

function noApprovals(): Failure {
  return new Failure(
    'approval/missing',
    "the policy of this site asks for approvals, which lie beside the plan's file",
    {
      hint: 'have them checked where the run is started (--require-approvals, --signers), and take them out of the policy of the site',
    },
  );
}
