// A host's plan under a playbook with `confirm`: blocked where its guard could not undo all of it. It plans no step of its own.
import type { Finding, HostPlan } from '../model/plan.ts';
import { whyNotGuarded } from '../model/rules/guard.ts';
import type { Policy } from '../model/strategy.ts';

export function guardPlan(plan: HostPlan, { confirm }: Policy): HostPlan {
  if (confirm === undefined || plan.state !== 'changes' || plan.facts === null) return plan;
  const reason = whyNotGuarded(plan.steps, plan.facts);
  if (reason === null) return plan;
  const finding: Finding = {
    severity: 'blocker',
    code: 'guard-cannot-undo',
    sentence: `the playbook asks for a guard (confirm), and it could not undo this change: ${reason}`,
    hint: 'change this host with a playbook without confirm',
  };
  return { ...plan, state: 'blocked', steps: [], findings: [finding, ...plan.findings] };
}

/** For whoever only compares. */
export function withoutGuard(policy: Policy): Policy {
  const rest = { ...policy };
  delete (rest as { confirm?: unknown }).confirm;
  return rest;
}
