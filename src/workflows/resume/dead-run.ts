// The run that a resume goes on with: its journal, its plan, and what its rollbacks brought back since; and how far all of that had come,
// so that it is noticed when somebody else goes on with it meanwhile. Refuses what cannot be resumed; changes nothing.
import { Failure } from '../../model/failure.ts';
import type { HostHistory, RunHistory } from '../../model/history.ts';
import type { FleetPlan } from '../../model/plan.ts';
import { isOurs } from '../../model/rules/ownership.ts';
import { counted } from '../../model/text/counted.ts';
import { limitFlag, standAfterRollbacks, type RollbackStanding } from '../earlier-rollbacks.ts';
import { holdRun } from '../execute-run.ts';
import { inventoryFlags } from '../inventory-flags.ts';
import { findRollbacks, listRollbacks, readHistory } from '../read-history.ts';
import { readPlanOfRun } from '../read-plan.ts';
import type { OwnInventory, Seams } from '../seams.ts';

export interface DeadRun {
  readonly history: RunHistory;
  readonly plan: FleetPlan;
  /** Hosts that were rolled back since -> by which run. */
  readonly back: ReadonlyMap<string, string>;
}

/** How far the journals of the run and of its rollbacks have come. */
export async function readStand(run: string, { store }: Seams): Promise<string> {
  const ends: string[] = [];
  for (const one of [run, ...(await listRollbacks(run, store))]) {
    const { records, lastDigest } = await store.readRun(one, () => undefined);
    ends.push(`${one} ${records} ${lastDigest}`);
  }
  return ends.join('\n');
}

/** Throws Failure `run/unknown`, `run/cannot-resume`, `run/host-locked`, `journal/damaged`. */
export async function readDeadRun(run: string, inventory: OwnInventory, seams: Seams): Promise<DeadRun> {
  const { history, headNote } = await readHistory(run, seams.store);
  if (headNote !== null) seams.notice({ kind: 'journal-head', run, note: headNote });
  const flags = inventoryFlags(inventory.named ?? history.started.inventory.files);
  if (history.started.kind === 'rollback') throw await refuseRollback(history, flags, seams);
  const standing = standAfterRollbacks(await findRollbacks(run, seams.store));
  if (standing.unfinishedBy !== null) throw refuseUnfinished(history, standing, flags);
  const { back } = standing;
  const isLeft = (one: HostHistory): boolean => !back.has(one.host) && one.steps.some((step) => isOurs(step.ownership));
  if (back.size > 0 && !history.hosts.some(isLeft)) {
    throw new Failure('run/cannot-resume', `this run was rolled back by ${[...new Set(back.values())].join(', ')}`, {
      where: run,
      hint: 'make a new plan: fencepost plan',
    });
  }
  // Proves that the run's own process is gone before its hosts are asked.
  await holdRun(run, seams, () => Promise.resolve());
  const { plan } = await readPlanOfRun(run, seams.store, 'apply', seams.operator.toolVersion);
  return { history, plan, back };
}

/** A rollback goes on as a rollback of the same hosts. */
async function refuseRollback({ started }: RunHistory, flags: string, { store }: Seams): Promise<Failure> {
  const of = started.of ?? 'RUN';
  const rolledBack = await readHistory(of, store).catch(() => null);
  const hosts = started.hosts.map((one) => one.host);
  const limit = rolledBack === null ? '' : limitFlag(hosts, rolledBack.history);
  return new Failure('run/cannot-resume', `this run is a rollback of ${of}`, {
    where: started.run,
    hint: `roll back again, it goes on where it stopped: fencepost rollback ${of}${limit}${flags}`,
  });
}

function refuseUnfinished(history: RunHistory, standing: RollbackStanding, flags: string): Failure {
  const { run } = history.started;
  const { unfinished: hosts, unfinishedBy: by, back } = standing;
  const limit = limitFlag(hosts, history, back);
  const shown = `${hosts.slice(0, 3).join(', ')}${hosts.length > 3 ? `, and ${hosts.length - 3} more` : ''}`;
  const message = `its rollback ${by ?? ''} did not finish: ${counted(hosts.length, 'host')} not rolled back (${shown})`;
  return new Failure('run/cannot-resume', message, {
    where: run,
    hint: `roll back again, it goes on where it stopped: fencepost rollback ${run}${limit}${flags}`,
  });
}
