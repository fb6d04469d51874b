// I/O: the approvals of a plan, small files in a folder beside it (tonight.plan.approvals/), and the file of those who may approve. Reads
// are bounded in number and size; what a file says is judged elsewhere.
import { access, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeApproval } from '../../../approval/approval-file.ts';
import { mostSignedFileBytes } from '../../../approval/signed-file.ts';
import { makeDirectory } from '../../../files/make-directory.ts';
import { readTextInput } from '../../../files/read-input.ts';
import { Failure } from '../../../model/failure.ts';
import { readErrnoCode } from '../../../model/failures/errno-code.ts';
import { describeReadError } from '../../../model/failures/read-error.ts';
import type { ApprovalText, NewApproval, Signers } from '../../../workflows/consent/approve-plan.ts';
import { writeNewFile } from '../new-file.ts';

const extension = '.approval';
/** Of one plan, in one place. */
export const mostApprovalTexts = 100;
const mostSignersBytes = 1024 * 1024;

export function approvalFolder(planFile: string): string {
  return `${planFile}.approvals`;
}

/** The one file of a key; it may be missing. `key`: `SHA256:...` */
export function nameApproval(planFile: string, key: string): string {
  // Letters and digits only: the name of a file on every system.
  const name = key
    .replace(/^SHA256:/, '')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 16);
  return join(approvalFolder(planFile), `${name}${extension}`);
}

export async function hasApproval(planFile: string, key: string): Promise<boolean> {
  return access(nameApproval(planFile, key)).then(
    () => true,
    () => false,
  );
}

/** False: there is none. Throws Failure `usage/invalid` when it can't be removed. */
export async function removeApproval(planFile: string, key: string): Promise<boolean> {
  const file = nameApproval(planFile, key);
  try {
    await rm(file);
    // A plan that nobody approves any more may be replaced; a folder with others stays.
    await rmdir(approvalFolder(planFile)).catch(() => undefined);
    return true;
  } catch (cause) {
    if (readErrnoCode(cause) === 'ENOENT') return false;
    throw new Failure('usage/invalid', `the approval can't be removed: ${describeReadError(cause)}`, {
      where: file,
      cause,
    });
  }
}

/** One file per key. Throws Failure `usage/invalid` when the key approved before. */
export async function saveApproval(planFile: string, approval: NewApproval): Promise<string> {
  const folder = approvalFolder(planFile);
  const file = nameApproval(planFile, approval.key);
  const hint = 'to sign again, withdraw it first: fencepost approve PLAN --withdraw --sign-key FILE';
  try {
    await makeDirectory(folder);
  } catch (cause) {
    throw new Failure('usage/invalid', `the folder of approvals can't be made: ${describeReadError(cause)}`, {
      where: folder,
      cause,
    });
  }
  // Not private: it is shown to others, and holds no secret.
  await writeNewFile(file, [writeApproval(approval)], { mode: 0o644, hint });
  return file;
}

/** In order of their names; a plan without a folder has none. Throws Failure `approval/missing` when they can't be read. */
export async function readApprovals(planFile: string): Promise<readonly ApprovalText[]> {
  const folder = approvalFolder(planFile);
  const names = (await listFolder(folder)).filter((name) => name.endsWith(extension)).sort();
  if (names.length > mostApprovalTexts) throw tooManyApprovals(folder);
  return Promise.all(
    names.map(async (name): Promise<ApprovalText> => {
      const file = join(folder, name);
      const text = await readTextInput(file, mostSignedFileBytes).catch((thrown: unknown) => ({
        problem: `it can't be read: ${describeReadError(thrown)}`,
      }));
      return { file, text };
    }),
  );
}

export function tooManyApprovals(where: string): Failure {
  return new Failure(
    'approval/missing',
    `more than ${mostApprovalTexts} approvals of a plan are not read; nothing was changed`,
    { where, hint: 'leave those of this plan only' },
  );
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (readErrnoCode(cause) === 'ENOENT') return [];
    const reason = describeReadError(cause);
    throw new Failure('approval/missing', `the approvals can't be read: ${reason}; nothing was changed`, {
      where: folder,
      hint: 'give whoever applies the plan the right to read this folder',
      cause,
    });
  }
}

export async function readSigners(file: string): Promise<Signers> {
  try {
    return { file, text: await readTextInput(file, mostSignersBytes) };
  } catch (cause) {
    throw new Failure('usage/invalid', `the signers file can't be read: ${describeReadError(cause)}`, {
      where: file,
      hint: 'name an allowed_signers file of OpenSSH, a line for each person: alice ssh-ed25519 AAAA...',
      cause,
    });
  }
}
