// A host's plan in view of guards: blocked where the guard that the playbook asks for could not undo all of it, and where the guard of
// another run is on the host. It plans no step of its own.
import type { HostFacts } from '../model/facts.ts';
import type { Finding, HostPlan } from '../model/plan.ts';
import { whyNotGuarded } from '../model/rules/guard.ts';
import { findLeftGuards } from '../model/rules/left-guards.ts';
import type { Policy } from '../model/strategy.ts';

export function guardPlan(plan: HostPlan, { confirm }: Policy): HostPlan {
  const guarded = confirm === undefined ? plan : withOwnGuard(plan);
  return withLeftGuards(guarded, { isGuarded: confirm !== undefined, own: null });
}

function withOwnGuard(plan: HostPlan): HostPlan {
  if (plan.state !== 'changes' || plan.facts === null) return plan;
  const reason = whyNotGuarded(plan.steps, plan.facts);
  if (reason === null) return plan;
  const finding: Finding = {
    severity: 'blocker',
    code: 'guard-cannot-undo',
    sentence: `the playbook asks for a guard (confirm), and it could not undo this change: ${reason}`,
    hint: 'change this host with a playbook without confirm',
  };
  return withFindings(plan, [finding]);
}

/**
 * What the guard of another run undoes may be what this plan changes: it blocks a change, and is only told where nothing is to be changed.
 * `own`: the task of the run that the plan belongs to, which calls it off first.
 */
export function withLeftGuards(
  plan: HostPlan,
  { isGuarded = false, own }: { readonly isGuarded?: boolean; readonly own: string | null },
): HostPlan {
  if (plan.facts === null) return plan;
  return withFindings(plan, judgeLeftGuards(plan.facts, plan.state, isGuarded, own));
}

/** As a plan of that state has it. A guard is armed only where the tasks can be listed. */
function judgeLeftGuards(
  facts: HostFacts,
  state: HostPlan['state'],
  isGuarded = false,
  own: string | null = null,
): readonly Finding[] {
  const severities =
    state === 'ok'
      ? ({ left: 'warning', unknown: 'info' } as const)
      : ({ left: 'blocker', unknown: isGuarded ? 'blocker' : 'warning' } as const);
  return findLeftGuards(facts, severities, own);
}

function withFindings(plan: HostPlan, found: readonly Finding[]): HostPlan {
  if (found.length === 0) return plan;
  const all = [...found, ...plan.findings];
  const findings = [
    ...all.filter((one) => one.severity === 'blocker'),
    ...all.filter((one) => one.severity !== 'blocker'),
  ];
  const isBlocked = found.some((one) => one.severity === 'blocker');
  return isBlocked ? { ...plan, state: 'blocked', steps: [], findings } : { ...plan, findings };
}

/** For whoever only compares. */
export function withoutGuard(policy: Policy): Policy {
  const rest = { ...policy };
  delete (rest as { confirm?: unknown }).confirm;
  return rest;
}
