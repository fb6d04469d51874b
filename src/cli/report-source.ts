// I/O: the name of a run, or a file that is a plan or a snapshot -> the view that is reported. A file is recognized by its content, not by
// how it is called. A damaged journal is reported as far as it holds, and the report says so.
import { readSnapshot } from '../facts/read-snapshot.ts';
import { openInput, readTextInput } from '../files/read-input.ts';
import { createOutline } from '../journal/outline.ts';
import { withoutBeginning } from '../journal/replay.ts';
import { refuseDamage, type RunStore } from '../journal/store.ts';
import { Failure } from '../model/failure.ts';
import type { RunEvent, RunKind } from '../model/outcome.ts';
import type { FleetPlan } from '../model/plan.ts';
import { listBackEndExclusions, resolveRequest } from '../model/backend/back-end-ports.ts';
import type { Desired } from '../model/desired.ts';
import type { Target } from '../model/target.ts';
import { findRun } from '../workflows/find-run.ts';
import { createSharing } from '../plan/share-alike.ts';
import { loadPlaybook } from '../playbook/load.ts';
import type { FleetView, ViewContext } from '../report/view/fleet-view.ts';
import { viewPlan } from '../report/view/plan-view.ts';
import { tellEvents } from '../report/view/run-telling.ts';
import { viewRun } from '../report/view/run-view.ts';
import { viewSnapshot } from '../report/view/snapshot-view.ts';
import { readPaces } from '../workflows/forecast/read-paces.ts';
import { readPlan, readPlanOfRun } from '../workflows/read-plan.ts';
import { refuseIdle } from './flags/refuse-idle.ts';
import { readTextParts } from './io/text-parts.ts';
import type { ReadingProgress } from './commands/report/reading-progress.ts';
import { toolVersion } from './version.ts';

export interface ReportRequest {
  readonly subject: string;
  /** Says which ports a snapshot's maps show; null = none in particular. */
  readonly playbook: string | null;
  /** The hosts of the inventory, with their back-end ports; empty: none was named. */
  readonly targets: readonly Target[];
}

const mostSnapshotBytes = 1024 * 1024 * 1024;

/** Throws Failure `usage/invalid` when the subject is neither, `plan/damaged`, `journal/damaged`. */
export async function loadView(
  request: ReportRequest,
  store: RunStore,
  context: ViewContext,
  progress: ReadingProgress,
): Promise<FleetView> {
  const { subject } = request;
  const opened = await readHead(subject).catch(() => null);
  if (opened?.head.includes('"fencepost-snapshot"') !== true) {
    const idle = { '--playbook': request.playbook !== null };
    refuseIdle(idle, 'on a run or a plan, which says itself what was desired', 'leave it out; it is for snapshots');
  }
  if (opened === null) return loadRun(await findRun(subject, store), store, context, progress);
  const { head, bytes } = opened;
  if (head.includes('"fencepost-snapshot"'))
    return readCollected(await readTextInput(subject, mostSnapshotBytes), request, context, progress);
  if (head.includes('"fencepost-plan"')) {
    const { plan, digest } = await readPlan(
      progress.parts(subject, bytes, readTextParts(subject)),
      subject,
      toolVersion,
    );
    await progress.making(plan.hosts.length);
    return viewPlan(plan, 'plan', digest, context, await readPaces(store));
  }
  throw new Failure('usage/invalid', 'neither a plan nor a snapshot', {
    where: subject,
    hint: 'name a run (fencepost runs), a file of fencepost plan --out, or one of fencepost collect --out',
  });
}

/** The beginning of a file, and how long it is. */
async function readHead(file: string): Promise<{ readonly head: string; readonly bytes: number }> {
  const handle = await openInput(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(200), 0, 200, 0);
    return { head: buffer.toString('utf8', 0, bytesRead), bytes: (await handle.stat()).size };
  } finally {
    await handle.close();
  }
}

/** The view of a run from its journal, with the plan it carries out. */
export async function loadRun(
  run: string,
  store: RunStore,
  context: ViewContext,
  progress: ReadingProgress | null = null,
): Promise<FleetView> {
  const sharing = createSharing();
  const standing = createOutline();
  const told = tellEvents();
  const visit = (event: RunEvent): void => {
    standing.event(event);
    progress?.event(event);
    told.event(sharing.event(event));
  };
  const end = await readEvents(run, store, visit);
  const outline = standing.outline();
  // An emptied journal has no story: that it is damaged is all there is to say.
  if (outline === null) {
    refuseDamage(run, end);
    throw withoutBeginning(run);
  }
  const { damage } = end;
  const plan = await loadPlan(run, store, outline.started.kind);
  await progress?.making(outline.started.hosts.length);
  return viewRun(
    {
      outline,
      told,
      plan,
      damage:
        damage === null
          ? null
          : `The journal is damaged in line ${damage.line}: ${damage.problem}. What follows is not in this report.`,
    },
    context,
  );
}

/** Throws Failure `run/unknown` in words for somebody who may have meant a file. */
export function readEvents(
  run: string,
  store: RunStore,
  visit: (event: RunEvent) => void,
): ReturnType<RunStore['readRun']> {
  return store.readRun(run, visit).catch((thrown: unknown) => {
    if (thrown instanceof Failure && thrown.code !== 'run/unknown') throw thrown;
    throw new Failure('run/unknown', `no such file, and no such run in ${store.place}`, {
      where: run,
      hint: 'fencepost runs lists the runs; --state-dir names another state directory',
      cause: thrown,
    });
  });
}

async function loadPlan(run: string, store: RunStore, kind: RunKind): Promise<FleetPlan | null> {
  try {
    return (await readPlanOfRun(run, store, kind, toolVersion)).plan;
  } catch {
    // The journal alone tells what was changed; the view says that the plan is missing.
    return null;
  }
}

async function readCollected(
  text: string,
  { subject, playbook, targets }: ReportRequest,
  context: ViewContext,
  progress: ReadingProgress,
): Promise<FleetView> {
  const read = readSnapshot(text);
  if ('errors' in read) {
    throw new Failure('usage/invalid', `the snapshot can't be used: ${read.errors[0] ?? 'unreadable'}`, {
      where: subject,
      hint: 'take a new one: fencepost collect --out FILE',
      issues: read.errors.slice(1).map((message) => ({ file: subject, line: 0, column: 0, message })),
    });
  }
  await progress.making(read.snapshot.hosts.length);
  return viewSnapshot(read.snapshot, subject, await desiredBy(playbook, targets), context);
}

/** What a playbook asks of a host; nothing when none is named. */
async function desiredBy(file: string | null, targets: readonly Target[]): Promise<(host: string) => Desired> {
  if (file === null) return () => ({ exclusions: [], whenHeldByOwnService: 'block' });
  const { playbook } = await loadPlaybook(file);
  if (targets.length === 0 && listBackEndExclusions(playbook).length > 0) {
    throw new Failure('usage/invalid', 'port: backend needs an inventory, which says the port of each host', {
      where: file,
      hint: 'name the inventory too: -i INVENTORY',
    });
  }
  const known = new Map(targets.map((one) => [one.name, one]));
  return (host) => {
    const target = known.get(host);
    // Of a host that is not in the inventory, the inventory can't be said to lack a port.
    return { ...resolveRequest(playbook, target?.backEndPorts), ...(target === undefined ? { unresolved: [] } : {}) };
  };
}
