// The form of an approval as its file has it, and as a run remembers it. Published as a schema, and every file is judged by it whole.
// Source: model/approval.ts, to which the compiler holds it.
import * as z from 'zod';
import type { ApprovalClaim, CountedApproval, HeadClaim } from '../model/approval.ts';
import { formOf } from './form.ts';
import { count, moment, sha256 } from './value-forms.ts';
import { window } from './policy-forms.ts';

/** Longer is no name and no key. */
const short = z.string().min(1).max(1000);

/** CHG0012345, OPS-17, a number; nothing that a terminal would obey. */
export const changeNumber = z.string().regex(/^[\w.:/#-]{1,64}$/, 'expected 1 to 64 letters, digits or . : / # - _');

export const approvalClaim = formOf<ApprovalClaim>()(
  z.strictObject({
    plan: sha256,
    playbook: short,
    inventory: short,
    window: window.nullable(),
    change: changeNumber.nullable(),
    plannedBy: short,
    signedAt: moment,
  }),
);

export const countedApproval = formOf<CountedApproval>()(
  z.strictObject({ by: short, key: short, change: changeNumber.nullable(), signedAt: moment }),
);

const armoredSignature = z.string().max(20_000);

export const approvalFileFormat = 'fencepost-approval';
export const approvalFileVersion = 1;

export const approvalFile = z.strictObject({
  format: z.literal(approvalFileFormat),
  version: z.literal(approvalFileVersion),
  approval: approvalClaim,
  signature: armoredSignature.describe('What ssh-keygen -Y sign made of the approval, armored'),
});

const headClaim = formOf<HeadClaim>()(
  z.strictObject({ run: short, records: count.min(1), digest: sha256, signedAt: moment }),
);

export const headSignatureFormat = 'fencepost-head-signature';
export const headSignatureVersion = 1;

/** Beside a journal: who signed its head. */
export const headSignatureFile = z.strictObject({
  format: z.literal(headSignatureFormat),
  version: z.literal(headSignatureVersion),
  head: headClaim,
  signature: armoredSignature.describe('What ssh-keygen -Y sign made of the head, armored'),
});
