// What became of a run, on stdout and for CI. From here on its exit code stands, whatever becomes of the telling.
import { asFailure } from '../model/failure.ts';
import type { FleetPlan } from '../model/plan.ts';
import { counted } from '../model/text/counted.ts';
import { renderApprovals } from '../report/view/approval-words.ts';
import { renderNextCommand } from '../report/view/next-command.ts';
import { renderVerdicts } from '../report/text/run-text.ts';
import type { RunOutcome } from '../workflows/execute-run.ts';
import type { JoinedPart } from '../workflows/join/join-run.ts';
import { inventoryFlags } from '../workflows/inventory-flags.ts';
import type { World } from './compose.ts';
import { exitCodeOfRun } from './exit-codes.ts';
import { keepHistoryOfRun } from './history/keep-history.ts';
import { jsonDocument } from './json.ts';
import type { SignKeyArguments } from './options.ts';
import { signRun } from './sign-run.ts';
import { tellCiOfRun } from './tell-ci.ts';

export interface ShowRunOptions extends SignKeyArguments {
  readonly json: boolean;
  /** As the command named it, for the next one; undefined: by default. */
  readonly inventory: readonly string[] | undefined;
  /** What this process was of a run with several; left out: it had the run alone. Only who ends a run signs it and keeps what it saw. */
  readonly part?: JoinedPart;
}

/** Returns the exit code. Throws the Failure of a run that stopped early, after showing what is known of every host. */
export async function showRun(outcome: RunOutcome, options: ShowRunOptions, world: World): Promise<number> {
  const { run, kind, of, plan, jobs, approvals, verdicts, failure, journal } = outcome;
  const { part } = options;
  const approved = approvals === null ? '' : `${renderApprovals(approvals)}\n`;
  const { records, digest } = journal;
  if (failure === null) {
    await harmless('the results could not be shown', world, () => {
      const next = renderNextCommand(outcome, inventoryFlags(options.inventory));
      world.out(
        options.json
          ? jsonDocument('run', {
              run,
              kind,
              of,
              ...(approvals === null ? {} : { approvals }),
              hosts: verdicts,
              ...(part === undefined ? {} : { part }),
              journal: { records, lastDigest: digest },
            })
          : `\n${renderVerdicts(verdicts, kind, whereAsked(plan, world))}Run ${run}.\nJournal: ${counted(records, 'record')}, last digest ${digest}\n${next}\n${approved}`,
      );
    });
  } else {
    await harmless('the hosts could not be shown', world, () => {
      world.say(`\n${renderVerdicts(verdicts, kind, whereAsked(plan, world))}\n`);
    });
  }
  const targets = jobs.map((job) => job.target);
  await harmless('could not write the CI summary', world, () => tellCiOfRun(run, targets, world));
  const exitCode = exitCodeOfRun(verdicts, world.interrupts.interrupted);
  if (part === undefined || part === 'coordinator') {
    await signRun(outcome, options, world);
    await keepHistoryOfRun(run, world, process.env);
  }
  if (failure !== null) throw failure;
  return exitCode;
}

async function harmless(what: string, world: World, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    world.say(`warning: ${what}: ${asFailure(thrown).message}\n`);
  }
}

/** The addresses of the hosts of a plan: what their names led to, else what the plan says. */
function whereAsked({ hosts }: FleetPlan, { addresses }: World): ReadonlyMap<string, string> {
  return new Map(hosts.map(({ target, connection }) => [target, addresses.get(target) ?? connection.address]));
}
