// Which approvals of a plan count, and what is wrong with each of the others. Every one is judged: whoever has to get one more must see at
// once which. Pure; what ssh-keygen found stands in the evidence.
import type { ApprovalClaim, CountedApproval } from '../model/approval.ts';
import type { FleetPlan } from '../model/plan.ts';
import type { RequiredApprovals } from '../model/strategy.ts';

/** One approval file, as found. */
export type Evidence = { readonly file: string } & (
  | {
      readonly claim: ApprovalClaim;
      readonly key: string;
      /** All names that the signers file has for the key; the first is shown. */
      readonly people: readonly [string, ...(readonly string[])];
    }
  | { readonly problem: string }
);

interface Rejection {
  readonly file: string;
  readonly problem: string;
}

export interface Judgement {
  readonly counted: readonly CountedApproval[];
  readonly rejected: readonly Rejection[];
}

/** What all of them require together. */
export function joinRequirements(all: readonly (RequiredApprovals | undefined)[]): RequiredApprovals | null {
  const given = all.filter((one) => one !== undefined);
  if (given.length === 0) return null;
  return {
    required: Math.max(...given.map((one) => one.required)),
    notBy: given.some((one) => one.notBy === 'planner') ? 'planner' : null,
  };
}

/** What is wrong with a claim, before anybody asks who signed it; null: it is about this plan. */
export function judgeClaim(claim: ApprovalClaim, { plan, digest }: PlanToApprove): string | null {
  if (claim.plan !== digest) return `it is for another plan (digest ${claim.plan.slice(0, 12)}...)`;
  const own = claimPlan({ plan, digest }, claim.change, claim.signedAt);
  // The digest covers these: an approval that says otherwise was not made by Fencepost.
  return JSON.stringify(own) === JSON.stringify(inOrder(claim)) ? null : 'it contradicts the plan whose digest it has';
}

export interface PlanToApprove {
  readonly plan: Pick<FleetPlan, 'createdBy' | 'playbook' | 'inventory' | 'policy'>;
  readonly digest: string;
}

/** What an approval of a plan says. */
export function claimPlan({ plan, digest }: PlanToApprove, change: string | null, signedAt: string): ApprovalClaim {
  const { window } = plan.policy;
  return inOrder({
    plan: digest,
    playbook: plan.playbook.sha256,
    inventory: plan.inventory.sha256,
    window,
    change,
    plannedBy: plan.createdBy,
    signedAt,
  });
}

function inOrder({ plan, playbook, inventory, window, change, plannedBy, signedAt }: ApprovalClaim): ApprovalClaim {
  const moments = window === null ? null : { opensAt: window.opensAt, closesAt: window.closesAt };
  return { plan, playbook, inventory, window: moments, change, plannedBy, signedAt };
}

/** `found` in any order; of two by one person the first counts. */
export function judgeApprovals(
  found: readonly Evidence[],
  { notBy }: RequiredApprovals,
  { createdBy }: Pick<FleetPlan, 'createdBy'>,
): Judgement {
  const counted: CountedApproval[] = [];
  const rejected: Rejection[] = [];
  const seen = new Map<string, string>();
  for (const one of found) {
    const problem = 'problem' in one ? one.problem : judgePerson(one);
    if (problem !== null) rejected.push({ file: one.file, problem });
  }
  return { counted, rejected };

  function judgePerson({ file, claim, key, people }: Exclude<Evidence, { problem: string }>): string | null {
    const [by] = people;
    if (notBy === 'planner' && people.some((name) => isSamePerson(name, createdBy))) {
      return `${by} made the plan (${createdBy}), and whoever made it is not counted`;
    }
    const marks = [key, ...people.map(foldName)];
    const before = marks.map((mark) => seen.get(mark)).find((one) => one !== undefined);
    if (before !== undefined) return `it is by ${by}, who is counted already (${before})`;
    for (const mark of marks) seen.set(mark, file);
    counted.push({ by, key, change: claim.change, signedAt: claim.signedAt });
    return null;
  }
}

/** A name in a signers file (`alice` or `alice@corp.example`) against `user@machine`: the machine is no part of a person. */
function isSamePerson(name: string, createdBy: string): boolean {
  return userPart(name) === userPart(createdBy);
}

function userPart(name: string): string {
  const at = name.lastIndexOf('@');
  return foldName(at <= 0 ? name : name.slice(0, at));
}

function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
