// Plans -> jobs: what the engine needs to carry out one host's plan and to judge it afterwards.
import { saveConnection } from '../inventory/saved-connection.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { planHost } from '../plan/make-plan.ts';
import type { HostJob } from '../run/host.ts';
import { requestFor } from './read-intent.ts';
import { savedTarget } from './saved-targets.ts';

/** Done is a host whose facts, planned again, need nothing more. `touched`: an interrupted run changed it before. */
export function jobFor(
  plan: HostPlan,
  target: Target = savedTarget(plan.target, plan.connection),
  touched = false,
): HostJob {
  return {
    plan: asReached(plan, target),
    target,
    touched,
    request: requestFor(plan.wanted),
    judge(facts) {
      const again = planHost(plan, { facts, fingerprint: '' });
      const blockers = again.findings.filter((one) => one.severity === 'blocker').map((one) => one.sentence);
      const left = again.steps.map((step) => `still to do: ${step.sentence}`);
      const problem = again.state === 'fine' ? null : [...blockers, ...left].join('; ');
      return { problem, findings: again.findings };
    },
  };
}

/** What the journal tells of the connection is that of the target, whatever the plan said of it. */
export function asReached(plan: HostPlan, { connection }: Target): HostPlan {
  return { ...plan, connection: saveConnection(connection) };
}

/** One job per host of the plan, in order. */
export function jobsFor(plan: FleetPlan, targets: readonly Target[]): readonly HostJob[] {
  const known = new Map(targets.map((target) => [target.name, target]));
  return plan.hosts.map((host) => jobFor(host, known.get(host.target)));
}
