// Approvals of a saved plan: signs one, and before an apply finds out which of them count. Which files there are, and what ssh-keygen says
// of them, comes through seams. It writes nothing.
import { explainRefusal, explainUnknownKey } from '../../approval/allowed-signers.ts';
import { approvalMessage, approvalNamespace, readApproval, type SignedApproval } from '../../approval/approval-file.ts';
import {
  claimPlan,
  judgeApprovals,
  judgeClaim,
  type Evidence,
  type PlanToApprove,
} from '../../approval/judge-approvals.ts';
import type { SshKeygen } from '../../approval/ssh-keygen.ts';
import { readSshSignature } from '../../approval/ssh-signature.ts';
import type { CountedApproval } from '../../model/approval.ts';
import { counted as countNoun } from '../../model/text/counted.ts';
import { Failure, type Issue } from '../../model/failure.ts';
import type { RequiredApprovals } from '../../model/strategy.ts';
import { cutText, longestName } from '../../model/text/cut-text.ts';

export interface NewApproval extends SignedApproval {
  /** `SHA256:...` of the key that signed. */
  readonly key: string;
}

export interface ApprovalRequest {
  readonly keyFile: string;
  readonly change: string | null;
  readonly signedAt: string;
}

const withdrawalNamespace = 'withdrawal@fencepost';

/** Throws Failure `approval/not-signed`, `approval/ssh-keygen`. */
export async function approvePlan(
  plan: PlanToApprove,
  { keyFile, change, signedAt }: ApprovalRequest,
  ssh: Pick<SshKeygen, 'sign'>,
): Promise<NewApproval> {
  const claim = claimPlan(plan, change, signedAt);
  const signature = await ssh.sign(approvalMessage(claim), approvalNamespace, keyFile);
  const made = readSshSignature(signature);
  if (made === null) throw new Failure('approval/not-signed', 'ssh-keygen made no signature', { where: keyFile });
  return { claim, signature, key: made.fingerprint };
}

/**
 * Which key this is, by a signature that stands for nothing else: whoever withdraws an approval has the key that made it. Throws Failure
 * `approval/not-signed`, `approval/ssh-keygen`.
 */
export async function identifyKey(digest: string, keyFile: string, ssh: Pick<SshKeygen, 'sign'>): Promise<string> {
  const made = readSshSignature(await ssh.sign(`Fencepost withdrawal\n${digest}\n`, withdrawalNamespace, keyFile));
  if (made === null) throw new Failure('approval/not-signed', 'ssh-keygen made no signature', { where: keyFile });
  return made.fingerprint;
}

/** An approval's text, or why it could not be read. */
export interface ApprovalText {
  readonly file: string;
  readonly text: string | { readonly problem: string };
}

/** Who may approve: a file of the operator's, and what is in it. */
export interface Signers {
  readonly file: string;
  readonly text: string;
}

export interface ApprovalCheck {
  readonly approved: PlanToApprove;
  readonly rule: RequiredApprovals;
  readonly signers: Signers;
  readonly found: readonly ApprovalText[];
  /** Where they were looked for. */
  readonly where: string;
}

/** The approvals that count. Throws Failure `approval/missing`, which lists what is wrong with each of the others. */
export async function checkApprovals(
  { approved, rule, signers, found, where }: ApprovalCheck,
  ssh: Pick<SshKeygen, 'findPrincipals' | 'verify'>,
): Promise<readonly CountedApproval[]> {
  const evidence: Evidence[] = [];
  for (const one of found) evidence.push(await gatherEvidence(one, approved, signers, ssh));
  const { counted, rejected } = judgeApprovals(evidence, rule, approved.plan);
  if (counted.length >= rule.required) return counted;
  const by = counted.length === 0 ? '' : `, by ${counted.map((one) => cutText(one.by, longestName)).join(' and ')}`;
  const notCounted = rule.notBy === 'planner' ? ' by others than its planner' : '';
  throw new Failure(
    'approval/missing',
    `the plan needs ${countNoun(rule.required, 'approval')}${notCounted} and has ${counted.length}${by}; nothing was changed`,
    {
      where,
      hint: 'have it approved: fencepost approve PLAN --sign-key FILE',
      issues: rejected.map(({ file, problem }): Issue => ({ file, line: 0, column: 0, message: problem })),
    },
  );
}

async function gatherEvidence(
  { file, text }: ApprovalText,
  approved: PlanToApprove,
  signers: Signers,
  ssh: Pick<SshKeygen, 'findPrincipals' | 'verify'>,
): Promise<Evidence> {
  const refuse = (problem: string): Evidence => ({ file, problem });
  if (typeof text !== 'string') return refuse(text.problem);
  const read = readApproval(text);
  if ('problem' in read) return refuse(read.problem);
  const { claim, signature } = read;
  const foreign = judgeClaim(claim, approved);
  if (foreign !== null) return refuse(foreign);
  const made = readSshSignature(signature);
  if (made === null) return refuse('its signature is no SSH signature');
  const { key, fingerprint, namespace } = made;
  if (namespace !== approvalNamespace) {
    return refuse(`it was signed for ${cutText(namespace, longestName)}, not for ${approvalNamespace}`);
  }
  const [principal, ...more] = await ssh.findPrincipals(signature, signers.file);
  if (principal === undefined) return refuse(explainUnknownKey(signers.text, key, fingerprint));
  if ([principal, ...more].some((name) => /[*?!]/.test(name))) {
    return refuse(
      `the signers file has a pattern for its key (${cutText(principal, longestName)}), and a pattern is nobody`,
    );
  }
  const check = { message: approvalMessage(claim), signature, namespace, principal, signersFile: signers.file };
  if (!(await ssh.verify(check))) return refuse(explainRefusal(signers.text, key, namespace, 'the approval'));
  return { file, claim, key: fingerprint, people: [principal, ...more] };
}
