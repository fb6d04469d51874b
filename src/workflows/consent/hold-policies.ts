// Holds a plan against the operator's policies: every breach of all of them at once, what a hook says included. It changes nothing.
import { Failure, type Issue } from '../../model/failure.ts';
import { counted } from '../../model/text/counted.ts';
import type { Target } from '../../model/target.ts';
import type { FleetPlan } from '../../model/plan.ts';
import { judgePlan, type JudgedPlan } from '../../policy/judge-plan.ts';
import type { OperatorPolicy, RequiredSigners } from '../../policy/operator-policy.ts';
import { joinRequirements } from '../../approval/judge-approvals.ts';

/** Runs a hook with the plan on its stdin; null: it allows the plan, else why not. Never rejects. */
export type PolicyHook = (command: readonly string[], plan: FleetPlan) => Promise<string | null>;

export interface PlanToJudge {
  readonly plan: FleetPlan;
  readonly purpose: JudgedPlan['purpose'];
  /** Those of the operator's inventory; others of the plan are not known there. */
  readonly targets: readonly Target[];
}

/** Throws Failure `policy/breach`, which lists every breach. */
export async function holdPolicies(
  { plan, purpose, targets }: PlanToJudge,
  policies: readonly OperatorPolicy[],
  runHook: PolicyHook,
): Promise<void> {
  // A target without an origin is known by the plan alone.
  const known = new Map(targets.filter((one) => one.origin.file !== '').map((one) => [one.name, one.variables]));
  const variableOf = (host: string, name: string): string | null | undefined => {
    const variables = known.get(host);
    if (variables === undefined) return undefined;
    const value = variables[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  };
  const issues: Issue[] = [];
  for (const policy of policies) {
    issues.push(...judgePlan(policy, { plan, purpose, variableOf }));
    if (policy.command === null) continue;
    const refusal = await runHook(policy.command, plan);
    if (refusal !== null) issues.push({ file: policy.file, ...policy.places.policy, message: `policy: ${refusal}` });
  }
  if (issues.length === 0) return;
  throw new Failure(
    'policy/breach',
    `the plan breaches the policy in ${counted(issues.length, 'point')}; nothing was changed`,
    {
      hint: 'change the playbook, or select fewer hosts, and plan again; or ask whoever owns the policy',
      issues,
    },
  );
}

/** What each policy requires of approvals. */
export function listSigners(policies: readonly OperatorPolicy[]): readonly RequiredSigners[] {
  return policies.flatMap(({ approvals }) => (approvals === null ? [] : [approvals]));
}

/** The plan with what policies require of approvals: whoever is asked to approve it sees that, and its digest covers it. */
export function requireApprovals(plan: FleetPlan, policies: readonly OperatorPolicy[]): FleetPlan {
  const approvals = joinRequirements([plan.policy.approvals, ...listSigners(policies).map((one) => one.rule)]);
  return approvals === null ? plan : { ...plan, policy: { ...plan.policy, approvals } };
}
