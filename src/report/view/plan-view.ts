// A plan, or the judgement of `verify`, as a view. Pure.
import { makeHeadline } from '../../model/headline/plan-headline.ts';
import { assumedPaces, type Paces } from '../../model/headline/paces.ts';
import type { FleetPlan, HostPlan } from '../../model/plan.ts';
import { describeStanding, type FleetView, type HostView, type ViewContext } from './fleet-view.ts';
import { describeGuard } from './guard-words.ts';
import { createViewSharing, plannedBasis, plannedStep } from './host-view.ts';
import { counted } from '../../model/text/counted.ts';
import { mergeAlike } from '../../model/text/merge-alike.ts';
import { describeSteps } from './merged-steps.ts';

/** `digest`: what the plan is known by; null when it was not saved. `paces`: how long things take; left out: as assumed. */
export function viewPlan(
  plan: FleetPlan,
  kind: 'plan' | 'verify',
  digest: string | null,
  context: ViewContext,
  paces: Paces = assumedPaces,
): FleetView {
  const { confirm } = plan.policy;
  const share = createViewSharing();
  return {
    kind,
    title: plan.playbook.name,
    run: null,
    at: plan.createdAt,
    finishedAt: null,
    about: [
      { label: kind === 'verify' ? 'Verified by' : 'Planned by', value: plan.createdBy },
      ...(confirm === undefined ? [] : [{ label: 'Guard', value: describeGuard(confirm) }]),
      { label: 'Playbook', value: plan.playbook.file },
      { label: 'Inventory', value: describeInventory(plan.inventory.files) },
      ...(digest === null ? [] : [{ label: 'Plan digest', value: digest }]),
      { label: 'Made with', value: `Fencepost ${plan.toolVersion}` },
    ],
    headline: kind === 'plan' ? makeHeadline(plan, paces) : null,
    alerts: [],
    playbookFile: context.placeOf(plan.playbook.file),
    hosts: plan.hosts.map((host) => share(viewHost(host, kind, context))),
    timeline: [],
  };
}

function viewHost(plan: HostPlan, kind: 'plan' | 'verify', context: ViewContext): HostView {
  return {
    ...plannedBasis(plan, context),
    ...describeStanding(plan.state, kind),
    detail: describeDetail(plan),
    failure: plan.failure,
    steps: plan.steps.map((step) => plannedStep(step, 'planned')),
    findings: plan.findings,
  };
}

function describeDetail({ state, steps, findings, failure }: HostPlan): string {
  if (failure !== null) return failure.message;
  if (state === 'changes') return describeSteps(steps).join('; ');
  const blockers = findings.filter((one) => one.severity === 'blocker');
  return mergeAlike(blockers, ({ code, hint }) => `${code} ${hint ?? ''}`)[0]?.sentence ?? '';
}

/** All files when they are few, else the first and how many more. */
export function describeInventory(files: readonly string[]): string {
  const [first = '', ...more] = files;
  return more.length > 2 ? `${first} and ${counted(more.length, 'more file')}` : files.join(', ');
}
