// The head of a run's journal: signed when the run ends, and judged when somebody wants to know who vouches for the journal. The chain is
// proven elsewhere (journal/chain.ts); the file and ssh-keygen come through seams. A signature changes no verdict of a run.
import { explainNamespace, explainRefusal, explainUnknownKey } from '../../approval/allowed-signers.ts';
import { headMessage, headNamespace, readSignedHead, writeSignedHead } from '../../approval/head-signature.ts';
import type { SshKeygen } from '../../approval/ssh-keygen.ts';
import { readSshSignature } from '../../approval/ssh-signature.ts';
import type { HeadClaim, HeadVerdict } from '../../model/approval.ts';
import { Failure } from '../../model/failure.ts';
import { counted } from '../../model/text/counted.ts';
import type { Signers } from './approve-plan.ts';
import { cutText, longestName } from '../../model/text/cut-text.ts';

/** The text of the file, and the fingerprint of the key. Throws Failure `approval/not-signed`, `approval/ssh-keygen`. */
export async function signHead(
  claim: HeadClaim,
  keyFile: string,
  ssh: Pick<SshKeygen, 'sign'>,
): Promise<{ readonly text: string; readonly key: string }> {
  const signature = await ssh.sign(headMessage(claim), headNamespace, keyFile);
  const made = readSshSignature(signature);
  if (made === null) throw new Failure('approval/not-signed', 'ssh-keygen made no signature', { where: keyFile });
  return { text: writeSignedHead({ claim, signature }), key: made.fingerprint };
}

/** Which record of the journal is the last that is signed, counted from 1; null: nothing says. */
export function findSignedRecord(text: SignatureText): number | null {
  const read = typeof text === 'string' ? readSignedHead(text) : null;
  return read === null || 'problem' in read ? null : read.claim.records;
}

/** What is in the file beside the journal; null: there is none. */
export type SignatureText = string | { readonly problem: string } | null;

/** A journal as it was read. */
export interface ReadJournal {
  readonly run: string;
  readonly records: number;
  /** Of the record that is signed last (findSignedRecord); null: the journal does not have it. */
  readonly digest: string | null;
}

const unsigned: HeadVerdict = { state: 'none', by: null, key: null, records: null, signedAt: null, problem: null };

/** `signers` null: nobody said whose keys count. Throws Failure `approval/ssh-keygen`. */
export async function judgeHeadSignature(
  text: SignatureText,
  journal: ReadJournal,
  signers: Signers | null,
  ssh: Pick<SshKeygen, 'findPrincipals' | 'verify'>,
): Promise<HeadVerdict> {
  if (text === null) return unsigned;
  const read = typeof text === 'string' ? readSignedHead(text) : text;
  if ('problem' in read) return { ...unsigned, state: 'tampered', problem: read.problem };
  const { claim, signature } = read;
  const made = readSshSignature(signature);
  const about = { ...unsigned, key: made?.fingerprint ?? null, records: claim.records, signedAt: claim.signedAt };
  const tampered = (problem: string): HeadVerdict => ({ ...about, state: 'tampered', problem });
  const foreign = (problem: string): HeadVerdict => ({ ...about, state: 'foreign', problem });
  const misfit = findMisfit(claim, journal);
  if (misfit !== null) return tampered(misfit);
  if (made === null) return tampered('it is no SSH signature');
  const { key, fingerprint, namespace } = made;
  if (namespace !== headNamespace)
    return tampered(`it was made for ${cutText(namespace, longestName)}, not for ${headNamespace}`);
  if (signers === null) return { ...about, state: 'unchecked' };
  const [principal, ...more] = await ssh.findPrincipals(signature, signers.file);
  if (principal === undefined) return foreign(explainUnknownKey(signers.text, key, fingerprint));
  if ([principal, ...more].some((name) => /[*?!]/.test(name))) {
    return foreign(
      `the signers file has a pattern for its key (${cutText(principal, longestName)}), and a pattern is nobody`,
    );
  }
  const check = { message: headMessage(claim), signature, namespace, principal, signersFile: signers.file };
  if (!(await ssh.verify(check))) {
    const barred = explainNamespace(signers.text, key, namespace);
    return barred === null ? tampered(explainRefusal(signers.text, key, namespace, 'what it says')) : foreign(barred);
  }
  return { ...about, state: claim.records < journal.records ? 'partial' : 'signed', by: principal };
}

/** Why it is not about this journal; null: it is. */
function findMisfit(claim: HeadClaim, { run, records, digest }: ReadJournal): string | null {
  if (claim.run !== run) return `it is for another run, ${cutText(claim.run, longestName)}`;
  if (claim.records > records) {
    return `it was made over ${counted(claim.records, 'record')}, and only ${records} can be read: the rest is gone`;
  }
  return digest === claim.digest ? null : 'it was made over other records than are there now';
}
