// The one place that words a failure for a person: what failed, on which host, what to do, and the code to look up.
import type { Failure, FailureRecord, Issue } from '../model/failure.ts';
import { wrapText } from './table.ts';

/** Several lines ending in a newline. The stack is shown only when asked for: it helps nobody at 03:00. */
export function renderFailure(failure: Failure, debug: boolean): string {
  const lines =
    failure.issues.length > 0
      ? [...failure.issues.map(renderIssue), `error: ${failure.message} [${failure.code}]`]
      : [wrapText(`${failure.message} [${failure.code}]`, 'error: ', '  ')];
  if (failure.hint !== null) lines.push(wrapText(failure.hint, '  what to do: ', '    '));
  if (debug) lines.push(stackOf(failure));
  return `${lines.join('\n')}\n`;
}

/** `inventory/prod.yml:13:11 expected ...`, as editors and compilers write it. */
export function renderIssue(issue: Issue): string {
  const place = issue.line === 0 ? issue.file : `${issue.file}:${issue.line}:${issue.column}`;
  return `${place}: ${issue.message}`;
}

/** `password refused [auth/refused]` and the cure, under a host's name. */
export function renderHostFailure(failure: FailureRecord, indent: string): string {
  const lines = [wrapText(`${failure.message} [${failure.code}]`, `${indent}! `, `${indent}  `)];
  if (failure.hint !== null) lines.push(wrapText(failure.hint, `${indent}  -> `, `${indent}     `));
  return `${lines.join('\n')}\n`;
}

function stackOf(failure: Failure): string {
  const cause = failure.cause instanceof Error ? `\ncaused by ${failure.cause.stack ?? failure.cause.message}` : '';
  return `${failure.stack ?? ''}${cause}`;
}
