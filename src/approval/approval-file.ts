// An approval <-> its file, and what of it is signed. The signed text is made from what was read, field by field, never taken from the file,
// so that nothing can stand in an approval that its signature does not cover. Pure.
import { approvalFile, approvalFileFormat, approvalFileVersion } from '../forms/approval-forms.ts';
import type { ApprovalClaim } from '../model/approval.ts';
import { readSignedFile } from './signed-file.ts';

/** An SSH signature holds for one namespace: one made for git or for a file is no approval. */
export const approvalNamespace = 'approval@fencepost';

export interface SignedApproval {
  readonly claim: ApprovalClaim;
  readonly signature: string;
}

/** What is signed: a first line that says what it is, then the claim as JSON in this order. */
export function approvalMessage(claim: ApprovalClaim): string {
  const { plan, playbook, inventory, window, change, plannedBy, signedAt } = claim;
  const moments = window === null ? null : { opensAt: window.opensAt, closesAt: window.closesAt };
  const said = { plan, playbook, inventory, window: moments, change, plannedBy, signedAt };
  return `Fencepost approval, version ${approvalFileVersion}\n${JSON.stringify(said)}\n`;
}

export function writeApproval({ claim, signature }: SignedApproval): string {
  const file = { format: approvalFileFormat, version: approvalFileVersion, approval: claim, signature };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** What is wrong with it as a sentence, when it is no approval. */
export function readApproval(text: string): SignedApproval | { readonly problem: string } {
  const read = readSignedFile(approvalFile, text, 'no approval');
  return 'problem' in read ? read : { claim: read.content.approval, signature: read.content.signature };
}
