// I/O: tells GitHub what became of a plan, a verification, a run, a collection or a doctor's round: a summary appended to
// $GITHUB_STEP_SUMMARY and annotations at the lines of the inventory. On stderr, which GitHub reads as well, so that stdout stays one JSON
// document. It never fails a command.
import { appendFile, stat } from 'node:fs/promises';
import type { Paces } from '../model/headline/paces.ts';
import type { DiscoveredServer } from '../model/discovery/discovery.ts';
import type { FleetPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { writeAnnotations } from '../report/ci/annotations.ts';
import { writeJunit } from '../report/ci/junit.ts';
import type { CheckedFleetView } from '../report/view/fleet-view.ts';
import { nameMissing } from '../report/discovery/missing-words.ts';
import { tellDoctor } from '../report/ci/doctor-ci.ts';
import type { DoctorHost } from '../report/text/doctor-text.ts';
import { markdownLimitBytes, writeMarkdown } from '../report/ci/markdown.ts';
import { viewPlan } from '../report/view/plan-view.ts';
import { viewSnapshot, type CollectedFleet } from '../report/view/snapshot-view.ts';
import type { World } from './compose.ts';
import { talk } from './io/standard-streams.ts';
import { isCiTold } from './is-ci-told.ts';
import { buildReportContext } from './report-context.ts';
import { loadRun } from './report-source.ts';

export interface ToldPlan {
  readonly plan: FleetPlan;
  readonly kind: 'plan' | 'verify';
  readonly targets: readonly Target[];
  /** How long things take; left out: as assumed. */
  readonly paces?: Paces;
  /** Left out: no directory was asked. */
  readonly notInInventory?: readonly DiscoveredServer[] | undefined;
}

export async function tellCiOfPlan(told: ToldPlan, world: World): Promise<void> {
  await tell(() => viewTold(told), world);
}

/** A verification as JUnit XML, with the lines of the inventory that name the hosts. */
export function renderPlanJunit(told: ToldPlan): string {
  return writeJunit(viewTold(told));
}

function viewTold({ plan, kind, targets, paces, notInInventory }: ToldPlan): CheckedFleetView {
  const view = viewPlan(plan, kind, null, buildReportContext(targets), paces);
  return notInInventory === undefined ? view : { ...view, notInInventory: nameMissing(notInInventory) };
}

/** Of a run, in whatever way it ended. */
export async function tellCiOfRun(run: string, targets: readonly Target[], world: World): Promise<void> {
  await tell(() => loadRun(run, world.store, buildReportContext(targets)), world);
}

export async function tellCiOfFacts(fleet: CollectedFleet, targets: readonly Target[], world: World): Promise<void> {
  const nothing = { exclusions: [], whenHeldByOwnService: 'block' } as const;
  await tell(() => viewSnapshot(fleet, 'none', () => nothing, buildReportContext(targets)), world);
}

export async function tellCiOfDoctor(
  hosts: readonly DoctorHost[],
  targets: readonly Target[],
  world: World,
): Promise<void> {
  await tellBoth(() => tellDoctor(hosts, buildReportContext(targets).origins), world);
}

async function tell(makeView: () => CheckedFleetView | Promise<CheckedFleetView>, world: World): Promise<void> {
  await tellBoth(async () => {
    const view = await makeView();
    return { annotations: writeAnnotations(view), summary: (limitBytes) => writeMarkdown(view, limitBytes) };
  }, world);
}

interface CiSummary {
  readonly annotations: string;
  readonly summary: (limitBytes: number) => string;
}

async function tellBoth(make: () => CiSummary | Promise<CiSummary>, world: World): Promise<void> {
  if (!isCiTold()) return;
  const { GITHUB_STEP_SUMMARY: file = '', GITHUB_ACTIONS } = process.env;
  try {
    const { annotations, summary } = await make();
    if (GITHUB_ACTIONS === 'true') talk.annotate(annotations);
    if (file !== '') await appendSummary(file, summary);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    world.say(`warning: could not write the CI summary: ${reason}\n`);
  }
}

/** GitHub drops the summary of a step that grows above its limit, so what is there already counts. */
async function appendSummary(file: string, summary: CiSummary['summary']): Promise<void> {
  const takenBytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const leftBytes = markdownLimitBytes - takenBytes;
  if (leftBytes < 8192) throw new Error(`${file} is at GitHub's size limit`);
  await appendFile(file, `${takenBytes === 0 ? '' : '\n'}${summary(leftBytes)}`);
}
