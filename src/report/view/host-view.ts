// The parts of a HostView that come from facts and a plan, shared by the builders of run, plan and snapshot views.
import { createAlike } from '../../model/lists/alike.ts';
import type { HostFacts } from '../../model/facts.ts';
import type { DynamicRange } from '../../model/host-state.ts';
import type { HostPlan, Step } from '../../model/plan.ts';
import type { Desired, DesiredExclusion } from '../../model/desired.ts';
import { describeOwner, findOwners } from '../../model/rules/port-owners.ts';
import { sameRange } from '../../model/port-range.ts';
import type { HostView, PortsView, StepView, ViewContext } from './fleet-view.ts';
import { listPortOwners, buildPortMaps, reservationIn, withChanges, type RangeChange } from './port-map.ts';
import { chooseSign } from './step-sign.ts';

/** Of the views of a fleet the parts that are alike on many hosts: one object each. */
export function createViewSharing(): (view: HostView) => HostView {
  const { one } = createAlike();
  return (view) => ({
    ...view,
    desired: one(view.desired),
    ports: one(view.ports),
    steps: view.steps.map((step) => ({ ...step, lines: one(step.lines), undoLines: one(step.undoLines) })),
    findings: one(view.findings),
    groups: one(view.groups),
    gaps: one(view.gaps),
  });
}

/** What is known of a host besides what became of it. */
export type HostBasis = Omit<HostView, 'standing' | 'words' | 'tone' | 'detail' | 'steps' | 'findings' | 'failure'>;

export interface BasisSource {
  readonly host: string;
  readonly facts: HostFacts | null;
  readonly desired: Desired;
  readonly exclusiveGroup: string | null;
  readonly ports: PortsView | null;
}

export function buildHostBasis(
  { host, facts, desired, exclusiveGroup, ports }: BasisSource,
  context: ViewContext,
): HostBasis {
  const groups = context.groups.get(host) ?? (exclusiveGroup === null ? [] : [exclusiveGroup]);
  return {
    host,
    groups,
    batch: null,
    windows: facts === null ? null : context.windows(facts.windows),
    exchange: facts === null || facts.exchange === null ? null : context.exchange(facts.exchange),
    collectedAt: facts?.collectedAt ?? null,
    startedAt: null,
    finishedAt: null,
    desired: desired.exclusions,
    ports,
    gaps: facts?.gaps ?? [],
    origin: context.origins.get(host) ?? null,
  };
}

export interface AfterSource {
  readonly is: 'planned' | 'shown';
  readonly changes: readonly RangeChange[];
  /** Dynamic ranges that are not as before. */
  readonly dynamicRanges: readonly DynamicRange[];
  /** Ranges on which a command may have run unseen. */
  readonly inDoubt: readonly Omit<RangeChange, 'presence'>[];
}

/** The ports of a host before and, unless `after` is null, after. */
export function buildPortsView(
  facts: HostFacts,
  desired: readonly DesiredExclusion[],
  after: AfterSource | null,
): PortsView {
  const before = buildPortMaps(facts);
  const afterMaps = after === null ? null : withChanges(before, after.changes, after.dynamicRanges);
  return {
    before,
    after: afterMaps,
    afterIs: after?.is ?? null,
    holders: listPortOwners(facts),
    checks: desired.flatMap((one) =>
      one.families.map((family) => ({
        desired: one,
        family,
        before: reservationIn(before, one, family),
        after:
          after === null || afterMaps === null
            ? null
            : after.inDoubt.some((step) => step.family === family && isAbout(step, one))
              ? 'in doubt'
              : reservationIn(afterMaps, one, family),
        holders:
          findOwners(facts, one)
            ?.filter((owner) => owner.sockets.some((socket) => socket.family === family))
            .map(describeOwner) ?? null,
      })),
    ),
  };
}

function isAbout(step: Omit<RangeChange, 'presence'>, desired: DesiredExclusion): boolean {
  return step.protocol === desired.protocol && sameRange(step.range, desired.range);
}

/** What the steps are meant to bring about. */
function plannedChanges(steps: readonly Step[]): readonly RangeChange[] {
  return steps.flatMap((step) =>
    step.kind === 'exclusion'
      ? [{ family: step.family, protocol: step.protocol, range: step.range, presence: step.after }]
      : [],
  );
}

/** A step as it stands in a plan. */
export function plannedStep(step: Step, result: StepView['result']): StepView {
  return {
    number: step.number,
    sign: chooseSign(step),
    sentence: step.sentence,
    result,
    rolledBack: false,
    ...listLines(step),
    happenings: [],
  };
}

/** The commands of a step. A service that is stopped only to undo is stopped and started then. */
function listLines(step: Step): Pick<StepView, 'lines' | 'undoLines'> {
  if (step.kind === 'exclusion') {
    return { lines: step.commands.map((one) => one.line), undoLines: step.undo.map((one) => one.line) };
  }
  if (step.kind === 'dynamic-range') return { lines: [step.line], undoLines: [step.undo] };
  const undo = step.undo === null ? [] : [step.undo];
  return step.when === 'undo'
    ? { lines: [], undoLines: [step.line, ...undo] }
    : { lines: [step.line], undoLines: undo };
}

/** The host of a plan, as far as the plan knows it. */
export function plannedBasis(plan: HostPlan, context: ViewContext): HostBasis {
  const { target: host, facts, desired, exclusiveGroup, steps } = plan;
  const dynamicRanges = steps.flatMap((step) =>
    step.kind === 'dynamic-range' ? [{ family: step.family, protocol: step.protocol, range: step.after }] : [],
  );
  const after =
    steps.length === 0 ? null : { is: 'planned' as const, changes: plannedChanges(steps), dynamicRanges, inDoubt: [] };
  const ports = facts === null ? null : buildPortsView(facts, desired.exclusions, after);
  return buildHostBasis({ host, facts, desired, exclusiveGroup, ports }, context);
}
