// Before an apply: who has to have approved the plan, by its own word, by flags and by policies, and whether they did. A plan may only add to
// what is required; who may approve comes from the operator alone.
import { joinRequirements } from '../../../approval/judge-approvals.ts';
import type { ApprovalStore } from '../../../journal/state.ts';
import type { CountedApproval } from '../../../model/approval.ts';
import { Failure } from '../../../model/failure.ts';
import type { FleetPlan } from '../../../model/plan.ts';
import { mostApprovals, type RequiredApprovals } from '../../../model/strategy.ts';
import type { RequiredSigners } from '../../../policy/operator-policy.ts';
import { digestPlan } from '../../../plan/plan-file.ts';
import { checkApprovals } from '../../../workflows/consent/approve-plan.ts';
import { findApprovals } from '../../io/approvals/all-approvals.ts';
import { readSigners } from '../../io/approvals/approval-files.ts';
import { createSshKeygen } from '../../io/approvals/ssh-keygen.ts';
import type { ApprovalArguments } from '../../options.ts';

/**
 * `shared`: of the team's database; null: there is none. Null: nothing is required, and no approval was looked for. Throws Failure `approval/missing`,
 * `approval/ssh-keygen`, `usage/invalid`, and what the state throws.
 */
export async function holdApprovals(
  plan: FleetPlan,
  planFile: string | undefined,
  args: ApprovalArguments,
  policies: readonly RequiredSigners[],
  shared: ApprovalStore | null,
): Promise<readonly CountedApproval[] | null> {
  const demands = listDemands(plan.policy.approvals, args, policies);
  if (demands.length === 0) return null;
  if (planFile === undefined) throw onlySaved();
  const approved = { plan, digest: digestPlan(plan) };
  const { found, where } = await findApprovals(planFile, approved.digest, shared);
  const ssh = createSshKeygen({ env: process.env, say: null });
  const counted = new Map<string, CountedApproval>();
  for (const { rule, signers } of demands) {
    const check = { approved, rule, signers: await readSigners(signers), found, where };
    for (const one of await checkApprovals(check, ssh)) counted.set(one.key, one);
  }
  return [...counted.values()];
}

/** Whether the command itself says who has to have approved, beside plan and policies. */
export function asksForApprovals({ signers, 'require-approvals': required }: ApprovalArguments): boolean {
  return signers !== undefined || required !== undefined;
}

/** Before any host is asked for a plan that could not be applied. */
export function refuseUnsaved(args: ApprovalArguments, policies: readonly RequiredSigners[]): void {
  if (readFlagRule(args) !== undefined || asksForApprovals(args) || policies.length > 0) throw onlySaved();
}

function listDemands(
  ofPlan: RequiredApprovals | undefined,
  args: ApprovalArguments,
  policies: readonly RequiredSigners[],
): readonly RequiredSigners[] {
  const base = joinRequirements([ofPlan, readFlagRule(args)]);
  const demands = policies.map(({ rule, signers }) => ({
    rule: joinRequirements([rule, base ?? undefined]) ?? rule,
    signers,
  }));
  if (args.signers !== undefined) {
    return [...demands, { rule: base ?? { required: 0, notBy: null }, signers: args.signers }];
  }
  if (base !== null && demands.length === 0) {
    throw new Failure(
      'usage/invalid',
      'approvals are required, and nothing says who may approve; nothing was changed',
      {
        hint: 'name an allowed_signers file of OpenSSH: --signers FILE, or approvals: { signers: FILE } in policy.yml',
      },
    );
  }
  return demands;
}

function readFlagRule({ 'require-approvals': required }: ApprovalArguments): RequiredApprovals | undefined {
  if (required === undefined) return undefined;
  if (Number.isInteger(required) && required >= 1 && required <= mostApprovals) return { required, notBy: null };
  throw new Failure('usage/invalid', `--require-approvals: expected a whole number from 1 to ${mostApprovals}`);
}

function onlySaved(): Failure {
  return new Failure(
    'approval/missing',
    'approvals are required, and only a saved plan can be approved; nothing was changed',
    {
      hint: 'fencepost plan --out FILE, have it approved, then: fencepost apply FILE',
    },
  );
}
