// I/O: where `plan --out` saves. Never over another file; with --force over an earlier plan, and nothing else, that nobody has approved: an
// approved plan must not be replaced under its approvers.
import { access } from 'node:fs/promises';
import { Failure } from '../../../model/failure.ts';
import { readErrnoCode } from '../../../model/failures/errno-code.ts';
import { describeReadError } from '../../../model/failures/read-error.ts';
import { planFileFormat } from '../../../plan/plan-file.ts';
import { readInputParts } from '../../../files/read-input.ts';
import { approvalFolder } from '../../io/approvals/approval-files.ts';
import { writeNewFile } from '../../io/new-file.ts';
import { replaceFile } from '../../io/replace-file.ts';

const otherFile = 'name another file with --out';

/** Throws Failure `usage/invalid`; what was there is still there then. */
export async function savePlan(file: string, text: Iterable<string>, force: boolean): Promise<void> {
  const hint = `${otherFile}; a saved plan is replaced only with --force`;
  if (!force || !(await isThere(file))) {
    await writeNewFile(file, text, { hint });
    return;
  }
  await refuseOthers(file);
  // Writing takes a while, in which somebody may approve what is there.
  await replaceFile(file, text, 0o600, () => refuseOthers(file));
}

/** What is there has to be a plan that nobody has approved. */
async function refuseOthers(file: string): Promise<void> {
  if (!(await isPlan(file))) throw refused(file, 'the file exists already and is no plan of Fencepost', otherFile);
  const approvals = approvalFolder(file);
  if (await isThere(approvals)) {
    const message = 'this plan has approvals, and an approved plan is not replaced';
    throw refused(file, message, `${otherFile}, or delete ${approvals} first`);
  }
}

/** By its first letters: one that was cut short, or that another version made, is an earlier plan too. */
async function isPlan(file: string): Promise<boolean> {
  const start = `{"format":"${planFileFormat}"`;
  let text = '';
  try {
    for await (const part of readInputParts(file)) {
      text += part.toString('latin1');
      if (text.length >= start.length) break;
    }
  } catch (cause) {
    throw refused(file, `the file exists already and can't be read: ${describeReadError(cause)}`, otherFile);
  }
  return text.startsWith(start);
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (thrown: unknown) => readErrnoCode(thrown) !== 'ENOENT',
  );
}

function refused(where: string, message: string, hint: string): Failure {
  return new Failure('usage/invalid', message, { where, hint });
}
