// I/O: the approvals of a plan, small files in a folder beside it (tonight.plan.approvals/), and the file of those who may approve. Reads
// are bounded in number and size; what a file says is judged elsewhere.
import { readdir } from 'node:fs/promises';
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
const mostFiles = 100;
const mostSignersBytes = 1024 * 1024;

export function approvalFolder(planFile: string): string {
  return `${planFile}.approvals`;
}

/** One file per key. Throws Failure `usage/invalid` when the key approved before. */
export async function saveApproval(planFile: string, approval: NewApproval): Promise<string> {
  const folder = approvalFolder(planFile);
  // Letters and digits only: the name of a file on every system.
  const name = approval.key
    .replace(/^SHA256:/, '')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 16);
  const file = join(folder, `${name}${extension}`);
  const hint = `this key approved the plan before; to sign again, delete ${file} first`;
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
  if (names.length > mostFiles) {
    throw new Failure('approval/missing', `more than ${mostFiles} approvals are not read; nothing was changed`, {
      where: folder,
      hint: 'leave those of this plan only',
    });
  }
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
