// The approvals of a plan from everywhere: the files beside it, and what the team's database has under the plan's digest. The same text in both is
// one approval. What either says is judged elsewhere, and alike.
import { mostSignedFileBytes } from '../../../approval/signed-file.ts';
import type { ApprovalStore } from '../../../journal/state.ts';
import type { ApprovalText } from '../../../workflows/consent/approve-plan.ts';
import { approvalFolder, mostApprovalTexts, readApprovals, tooManyApprovals } from './approval-files.ts';

/** One that the database has, for whoever removes it. */
export interface SharedApproval extends ApprovalText {
  readonly id: string;
}

export interface FoundApprovals {
  readonly found: readonly ApprovalText[];
  /** Where they were looked for. */
  readonly where: string;
}

/** `digest`: of the plan. `shared`: null: there is no database. Throws Failure `approval/missing` when they can't be read, and what the state throws. */
export async function findApprovals(
  planFile: string,
  digest: string,
  shared: ApprovalStore | null,
): Promise<FoundApprovals> {
  const folder = approvalFolder(planFile);
  const beside = await readApprovals(planFile);
  if (shared === null) return { found: beside, where: folder };
  const texts = new Set(beside.map((one) => one.text));
  const others = (await readSharedApprovals(digest, shared)).filter((one) => !texts.has(one.text));
  return { found: [...beside, ...others], where: `${folder} and ${shared.place}` };
}

/** Throws Failure `approval/missing` when there are too many, and what the state throws. */
export async function readSharedApprovals(digest: string, shared: ApprovalStore): Promise<readonly SharedApproval[]> {
  const rows = await shared.read(digest, { most: mostApprovalTexts, mostBytes: mostSignedFileBytes });
  if (rows.length > mostApprovalTexts) throw tooManyApprovals(shared.place);
  return rows.map(({ id, text }) => ({
    id,
    file: `${shared.place}, approval ${id.slice(0, 12)}`,
    text: text ?? { problem: "it can't be read: it is larger than 64 KB" },
  }));
}
