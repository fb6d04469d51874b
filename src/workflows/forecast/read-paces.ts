// I/O: how long changes usually take here: measured in the newest runs of the state directory. It never stops a command: a journal that
// cannot be read, or is damaged, says nothing, and without any the paces are assumed.
import type { RunStore } from '../../journal/store.ts';
import { assumedPaces, type Paces } from '../../model/headline/paces.ts';
import { createRunTimes, usualPaces, type RunTimes } from '../../model/headline/run-times.ts';

/** A fleet changes slowly; more runs would cost more reading than they tell. */
const mostRuns = 3;
/** So many hosts tell what is usual: the journals of a large fleet are long, and every plan would read three of them. */
const enoughHosts = 300;
/** Rollbacks, and runs that changed nothing, are passed over, but not for ever. */
const mostLooks = 20;

export async function readPaces(store: Pick<RunStore, 'listRuns' | 'readBeginning' | 'readRun'>): Promise<Paces> {
  const times: RunTimes[] = [];
  try {
    for (const run of (await store.listRuns()).slice(-mostLooks).reverse()) {
      if (times.length === mostRuns || countHosts(times) >= enoughHosts) break;
      const measured = await measureRun(run, store).catch(() => null);
      if (measured !== null) times.push(measured);
    }
  } catch {
    return assumedPaces;
  }
  return usualPaces(times);
}

/** Null: it tells nothing of how long a change takes. */
async function measureRun(run: string, store: Pick<RunStore, 'readBeginning' | 'readRun'>): Promise<RunTimes | null> {
  const first = await store.readBeginning(run);
  if (first?.type !== 'run-started' || first.kind !== 'apply') return null;
  const times = createRunTimes();
  const { damage } = await store.readRun(run, (event) => {
    times.event(event);
  });
  const isTold = [times.durations(), times.shares()].flatMap((one) => Object.values(one)).some((all) => all.length > 0);
  return damage === null && isTold ? times : null;
}

function countHosts(times: readonly RunTimes[]): number {
  return times.reduce((sum, one) => sum + one.durations().verify.length, 0);
}
