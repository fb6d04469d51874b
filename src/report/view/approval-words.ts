// Who approved a plan, as one line: for the talk before a run, its last line, `runs show` and reports. Pure.
import type { CountedApproval } from '../../model/approval.ts';

/** `approved by alice (CHG0012345) and bob` */
export function nameApprovals(approvals: readonly CountedApproval[]): string {
  const names = approvals.map(({ by, change }) => {
    // The names come from a signers file, or a journal.
    const name = by.replaceAll(/\p{C}/gu, '?');
    return change === null ? name : `${name} (${change})`;
  });
  return names.length === 0 ? 'approved by nobody' : `approved by ${joinNames(names)}`;
}

export function renderApprovals(approvals: readonly CountedApproval[]): string {
  const text = nameApprovals(approvals);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function joinNames(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length <= 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
