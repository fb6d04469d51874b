// Faults in files as a person at a terminal wants them: each as file:line:column, and below those of one line that line itself with a
// caret under every column. It reads no file; lines are handed in as they may be shown.
import type { Issue } from '../../model/failure.ts';
import type { Paint } from './colour.ts';
import { displayWidth, padDisplay } from './display-width.ts';

/** The line an issue is about, tabs replaced by one blank each; null when it can't or must not be shown. */
export type LineOf = (issue: Issue) => string | null;

const longest = 100;
const before = 60;

/** `inventory/prod.yml:13:11 expected ...`, as editors and compilers write it. */
export function renderIssue(issue: Issue): string {
  const place = issue.line === 0 ? issue.file : `${issue.file}:${issue.line}:${issue.column}`;
  return `${place}: ${issue.message}`;
}

/** All issues in their order, those of one line together. No newline at the end. */
export function renderIssues(issues: readonly Issue[], lineOf: LineOf, paint: Paint): string {
  const byLine = new Map<string, Issue[]>();
  for (const issue of issues) {
    const key = `${issue.line}:${issue.file}`;
    byLine.set(key, [...(byLine.get(key) ?? []), issue]);
  }
  return [...byLine.values()]
    .flatMap((group) => [...group.map((issue) => paintedIssue(issue, paint)), ...excerpt(group, lineOf, paint)])
    .join('\n');
}

function paintedIssue(issue: Issue, paint: Paint): string {
  const text = renderIssue(issue);
  const place = text.slice(0, text.length - issue.message.length);
  return `${paint('strong', place.trimEnd())} ${issue.message}`;
}

function excerpt(group: readonly Issue[], lineOf: LineOf, paint: Paint): readonly string[] {
  const [first] = group;
  const line = first === undefined || first.line === 0 ? null : lineOf(first);
  if (first === undefined || line === null) return [];
  const columns = group.map((one) => one.column - 1).filter((column) => column >= 0 && column <= line.length);
  if (columns.length === 0) return [];
  // A file of one endless line (JSON) is cut around its first fault.
  const start = line.length <= longest ? 0 : Math.max(0, Math.min(...columns) - before);
  const shown = line.slice(start, start + longest).trimEnd();
  const under = columns.filter((column) => column - start <= longest);
  let carets = '';
  for (const column of [...new Set(under)].sort((a, b) => a - b)) {
    carets = `${padDisplay(carets, displayWidth(line.slice(start, column)))}^`;
  }
  const number = String(first.line);
  const gutter = ' '.repeat(number.length);
  return [`  ${paint('quiet', `${number} |`)} ${shown}`, `  ${paint('quiet', `${gutter} |`)} ${paint('bad', carets)}`];
}
