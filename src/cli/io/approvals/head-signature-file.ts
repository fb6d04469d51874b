// I/O: the signature under the head of a journal, a small file beside it. Reads are bounded; a run that was continued has it replaced. What it
// says is judged elsewhere.
import { mostSignedFileBytes } from '../../../approval/signed-file.ts';
import { readTextInput } from '../../../files/read-input.ts';
import { headFile } from '../../../journal/head.ts';
import { findJournal } from '../../../journal/store.ts';
import { readErrnoCode } from '../../../model/failures/errno-code.ts';
import { describeReadError } from '../../../model/failures/read-error.ts';
import type { SignatureText } from '../../../workflows/consent/sign-journal.ts';
import { replaceFile } from '../replace-file.ts';

function signatureFile(directory: string, run: string): string {
  return `${headFile(findJournal(directory, run))}.signature`;
}

/** Throws Failure `usage/invalid` when it can't be written. */
export async function saveHeadSignature(directory: string, run: string, text: string): Promise<void> {
  await replaceFile(signatureFile(directory, run), text);
}

/** Never rejects. */
export async function readHeadSignature(directory: string, run: string): Promise<SignatureText> {
  try {
    return await readTextInput(signatureFile(directory, run), mostSignedFileBytes);
  } catch (thrown) {
    if (readErrnoCode(thrown) === 'ENOENT') return null;
    return { problem: `its file can't be read: ${describeReadError(thrown)}` };
  }
}
