// The signed head of a run's journal <-> its file beside the journal, and what of it is signed: like an approval, in a namespace of its own,
// so that a signature under the one is none under the other. Pure. Decision 0042.
import { headSignatureFile, headSignatureFormat, headSignatureVersion } from '../forms/approval-forms.ts';
import type { HeadClaim } from '../model/approval.ts';
import { readSignedFile } from './signed-file.ts';

export const headNamespace = 'journal@fencepost';

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
  const read = readSignedFile(headSignatureFile, text, 'no signed head');
  return 'problem' in read ? read : { claim: read.content.head, signature: read.content.signature };
}
