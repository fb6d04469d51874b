// A run as a view, read from its journal; the plan it carried out adds the hosts that were never started. Pure. It asks no host:
// "after" is what the host showed when its steps finished, and the report says so.
import type { RunOutline } from '../../model/history.ts';
import type { RunKind } from '../../model/outcome.ts';
import type { FleetPlan, HostPlan } from '../../model/plan.ts';
import { describeStanding, type FleetView, type HostView, type ViewContext } from './fleet-view.ts';
import type { Standing } from './human-words.ts';
import {
  buildHostBasis,
  createViewSharing,
  plannedBasis,
  plannedStep,
  buildPortsView,
  type HostBasis,
} from './host-view.ts';
import { nameApprovals } from './approval-words.ts';
import { describeInventory } from './plan-view.ts';
import type { HostStory } from './run-steps.ts';
import type { HostInRun, RunTelling } from './run-telling.ts';
import { tellRun } from './run-timeline.ts';

export interface RunSource {
  readonly outline: Pick<RunOutline, 'started' | 'finished' | 'stopping'>;
  /** It has been told all events. */
  readonly told: RunTelling;
  /** The plan that the run carries out; null when it can't be read any more. */
  readonly plan: FleetPlan | null;
  /** What is wrong with the journal, in one sentence; null when nothing is. */
  readonly damage: string | null;
}

export function viewRun({ outline, told, plan, damage }: RunSource, context: ViewContext): FleetView {
  const { started, finished, stopping } = outline;
  const plans = new Map((plan?.hosts ?? []).map((one) => [one.target, one]));
  const share = createViewSharing();
  const hosts = started.hosts.map(({ host }) => {
    const own = { host, kind: started.kind, isOver: finished !== null, ...told.host(host) };
    return share(viewHost(own, plans.get(host) ?? null, context));
  });
  const { operator } = started;
  return {
    kind: started.kind,
    title: started.kind === 'rollback' ? `Rollback of run ${started.of ?? 'unknown'}` : started.playbook.name,
    run: started.run,
    at: started.at,
    finishedAt: finished?.at ?? null,
    about: [
      { label: 'Run', value: started.run },
      { label: 'By', value: `${operator.user} on ${operator.machine}` },
      { label: 'Plan', value: `${started.plan.file ?? 'made for this run'}, digest ${started.plan.digest}` },
      ...(started.approvals === undefined ? [] : [{ label: 'Approvals', value: nameApprovals(started.approvals) }]),
      { label: 'Playbook', value: started.playbook.file },
      { label: 'Inventory', value: describeInventory(started.inventory.files) },
      { label: 'On failure', value: started.onFailure.replace('_', ' ') },
      { label: 'Made with', value: `Fencepost ${operator.toolVersion}` },
    ],
    headline: null,
    alerts: [
      ...(damage === null ? [] : [damage]),
      ...(finished === null ? [notFinished(started.run, hosts)] : []),
      ...(stopping === null ? [] : [`The run stopped early: ${stopping}.`]),
      ...(plan === null
        ? ['The plan of this run can’t be read: hosts that were not started are shown without facts.']
        : []),
    ],
    playbookFile: context.placeOf(started.playbook.file),
    hosts,
    timeline: tellRun(told.ofRun, hosts, plan),
  };
}

function notFinished(run: string, hosts: readonly HostView[]): string {
  const open = hosts.filter((one) => one.standing === 'in-change').map((one) => one.host);
  const what = open.length === 0 ? '' : ` while ${open.join(', ')} ${open.length === 1 ? 'was' : 'were'} being changed`;
  return `The run has not finished${what}. If its process is gone: fencepost resume ${run} continues it, fencepost rollback ${run} undoes it.`;
}

interface NamedHost extends HostInRun {
  readonly host: string;
  readonly kind: RunKind;
  readonly isOver: boolean;
}

function viewHost(
  { host, kind, story, finished, batch, isOver }: NamedHost,
  plan: HostPlan | null,
  context: ViewContext,
): HostView {
  const [standing, detail] = standingIn(finished, story !== null, isOver);
  const basis = basisIn(host, story, plan, context);
  return {
    ...basis,
    ...describeStanding(standing, kind),
    batch,
    startedAt: story?.started.at ?? null,
    finishedAt: story === null ? null : (finished?.at ?? null),
    detail,
    failure: finished?.failure ?? plan?.failure ?? null,
    steps: story?.steps ?? plan?.steps.map((step) => plannedStep(step, 'not-run')) ?? [],
    findings: finished === null || finished.findings.length === 0 ? (plan?.findings ?? []) : finished.findings,
  };
}

function standingIn(finished: HostInRun['finished'], started: boolean, isOver: boolean): readonly [Standing, string] {
  if (finished !== null) return [finished.verdict, finished.detail];
  if (started) return ['in-change', 'the journal ends while this host was being changed'];
  return ['skipped', isOver ? 'the run finished without it' : 'the journal ends before it was started'];
}

function basisIn(host: string, story: HostStory | null, plan: HostPlan | null, context: ViewContext): HostBasis {
  if (story !== null) {
    const { before, desired, exclusiveGroup } = story.started;
    const ports = buildPortsView(before, desired.exclusions, story.after);
    return buildHostBasis({ host, facts: before, desired, exclusiveGroup, ports }, context);
  }
  const nothing = { exclusions: [], whenHeldByOwnService: 'block' } as const;
  if (plan === null)
    return buildHostBasis({ host, facts: null, desired: nothing, exclusiveGroup: null, ports: null }, context);
  return plannedBasis({ ...plan, steps: [] }, context);
}
