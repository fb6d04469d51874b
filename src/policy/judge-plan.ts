// What a plan does that a policy does not allow, all of it at once, each at the line of the rule. Pure: what a hook says and who approved
// is found out elsewhere.
import { counted } from '../model/text/counted.ts';
import type { Issue } from '../model/failure.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import { formatRange, lastPort, type PortRange } from '../model/port-range.ts';
import type { OperatorPolicy, PolicyRule } from './operator-policy.ts';

export interface JudgedPlan {
  readonly plan: FleetPlan;
  /** `compare`: nothing is going to be changed by it (verify), so that rules about a run do not apply. */
  readonly purpose: 'change' | 'compare';
  /** The value of an inventory variable of a host; undefined: the host is not in the operator's inventory. */
  readonly variableOf: (host: string, name: string) => string | null | undefined;
}

/** Empty: the policy allows it. */
export function judgePlan(policy: OperatorPolicy, judged: JudgedPlan): readonly Issue[] {
  const { plan, purpose } = judged;
  const breach = (rule: PolicyRule, message: string): Issue => ({
    file: policy.file,
    ...policy.places[rule],
    message: `${rule}: ${message}`,
  });
  const changing = plan.hosts.filter((one) => one.state === 'changes');
  const ofRun = purpose === 'compare' ? [] : [...judgeCount(), ...judgeWindow()];
  return [...ofRun, ...judgePorts(), ...judgeServices(), ...judgeGroups()];

  function judgeCount(): readonly Issue[] {
    const { maxHosts } = policy;
    if (maxHosts === null || changing.length <= maxHosts) return [];
    return [
      breach('max_hosts', `at most ${counted(maxHosts, 'host')} may be changed, the plan changes ${changing.length}`),
    ];
  }

  function judgeWindow(): readonly Issue[] {
    const { windows } = policy;
    if (windows === null) return [];
    const { window } = plan.policy;
    if (window === null) return [breach('windows', 'the plan needs a change window and has none')];
    const [opens, closes] = [Date.parse(window.opensAt), Date.parse(window.closesAt)];
    const isWithin = windows.some((one) => Date.parse(one.opensAt) <= opens && closes <= Date.parse(one.closesAt));
    if (isWithin) return [];
    return [breach('windows', `the plan's window ${window.opensAt} to ${window.closesAt} lies in none of them`)];
  }

  function judgePorts(): readonly Issue[] {
    const { ports } = policy;
    if (ports === null) return [];
    const asked = new Map<string, PortRange>();
    for (const { range, protocol } of plan.hosts.flatMap((one) => one.desired.exclusions)) {
      asked.set(`${protocol} ${formatRange(range)}`, range);
    }
    for (const { dynamicRange } of plan.hosts.map((one) => one.desired)) {
      if (dynamicRange === undefined) continue;
      const { protocol, range } = dynamicRange;
      asked.set(`the ${protocol} dynamic range ${formatRange(range)}`, range);
    }
    const outside = [...asked].filter(([, range]) => !isCovered(range, ports)).map(([name]) => name);
    return outside.length === 0 ? [] : [breach('ports', `${outside.join(', ')} may not be touched`)];
  }

  function judgeServices(): readonly Issue[] {
    const { services } = policy;
    if (services === null) return [];
    const allowed = new Set(services.map((one) => one.toLowerCase()));
    const named = new Set(plan.hosts.flatMap(listServices));
    const outside = [...named].filter((one) => !allowed.has(one.toLowerCase()));
    return outside.length === 0 ? [] : [breach('services', `${outside.join(', ')} may not be restarted`)];
  }

  function judgeGroups(): readonly Issue[] {
    const { oneAtATimeBy: variable } = policy;
    if (variable === null) return [];
    const { oneAtATimeBy } = plan.policy.strategy;
    if (oneAtATimeBy !== variable) {
      const found = oneAtATimeBy === null ? 'nothing' : oneAtATimeBy;
      return [breach('one_at_a_time_by', `expected ${variable} in the plan's strategy, found ${found}`)];
    }
    const wrong = changing.flatMap(({ target, exclusiveGroup }) => {
      const value = judged.variableOf(target, variable);
      if (value === undefined || value === exclusiveGroup) return [];
      return [`${target} is in ${value ?? 'none'}, in the plan ${exclusiveGroup ?? 'in none'}`];
    });
    return wrong.length === 0 ? [] : [breach('one_at_a_time_by', wrong.join('; '))];
  }
}

/** Those that its playbook lets be restarted, whether it comes to that or not. */
function listServices({ desired, steps }: HostPlan): readonly string[] {
  const restarted = desired.whenHeldByOwnService === 'restart' ? desired.exclusions : [];
  return [
    ...restarted.flatMap(({ service }) => (service === null ? [] : [service])),
    ...steps.flatMap((step) => (step.kind === 'service' ? [step.service] : [])),
  ];
}

/** Whether the allowed ranges together hold every port of a range. */
function isCovered(range: PortRange, allowed: readonly PortRange[]): boolean {
  let next = range.firstPort;
  for (const one of allowed.toSorted((a, b) => a.firstPort - b.firstPort)) {
    if (one.firstPort <= next) next = Math.max(next, lastPort(one) + 1);
  }
  return next > lastPort(range);
}
