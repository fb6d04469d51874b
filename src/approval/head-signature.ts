// The signed head of a run's journal <-> its file beside the journal, and what of it is signed: like an approval, in a namespace of its own,
// so that a signature under the one is none under the other. Pure. Decision 0042.
import { faultOf } from '../forms/fault.ts';
import { headSignatureFile, headSignatureFormat, headSignatureVersion } from '../forms/approval-forms.ts';
import type { HeadClaim } from '../model/approval.ts';

export const headNamespace = 'journal@fencepost';

/** More is no signature of a head. */
export const mostHeadSignatureBytes = 64 * 1024;

export interface SignedHead {
  readonly claim: HeadClaim;
  readonly signature: string;
}

/** What is signed: a first line that says what it is, then the claim as JSON in this order. */
export function headMessage({ run, records, digest, signedAt }: HeadClaim): string {
  const said = { run, records, digest, signedAt };
  return `Fencepost journal head, version ${headSignatureVersion}\n${JSON.stringify(said)}\n`;
}

export function writeSignedHead({ claim, signature }: SignedHead): string {
  const file = { format: headSignatureFormat, version: headSignatureVersion, head: claim, signature };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** What is wrong with it as a sentence, when it is no signed head. */
export function readSignedHead(text: string): SignedHead | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'its file is truncated or not JSON' };
  }
  const read = headSignatureFile.safeParse(value);
  if (!read.success) return { problem: `its file is not of this Fencepost: ${faultOf(read.error)}` };
  return { claim: read.data.head, signature: read.data.signature };
}
