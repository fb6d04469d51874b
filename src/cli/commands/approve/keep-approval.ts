// I/O: where an approval is kept, and taken back from: a file beside the plan, and with a team's database a row of it too. The row is written
// first, for it is what others see; a file that can't be written is then a warning.
import { readApproval, writeApproval } from '../../../approval/approval-file.ts';
import { readSshSignature } from '../../../approval/ssh-signature.ts';
import type { ApprovalStore } from '../../../journal/state.ts';
import { asFailure, Failure } from '../../../model/failure.ts';
import type { NewApproval } from '../../../workflows/consent/approve-plan.ts';
import { readSharedApprovals } from '../../io/approvals/all-approvals.ts';
import { hasApproval, nameApproval, removeApproval, saveApproval } from '../../io/approvals/approval-files.ts';

export interface KeptApproval {
  /** Null: there is none. */
  readonly file: string | null;
  /** The database that has it; null: there is none. */
  readonly state: string | null;
  /** What is not as one would expect, as a sentence. */
  readonly warning: string | null;
}

/** Throws Failure `usage/invalid` when the key approved before, or it can't be written; what the state throws. Then nothing is kept. */
export async function keepApproval(
  planFile: string,
  approval: NewApproval,
  shared: ApprovalStore | null,
): Promise<KeptApproval> {
  if (shared === null) return { file: await saveApproval(planFile, approval), state: null, warning: null };
  const { plan } = approval.claim;
  const file = nameApproval(planFile, approval.key);
  const isThere = await hasApproval(planFile, approval.key);
  if (isThere && (await listOwn(plan, approval.key, shared)).length > 0) throw approvedBefore(shared);
  await shared.add(plan, writeApproval(approval));
  const kept = { state: shared.place, warning: null };
  if (isThere) return { ...kept, file, warning: `${file} has an earlier approval by this key, and was left as it is` };
  try {
    return { ...kept, file: await saveApproval(planFile, approval) };
  } catch (thrown) {
    return { ...kept, file: null, warning: `it is not beside the plan: ${asFailure(thrown).message}` };
  }
}

/** Every approval by this key that is kept. Throws Failure `usage/invalid` when there is none; what the state throws. */
export async function withdrawApproval(
  planFile: string,
  { plan, key }: { readonly plan: string; readonly key: string },
  shared: ApprovalStore | null,
): Promise<KeptApproval> {
  const own = shared === null ? [] : await listOwn(plan, key, shared);
  if (own.length > 0) await shared?.remove(plan, own);
  const file = (await removeApproval(planFile, key)) ? nameApproval(planFile, key) : null;
  if (own.length === 0 && file === null) {
    throw new Failure('usage/invalid', `there is no approval of this plan by the key ${key}`, {
      where: planFile,
      hint: 'name the key that approved it: --sign-key FILE',
    });
  }
  return { file, state: own.length === 0 ? null : (shared?.place ?? null), warning: null };
}

/** Whatever says that this key signed it, truly or not. */
async function listOwn(plan: string, key: string, shared: ApprovalStore): Promise<readonly string[]> {
  const all = await readSharedApprovals(plan, shared);
  return all.flatMap(({ id, text }) => {
    const read = typeof text === 'string' ? readApproval(text) : { problem: '' };
    return 'problem' in read || readSshSignature(read.signature)?.fingerprint !== key ? [] : [id];
  });
}

function approvedBefore({ place }: ApprovalStore): Failure {
  return new Failure('usage/invalid', 'this key approved the plan before', {
    where: place,
    hint: 'to sign again, withdraw it first: fencepost approve PLAN --withdraw --sign-key FILE',
  });
}
