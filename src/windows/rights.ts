// What the account's token may do on the host: the question and its reader. Names of groups and words for attributes are
// localized, SIDs are not, so only SIDs are read: whether Administrators is in the token at all, and its integrity level. A plain account
// has high integrity over the network (windows.md section 8), a token that UAC filtered has Administrators to deny only: it takes both.
// SIDs: MS-DTYP section 2.4.2.4 (BUILTIN_ADMINISTRATORS, ML_HIGH and its neighbours).
import type { AccountRights } from '../model/rules/account-rights.ts';
import { findAny } from './cmd/find-any.ts';
import { lineProblem, refusal, splitLines } from './cmd/lines.ts';
import type { Reading } from './cmd/lines.ts';

const administrators = 'S-1-5-32-544';
/** CSV without a header: name, type, SID, attributes; only the rows that tell. Needs no rights. */
export const showRights = `whoami /groups /fo csv /nh | ${findAny([administrators, 'S-1-16-'])}`;

const integrityLevel = /^S-1-16-(\d{1,5})$/;
/** SECURITY_MANDATORY_HIGH_RID; that of the system is above it. */
const highIntegrity = 12_288;

export function readRights(text: string, exitCode: number): Reading<AccountRights> {
  if (exitCode !== 0) return refusal('whoami', exitCode, text);
  const sids: string[] = [];
  for (const line of splitLines(text)) {
    if (!line.text.includes('"')) continue;
    const sid = /^"(?:[^"]|"")*","(?:[^"]|"")*","(S-1-[\d-]+)",".*"$/.exec(line.text)?.[1];
    if (sid === undefined) return lineProblem(line, 'four quoted fields, the third a SID');
    sids.push(sid);
  }
  const levels = sids.flatMap((sid) => integrityLevel.exec(sid)?.slice(1) ?? []);
  const [level] = levels;
  if (level === undefined || levels.length > 1) {
    return { problem: `expected one integrity level (S-1-16-...) among the groups, got ${levels.length}` };
  }
  if (!sids.includes(administrators)) return { value: 'plain' };
  return { value: Number(level) >= highIntegrity ? 'administrator' : 'filtered' };
}
