// The stages of a chaos run: the apply; going on with it; taking it back. Each among mishaps, and the last two without them at last.
import { join } from 'node:path';
import { loadInventory } from '../../src/inventory/load.ts';
import { createVaultOpener, noPasswords } from '../../src/inventory/secrets/vault-opener.ts';
import { createRunStore } from '../../src/journal/store.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { FleetPlan } from '../../src/model/plan.ts';
import type { Target } from '../../src/model/target.ts';
import { startRun, type RunManners, type RunOutcome } from '../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { executeResume, planResume } from '../../src/workflows/resume/resume.ts';
import { executeRollback, planRollback } from '../../src/workflows/roll-back.ts';
import type { OwnInventory, Seams } from '../../src/workflows/seams.ts';
import { checkRestored } from './claims.ts';
import type { Dice } from './dice.ts';
import { relatedDeed, unrelatedDeed } from './other-operator.ts';
import type { End } from './process.ts';
import { check, historyOf, inLife, meddle, mismatch, randomEnd, type Play } from './stage.ts';
import { count } from './tally.ts';

/** Only secrets come from it: the journal says where the hosts are. */
export function inventoryOf(directory: string): string {
  return join(directory, 'inventory.yml');
}

function ownInventory(directory: string): OwnInventory {
  const file = inventoryOf(directory);
  return { named: [file], load: () => loadInventory([file], createVaultOpener(noPasswords)), canAsk: false };
}

/** Hosts at once. */
const concurrency = 4;

/** Whoever runs it says yes to everything. */
const manners: RunManners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };

/** As the command ends that was told of it. */
function ended({ failure }: RunOutcome): void {
  if (failure !== null) throw failure;
}

/** The name of the run; null when none was started. */
export async function apply(
  play: Play,
  plan: FleetPlan,
  targets: readonly Target[],
  end: End | null,
  operator: Dice,
): Promise<string | null> {
  const jobs = makeHostJobs(plan, targets);
  const later = [...play.watched.values()].filter(() => operator.chance(0.1));
  const dues = new Map(later.map((host) => [host.name, operator.between(5, 30)]));
  const meddler = (server: string): void => {
    const left = dues.get(server);
    const host = play.watched.get(server);
    if (left === undefined || host === undefined) return;
    dues.set(server, left - 1);
    if (left === 1) meddle(play, host, unrelatedDeed(operator.fork(server)));
  };
  play.listeners.push(meddler);
  await inLife(play, 1, end, async (seams) => {
    ended(await startRun({ kind: 'apply', of: null, plan, planFile: null, jobs }, manners, seams));
  });
  play.listeners = play.listeners.filter((one) => one !== meddler);
  const [run] = await createRunStore(play.directory).listRuns();
  return run !== undefined && (await historyOf(play, run)) !== null ? run : null;
}

export async function goOn(play: Play, run: string): Promise<void> {
  const { dice, fleet } = play;
  const resume = async (seams: Seams): Promise<void> => {
    const planned = await planResume({ run, concurrency, inventory: ownInventory(play.directory) }, seams);
    if (planned.plan.hosts.length > 0) ended(await executeResume(planned, manners, seams));
  };
  if (dice.chance(0.5)) {
    const end = randomEnd(dice.fork('end of the resume'), fleet);
    await inLife(play, 2, end, resume);
    await check(play, run, 'resume among mishaps');
  }
  await inLife(play, 0, null, resume);
  const history = await check(play, run, 'resume');
  // Where the failure policy stopped it, hosts may be left.
  if (history === null || history.stopping !== null) return;
  for (const { host, verdict, detail } of history.verdicts) {
    if (!['in-doubt', 'unreachable', 'locked', 'skipped'].includes(verdict)) continue;
    mismatch(play, `resume left ${host} ${verdict}: ${detail}`);
  }
}

export async function takeBack(play: Play, run: string, operator: Dice): Promise<void> {
  const { dice, fleet, tell, watched } = play;
  const history = await historyOf(play, run);
  for (const host of watched.values()) {
    if (!operator.chance(0.1)) continue;
    // Where a command is in doubt, nobody could tell his doing from the run's.
    const isSure = !(history?.hosts ?? []).some((one) => one.host === host.name && one.verdict?.verdict !== 'changed');
    const deed = isSure && operator.chance(0.5) ? relatedDeed(operator) : unrelatedDeed(operator);
    const { changed } = meddle(play, host, deed);
    if (deed.isRelated && changed) watched.set(host.name, { ...host, isMeddledWith: true });
  }
  /** What it came to, as text to search in. */
  const rollback = async (seams: Seams): Promise<string> => {
    const request = { run, limit: null, force: false, concurrency, inventory: ownInventory(play.directory) };
    const planned = await planRollback(request, seams);
    const { hosts } = planned.plan;
    if (hosts.every((one) => one.state !== 'changes')) return JSON.stringify(hosts);
    const outcome = await executeRollback(planned, manners, seams);
    ended(outcome);
    return JSON.stringify(outcome.verdicts);
  };
  if (dice.chance(0.6)) {
    await inLife(play, 3, randomEnd(dice.fork('end of the rollback'), fleet), rollback);
    await tellRollback(play, run, 'rollback among mishaps');
  }
  for (let round = 1; round <= 2; round += 1) {
    const before = new Map<string, Machine>(
      [...watched.values()].map((one) => [one.name, structuredClone(one.machine)]),
    );
    const told = await inLife(play, 0, null, rollback);
    tell(`rollback ${round} ended`);
    await tellRollback(play, run, `rollback ${round}`);
    const left = checkRestored(watched, `rollback ${round}`, () => undefined, before, told ?? '');
    if (left === 0) return;
    if (round === 2) {
      tell(told ?? '');
      checkRestored(
        watched,
        'rollback',
        (what) => {
          mismatch(play, what);
        },
        before,
        told ?? '',
      );
    } else count(play.tally.verdicts, 'a second rollback was needed');
  }
}

async function tellRollback(play: Play, run: string, stage: string): Promise<void> {
  const last = (await createRunStore(play.directory).listRuns()).filter((one) => one !== run).at(-1);
  if (last === undefined) return;
  const history = await historyOf(play, last);
  for (const { host, verdict, detail } of history?.verdicts ?? []) {
    count(play.tally.verdicts, `${stage} ${verdict}`);
    play.tell(`${stage}: ${host} ${verdict}: ${detail}`);
  }
}
