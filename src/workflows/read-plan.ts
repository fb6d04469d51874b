// I/O: a saved plan from the disk, part by part.
import { createReadStream } from 'node:fs';
import { Failure } from '../model/failure.ts';
import type { RunStore } from '../journal/store.ts';
import type { RunKind } from '../model/outcome.ts';
import type { HostPlan } from '../model/plan.ts';
import { checkHost, checkRollbackHost } from '../plan/check-plan.ts';
import { createPlanReader, type SavedPlan } from '../plan/read-plan-file.ts';
import { answerOf } from './host-answer.ts';
import { toolVersion } from '../cli/version.ts';

type Check = (host: unknown) => HostPlan;
const checkPlanned: Check = (host) => checkHost(host, answerOf);

/** A plan to apply. Throws Failure `plan/damaged`, what `cannotRead` makes of it when the file can't be read. `name`: what it is called in a Failure. */
export function readPlan(file: string, name: string, cannotRead: (cause: unknown) => Error): Promise<SavedPlan> {
  return readChecked(file, name, cannotRead, checkPlanned);
}

async function readChecked(
  file: string,
  name: string,
  cannotRead: (cause: unknown) => Error,
  check: Check,
): Promise<SavedPlan> {
  const reader = createPlanReader({ file: name, check, toolVersion });
  const parts = createReadStream(file, { encoding: 'utf8', highWaterMark: 256 * 1024 });
  try {
    for await (const part of parts) reader.take(part as string);
  } catch (thrown) {
    throw thrown instanceof Error && 'syscall' in thrown ? cannotRead(thrown) : thrown;
  }
  return reader.end();
}

/** The plan that a run carries out. Throws Failure `run/unknown` when it is missing, `plan/damaged`. */
export function readPlanOfRun(run: string, store: RunStore, kind: RunKind): Promise<SavedPlan> {
  const missing = (cause: unknown): Failure =>
    new Failure('run/unknown', `the plan of this run is missing in ${store.directory}`, { where: run, cause });
  const check = kind === 'rollback' ? checkRollbackHost : checkPlanned;
  return readChecked(store.planFile(run), `the plan of run ${run}`, missing, check);
}
