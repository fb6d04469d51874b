// A snapshot of facts as a view: what was found on each host, and why what was not. It judges nothing. Pure.
import type { HostFacts } from '../../model/facts.ts';
import type { FailureRecord } from '../../model/failure.ts';
import { describeUnresolved } from '../../model/backend/unresolved-back-ends.ts';
import { explainUnread } from '../../model/rules/unread-answers.ts';
import type { Finding } from '../../model/plan.ts';
import { findLeftGuards } from '../../model/rules/left-guards.ts';
import { describePorts } from '../../model/rules/service-port.ts';
import type { Desired } from '../../model/desired.ts';
import { describeStanding, type FleetView, type HostView, type ViewContext } from './fleet-view.ts';
import { buildHostBasis, createViewSharing, buildPortsView } from './host-view.ts';
import { counted } from '../../model/text/counted.ts';

export interface CollectedFleet {
  readonly takenAt: string;
  readonly toolVersion: string;
  readonly hosts: readonly {
    readonly target: string;
    readonly facts: HostFacts | null;
    readonly failure: FailureRecord | null;
  }[];
}

/** `desiredOf`: what a playbook asks of a host, to show its ports in the maps; a snapshot has no desired state. */
export function viewSnapshot(
  snapshot: CollectedFleet,
  file: string,
  desiredOf: (host: string) => Desired,
  context: ViewContext,
): FleetView {
  const share = createViewSharing();
  return {
    kind: 'snapshot',
    title: 'Collected facts',
    run: null,
    at: snapshot.takenAt,
    finishedAt: null,
    about: [
      { label: 'Snapshot', value: file },
      { label: 'Made with', value: `Fencepost ${snapshot.toolVersion}` },
    ],
    headline: null,
    alerts: [],
    playbookFile: null,
    hosts: snapshot.hosts.map(({ target, facts, failure }) =>
      share(viewHost(target, facts, failure, desiredOf(target), context)),
    ),
    timeline: [],
  };
}

function viewHost(
  host: string,
  facts: HostFacts | null,
  failure: FailureRecord | null,
  desired: Desired,
  context: ViewContext,
): HostView {
  const ports = facts === null ? null : buildPortsView(facts, desired.exclusions, null);
  const gaps = facts?.gaps.length ?? 0;
  const standing = facts === null ? 'unreachable' : gaps > 0 ? 'collected-in-part' : 'collected';
  return {
    ...buildHostBasis({ host, facts, desired, exclusiveGroup: null, ports }, context),
    ...describeStanding(standing, 'snapshot'),
    detail: failure?.message ?? (gaps > 0 ? counted(gaps, 'incomplete answer') : ''),
    failure,
    steps: [],
    findings:
      facts === null
        ? []
        : [
            ...explainUnread(facts).map(({ code, sentence, hint }): Finding => ({
              severity: 'warning',
              code,
              sentence,
              hint,
            })),
            ...findLeftGuards(facts, { left: 'warning', unknown: 'warning' }),
            ...describeUnresolved(facts, desired).map((one): Finding => ({ ...one, severity: 'warning' })),
            ...describePorts(facts, desired.exclusions),
          ],
  };
}
