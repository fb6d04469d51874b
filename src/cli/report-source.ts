// I/O: the name of a run, or a file that is a plan or a snapshot -> the view that is reported. A file is told by its content, not by
// how it is called. A damaged journal is reported as far as it holds, and the report says so.
import { readFile } from 'node:fs/promises';
import { readSnapshot } from '../facts/snapshot.ts';
import { replayRun } from '../journal/replay.ts';
import type { RunStore } from '../journal/store.ts';
import { Failure } from '../model/failure.ts';
import type { FleetPlan } from '../model/plan.ts';
import type { Wanted } from '../model/wanted.ts';
import { readPlanFile } from '../plan/plan-file.ts';
import { loadPlaybook } from '../playbook/load.ts';
import type { FleetView, ViewContext } from '../report/fleet-view.ts';
import { viewPlan } from '../report/plan-view.ts';
import { viewRun } from '../report/run-view.ts';
import { viewSnapshot } from '../report/snapshot-view.ts';

export interface ReportRequest {
  readonly subject: string;
  /** Says which ports a snapshot's maps show; null = none in particular. */
  readonly playbook: string | null;
}

/** Throws Failure `usage/invalid` when the subject is neither, `plan/damaged`, `journal/damaged`. */
export async function loadView(request: ReportRequest, store: RunStore, context: ViewContext): Promise<FleetView> {
  const { subject } = request;
  const text = await readFile(subject, 'utf8').catch(() => null);
  if (text === null) return loadRun(subject, store, context);
  const head = text.slice(0, 200);
  if (head.includes('"fencepost-snapshot"')) return readCollected(text, request, context);
  if (head.includes('"fencepost-plan"')) {
    const { plan, digest } = readPlanFile(text, subject);
    return viewPlan(plan, 'plan', digest, context);
  }
  throw new Failure('usage/invalid', `${subject} is neither a plan nor a snapshot`, {
    where: subject,
    hint: 'name a run (fencepost runs), a file of fencepost plan --out, or one of fencepost collect --out',
  });
}

/** The view of a run from its journal, with the plan it carries out. */
export async function loadRun(run: string, store: RunStore, context: ViewContext): Promise<FleetView> {
  const text = await store.readRun(run).catch((thrown: unknown) => {
    throw new Failure('run/unknown', `${run} is no file, and no run in ${store.directory}`, {
      where: run,
      hint: 'fencepost runs lists the runs; --state-dir names another state directory',
      cause: thrown,
    });
  });
  const events = text.records.map((one) => one.event);
  const { damage } = text;
  return viewRun(
    {
      history: replayRun(run, events),
      events,
      plan: await loadPlan(run, store),
      damage:
        damage === null
          ? null
          : `The journal is damaged in line ${damage.line}: ${damage.problem}. What follows is not in this report.`,
    },
    context,
  );
}

async function loadPlan(run: string, store: RunStore): Promise<FleetPlan | null> {
  try {
    return readPlanFile(await store.readPlan(run), run).plan;
  } catch {
    // The journal alone tells what was changed; the view says that the plan is missing.
    return null;
  }
}

async function readCollected(
  text: string,
  { subject, playbook }: ReportRequest,
  context: ViewContext,
): Promise<FleetView> {
  const read = readSnapshot(text);
  if ('errors' in read) {
    throw new Failure('usage/invalid', `the snapshot ${subject} can't be used: ${read.errors[0] ?? 'unreadable'}`, {
      where: subject,
      hint: 'take a new one: fencepost collect --out FILE',
      issues: read.errors.slice(1).map((message) => ({ file: subject, line: 0, column: 0, message })),
    });
  }
  return viewSnapshot(read.snapshot, subject, await wantedBy(playbook), context);
}

/** What a playbook asks of every host; nothing when none is named. */
async function wantedBy(playbook: string | null): Promise<Wanted> {
  if (playbook === null) return { exclusions: [], whenHeldByOwnService: 'block' };
  const { exclusions, whenHeldByOwnService } = (await loadPlaybook(playbook)).playbook;
  return { exclusions, whenHeldByOwnService };
}
