// What a host is asked, and what the engine needs to carry out one host's plan and to judge it afterwards. Pure.
import type { FactsRequest } from '../facts/collect.ts';
import { fingerprintFacts } from '../facts/fingerprint.ts';
import { selectRelevantFacts } from '../facts/relevant-facts.ts';
import { saveConnection } from '../inventory/saved-connection.ts';
import type { HostFacts } from '../model/facts.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import { joinAlike } from '../model/text/merge-alike.ts';
import type { Target } from '../model/target.ts';
import type { Desired } from '../model/desired.ts';
import { planHost, type HostAnswer } from '../plan/make-plan.ts';
import type { HostJob } from '../run/hosts/host-job.ts';
import { savedTarget } from './saved-targets.ts';

/** One for all hosts of which the same is desired. A part of that is no key: hosts may share it and differ in the rest. */
const requests = new WeakMap<Desired, FactsRequest>();

/** What has to be asked of a host for what is desired of it. */
export function makeRequest(desired: Desired): FactsRequest {
  const known = requests.get(desired);
  if (known !== undefined) return known;
  const { exclusions, dynamicRange, unresolved = [] } = desired;
  const services = [...exclusions, ...unresolved].flatMap((one) => (one.service === null ? [] : [one.service]));
  const protocols = [
    ...[...exclusions, ...(dynamicRange === undefined ? [] : [dynamicRange])].map((one) => one.protocol),
    ...unresolved.map(() => 'tcp' as const),
  ];
  const request = {
    ranges: exclusions.map(({ range, protocol }) => ({ range, protocol })),
    services: [...new Set(services)],
    protocols: [...new Set(protocols)],
  };
  requests.set(desired, request);
  return request;
}

/** A host's facts as a plan takes them: cut down to what concerns it, with the fingerprint of what it rests on. */
export function makeAnswer(facts: HostFacts, desired: Desired): HostAnswer {
  return { facts: selectRelevantFacts(facts, desired), fingerprint: fingerprintFacts(facts, desired) };
}

/** Done is a host whose facts, planned again, need nothing more. `touched`: an interrupted run changed it before. */
export function makeHostJob(
  plan: HostPlan,
  target: Target = savedTarget(plan.target, plan.connection),
  touched = false,
): HostJob {
  return {
    plan: asReached(plan, target),
    target,
    touched,
    request: makeRequest(plan.desired),
    judge(facts) {
      const again = planHost(plan, { facts, fingerprint: '' });
      const blockers = again.findings.filter((one) => one.severity === 'blocker').map((one) => one.sentence);
      const left = again.steps.map((step) => `still to do: ${step.sentence}`);
      const problem = again.state === 'ok' ? null : joinAlike([...blockers, ...left]);
      return { problem, findings: again.findings };
    },
  };
}

/** What the journal tells of the connection is that of the target, whatever the plan said of it. The same plan where both say the same. */
export function asReached(plan: HostPlan, { connection }: Target): HostPlan {
  const reached = saveConnection(connection);
  return JSON.stringify(reached) === JSON.stringify(plan.connection) ? plan : { ...plan, connection: reached };
}

/** One job per host of the plan, in order. */
export function makeHostJobs(plan: FleetPlan, targets: readonly Target[]): readonly HostJob[] {
  const known = new Map(targets.map((target) => [target.name, target]));
  return plan.hosts.map((host) => makeHostJob(host, known.get(host.target)));
}
