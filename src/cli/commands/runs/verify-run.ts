// `runs verify`: three things that are told apart. Whether the chain of a journal holds, whether its head is sealed, and who signed the head.
// It trusts no key of its own: whose signature counts is in the signers file that is named.
import { createEndFinder, proveJournal } from '../../../journal/proof.ts';
import type { HeadVerdict } from '../../../model/approval.ts';
import { renderHeadVerdict } from '../../../report/view/head-words.ts';
import { findSignedRecord, judgeHeadSignature } from '../../../workflows/consent/sign-journal.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { readSigners } from '../../io/approvals/approval-files.ts';
import { createSshKeygen } from '../../io/approvals/ssh-keygen.ts';
import { jsonDocument } from '../../json.ts';
import { requireRunName } from './show-runs.ts';

export interface VerifyOptions {
  readonly json: boolean;
  /** An allowed_signers file; undefined: nobody's signature is asked for. */
  readonly signers: string | undefined;
}

/** Returns the exit code. With signers a journal has to be signed to its end. */
export async function verifyRun(
  run: string | null,
  { json, signers: signersFile }: VerifyOptions,
  world: World,
): Promise<number> {
  const name = requireRunName(run);
  const signers = signersFile === undefined ? null : await readSigners(signersFile);
  // Before the journal: whoever resumes the run meanwhile only takes the journal beyond it.
  const signed = await world.state.readHeadSignature(name);
  const finder = createEndFinder();
  const signedRecord = findSignedRecord(signed);
  let read = 0;
  let digestThere: string | null = null;
  const end = await world.store.readRun(name, (event, digest) => {
    finder.event(event);
    read += 1;
    if (read === signedRecord) digestThere = digest;
  });
  const { holds, hasEnd, text } = proveJournal(end, finder.hasEnd);
  const { records, damage, tornTail, head, lastDigest } = end;
  const journal = { run: name, records, digest: digestThere };
  const ssh = createSshKeygen({ env: process.env, say: null, signal: world.interrupts.signal });
  const signature = await judgeHeadSignature(signed, journal, signers, ssh);
  const proof = { run: name, holds, records, lastDigest, damage, tornTail, head, hasEnd, signature };
  world.out(json ? jsonDocument('run-proof', proof) : `${text}${renderHeadVerdict(signature, records)}`);
  return holds && isEnough(signature, signers !== null) ? exitCodes.done : exitCodes.someFailed;
}

function isEnough({ state }: HeadVerdict, isAsked: boolean): boolean {
  return isAsked ? state === 'signed' : state !== 'tampered';
}
