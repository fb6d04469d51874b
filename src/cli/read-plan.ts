// I/O: a saved plan from the disk, part by part.
import { readInputParts } from '../files/read-input.ts';
import { InputRefused } from '../model/read-error.ts';
import { Failure } from '../model/failure.ts';
import type { RunStore } from '../journal/store.ts';
import type { RunKind } from '../model/outcome.ts';
import type { HostPlan } from '../model/plan.ts';
import { checkHost, checkRollbackHost } from '../plan/check-plan.ts';
import { createPlanReader, type SavedPlan } from '../plan/read-plan-file.ts';
import { answerOf } from './host-answer.ts';
import { toolVersion } from './version.ts';

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
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  try {
    for await (const part of readInputParts(file)) reader.take(decoder.decode(part, { stream: true }));
  } catch (thrown) {
    const isReading = thrown instanceof InputRefused || (thrown instanceof Error && 'syscall' in thrown);
    throw isReading ? cannotRead(thrown) : thrown;
  }
  reader.take(decoder.decode());
  return reader.end();
}

/** The plan that a run carries out. Throws Failure `run/unknown` when it is missing, `plan/damaged`. */
export function readPlanOfRun(run: string, store: RunStore, kind: RunKind): Promise<SavedPlan> {
  const missing = (cause: unknown): Failure =>
    new Failure('run/unknown', `the plan of this run is missing in ${store.directory}`, { where: run, cause });
  const check = kind === 'rollback' ? checkRollbackHost : checkPlanned;
  return readChecked(store.planFile(run), `the plan of run ${run}`, missing, check);
}
