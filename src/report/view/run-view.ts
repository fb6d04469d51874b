// A run as a view, told from its journal; the plan it carried out adds the hosts that were never begun. Pure. It asks no host:
// "after" is what the host showed when its steps ended, and the report says so.
import type { RunOutline } from '../../model/history.ts';
import type { EventOf, RunEvent } from '../../model/outcome.ts';
import type { FleetPlan, HostPlan } from '../../model/plan.ts';
import { standingOf, type FleetView, type HostView, type ViewContext } from './fleet-view.ts';
import type { Standing } from './human-words.ts';
import { basisOf, createViewSharing, plannedBasis, plannedStep, portsViewOf, type HostBasis } from './host-view.ts';
import { inventoryOf } from './plan-view.ts';
import { tellHost, type HostStory } from './run-steps.ts';
import { tellRun } from './run-timeline.ts';

export interface RunSource {
  readonly outline: Pick<RunOutline, 'begun' | 'ended' | 'stopping'>;
  readonly events: readonly RunEvent[];
  /** The plan that the run carries out; null when it can't be read any more. */
  readonly plan: FleetPlan | null;
  /** What is wrong with the journal, in one sentence; null when nothing is. */
  readonly damage: string | null;
}

export function viewRun({ outline, events, plan, damage }: RunSource, context: ViewContext): FleetView {
  const { begun, ended, stopping } = outline;
  const byHost = eventsByHost(events);
  const plans = new Map((plan?.hosts ?? []).map((one) => [one.target, one]));
  const batches = batchesOf(events);
  const share = createViewSharing();
  const hosts = begun.hosts.map(({ host }) => {
    const own = {
      host,
      kind: begun.kind,
      events: byHost.get(host) ?? [],
      batch: batches.get(host) ?? null,
      isOver: ended !== null,
    };
    return share(viewHost(own, plans.get(host) ?? null, context));
  });
  const { operator } = begun;
  return {
    kind: begun.kind,
    title: begun.kind === 'rollback' ? `Rollback of run ${begun.of ?? 'unknown'}` : begun.playbook.name,
    run: begun.run,
    at: begun.at,
    endedAt: ended?.at ?? null,
    about: [
      { label: 'Run', value: begun.run },
      { label: 'By', value: `${operator.user} on ${operator.machine}` },
      { label: 'Plan', value: `${begun.plan.file ?? 'made for this run'}, digest ${begun.plan.digest}` },
      { label: 'Playbook', value: begun.playbook.file },
      { label: 'Inventory', value: inventoryOf(begun.inventory.files) },
      { label: 'On failure', value: begun.onFailure.replace('_', ' ') },
      { label: 'Made with', value: `Fencepost ${operator.toolVersion}` },
    ],
    alerts: [
      ...(damage === null ? [] : [damage]),
      ...(ended === null ? [notEnded(begun.run, hosts)] : []),
      ...(stopping === null ? [] : [`The run stopped early: ${stopping}.`]),
      ...(plan === null
        ? ['The plan of this run can’t be read: hosts that were not started are shown without facts.']
        : []),
    ],
    playbookFile: context.placeOf(begun.playbook.file),
    hosts,
    timeline: tellRun(events, hosts, plan),
  };
}

function eventsByHost(events: readonly RunEvent[]): ReadonlyMap<string, readonly RunEvent[]> {
  const byHost = new Map<string, RunEvent[]>();
  for (const event of events) {
    if (!('host' in event)) continue;
    const own = byHost.get(event.host);
    if (own === undefined) byHost.set(event.host, [event]);
    else own.push(event);
  }
  return byHost;
}

function notEnded(run: string, hosts: readonly HostView[]): string {
  const open = hosts.filter((one) => one.standing === 'in-change').map((one) => one.host);
  const what = open.length === 0 ? '' : ` while ${open.join(', ')} ${open.length === 1 ? 'was' : 'were'} being changed`;
  return `The run has not finished${what}. If its process is gone: fencepost resume ${run} continues it, fencepost rollback ${run} undoes it.`;
}

function batchesOf(events: readonly RunEvent[]): ReadonlyMap<string, number> {
  return new Map(
    events.flatMap((event) =>
      event.type === 'batch-begun' ? event.hosts.map((host) => [host, event.batch] as const) : [],
    ),
  );
}

interface HostInRun {
  readonly host: string;
  readonly kind: 'apply' | 'rollback';
  readonly events: readonly RunEvent[];
  readonly batch: number | null;
  readonly isOver: boolean;
}

function viewHost(
  { host, kind, events, batch, isOver }: HostInRun,
  plan: HostPlan | null,
  context: ViewContext,
): HostView {
  const story = tellHost(events);
  const ended = lastVerdict(events);
  const [standing, detail] = standingIn(ended, story !== null, isOver);
  const basis = basisIn(host, story, plan, context);
  return {
    ...basis,
    ...standingOf(standing, kind),
    batch,
    begunAt: story?.begun.at ?? null,
    endedAt: story === null ? null : (ended?.at ?? null),
    detail,
    failure: ended?.failure ?? plan?.failure ?? null,
    steps: story?.steps ?? plan?.steps.map((step) => plannedStep(step, 'not-run')) ?? [],
    findings: ended === null || ended.findings.length === 0 ? (plan?.findings ?? []) : ended.findings,
  };
}

/** Null as well when the host was begun again after its last verdict: a resumed run has not come to an end with it yet. */
function lastVerdict(events: readonly RunEvent[]): EventOf<'host-ended'> | null {
  const last = events.findLast((event) => event.type === 'host-begun' || event.type === 'host-ended');
  return last?.type === 'host-ended' ? last : null;
}

function standingIn(ended: EventOf<'host-ended'> | null, begun: boolean, isOver: boolean): readonly [Standing, string] {
  if (ended !== null) return [ended.verdict, ended.detail];
  if (begun) return ['in-change', 'the journal ends while this host was being changed'];
  return ['not-reached', isOver ? 'the run finished without it' : 'the journal ends before it was started'];
}

function basisIn(host: string, story: HostStory | null, plan: HostPlan | null, context: ViewContext): HostBasis {
  if (story !== null) {
    const { before, wanted, exclusiveGroup } = story.begun;
    const ports = portsViewOf(before, wanted.exclusions, story.after);
    return basisOf({ host, facts: before, wanted, exclusiveGroup, ports }, context);
  }
  const nothing = { exclusions: [], whenHeldByOwnService: 'block' } as const;
  if (plan === null) return basisOf({ host, facts: null, wanted: nothing, exclusiveGroup: null, ports: null }, context);
  return plannedBasis({ ...plan, steps: [] }, context);
}
