// A view as a GitLab code quality report: each problem at the line of the inventory that names its host, else at the playbook.
// A fingerprint stays the same from night to night for the same problem of the same host, so that GitLab shows what is new and what
// is gone. Source: GitLab documentation, "Code Quality report format" (facts: peers.md section 3, E8).
import { createHash } from 'node:crypto';
import { visibleText } from '../../model/text/visible-text.ts';
import type { FleetView } from '../view/fleet-view.ts';
import { listProblems, type Problem } from './problems.ts';

export const codeQualitySeverities = ['info', 'minor', 'major', 'critical', 'blocker'] as const;

export interface CodeQualityIssue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: (typeof codeQualitySeverities)[number];
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/** The report as JSON text, ending in a newline. Worst first. */
export function writeCodeQuality(view: FleetView): string {
  const issues = listProblems(view).map((problem) => makeIssue(problem, view));
  return `${visibleText(JSON.stringify(issues, null, 2))}\n`;
}

function makeIssue(problem: Problem, { playbookFile }: FleetView): CodeQualityIssue {
  const { host, check, sentence, fix } = problem;
  return {
    description: `${host.host}: ${sentence}${fix === null ? '' : ` (fix: ${fix})`}`,
    check_name: `fencepost/${check}`,
    fingerprint: computeIssueFingerprint(problem),
    severity: rateSeverity(problem),
    location: { path: host.origin?.file ?? playbookFile ?? 'inventory', lines: { begin: host.origin?.line ?? 1 } },
  };
}

/** Not over the sentence: it holds process ids and times, which differ every night. */
function computeIssueFingerprint({ host, check, ordinal }: Problem): string {
  return createHash('sha256')
    .update(JSON.stringify([host.host, check, ordinal]))
    .digest('hex');
}

function rateSeverity({ host, severity }: Problem): CodeQualityIssue['severity'] {
  if (severity === 'warning') return 'minor';
  if (host.standing === 'in-doubt' || host.standing === 'in-change' || host.standing === 'failed-partial')
    return 'blocker';
  return host.standing === 'blocked' ? 'critical' : 'major';
}
