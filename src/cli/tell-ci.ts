// I/O: tells GitHub what became of a plan, a verification or a run: a summary appended to $GITHUB_STEP_SUMMARY and annotations at the
// lines of the inventory. On stderr, which GitHub reads as well, so that stdout stays one JSON document. It never fails a command.
import { appendFile, stat } from 'node:fs/promises';
import type { FleetPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { digestOfPlan } from '../plan/plan-file.ts';
import { writeAnnotations } from '../report/annotations.ts';
import { writeJunit } from '../report/junit.ts';
import type { FleetView } from '../report/fleet-view.ts';
import { markdownLimitBytes, writeMarkdown } from '../report/markdown.ts';
import { viewPlan } from '../report/plan-view.ts';
import type { World } from './compose.ts';
import { contextOf } from './report-context.ts';
import { loadRun } from './report-source.ts';

export async function tellCiOfPlan(
  plan: FleetPlan,
  kind: 'plan' | 'verify',
  targets: readonly Target[],
  world: World,
): Promise<void> {
  await tell(() => viewPlan(plan, kind, null, contextOf(targets)), world);
}

/** A verification as JUnit XML, with the lines of the inventory that name the hosts. */
export function junitOf(plan: FleetPlan, targets: readonly Target[]): string {
  return writeJunit(viewPlan(plan, 'verify', null, contextOf(targets)));
}

/** Of the run that applied a plan; nothing when no run did. */
export async function tellCiOfRun(plan: FleetPlan, targets: readonly Target[], world: World): Promise<void> {
  await tell(async () => {
    const run = await world.store.planClaim(digestOfPlan(plan));
    return run === null ? null : loadRun(run, world.store, contextOf(targets));
  }, world);
}

async function tell(makeView: () => FleetView | null | Promise<FleetView | null>, world: World): Promise<void> {
  const { GITHUB_STEP_SUMMARY: file = '', GITHUB_ACTIONS } = process.env;
  if (file === '' && GITHUB_ACTIONS !== 'true') return;
  try {
    const view = await makeView();
    if (view === null) return;
    if (GITHUB_ACTIONS === 'true') world.say(writeAnnotations(view));
    if (file !== '') await appendSummary(file, view);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    world.say(`warning: the CI system could not be told: ${reason}\n`);
  }
}

/** GitHub drops the summary of a step that grows above its limit, so what is there already counts. */
async function appendSummary(file: string, view: FleetView): Promise<void> {
  const takenBytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const leftBytes = markdownLimitBytes - takenBytes;
  if (leftBytes < 8192) throw new Error(`${file} has no room left`);
  await appendFile(file, `${takenBytes === 0 ? '' : '\n'}${writeMarkdown(view, leftBytes)}`);
}
