// I/O: a saved plan from the disk, part by part.
import { createReadStream } from 'node:fs';
import { Failure } from '../model/failure.ts';
import type { RunStore } from '../journal/store.ts';
import { createPlanReader, type SavedPlan } from '../plan/read-plan-file.ts';

/** Throws Failure `plan/damaged`, what `cannotRead` makes of it when the file can't be read. `name`: what it is called in a Failure. */
export async function readPlan(file: string, name: string, cannotRead: (cause: unknown) => Error): Promise<SavedPlan> {
  const reader = createPlanReader(name);
  const parts = createReadStream(file, { encoding: 'utf8', highWaterMark: 256 * 1024 });
  try {
    for await (const part of parts) reader.take(part as string);
  } catch (thrown) {
    throw thrown instanceof Error && 'syscall' in thrown ? cannotRead(thrown) : thrown;
  }
  return reader.end();
}

/** The plan that a run carries out. Throws Failure `run/unknown` when it is missing, `plan/damaged`. */
export function readPlanOfRun(run: string, store: RunStore): Promise<SavedPlan> {
  const missing = (cause: unknown): Failure =>
    new Failure('run/unknown', `the plan of this run is missing in ${store.directory}`, { where: run, cause });
  return readPlan(store.planFile(run), `the plan of run ${run}`, missing);
}
