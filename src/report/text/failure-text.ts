// The one place that words a failure for a person: what failed, on which host, the fix, and the code to look up.
import type { Failure, FailureRecord } from '../../model/failure.ts';
import { renderIssues, type LineOf } from './issue-text.ts';
import { noPaint, type Paint } from './colour.ts';
import { atPlace } from '../view/place.ts';
import { wrapText } from './table.ts';

export { renderIssue } from './issue-text.ts';

/** What a terminal gets beside the words; a pipe gets the words alone. */
export interface FailureStyle {
  readonly paint: Paint;
  readonly lineOf: LineOf;
}

const plain: FailureStyle = { paint: noPaint, lineOf: () => null };

/** Several lines ending in a newline. The stack is shown only when asked for: it is no help at 03:00. */
export function renderFailure(failure: Failure, debug: boolean, style: FailureStyle = plain): string {
  const error = style.paint('bad', 'error:');
  const lines =
    failure.issues.length > 0
      ? [renderIssues(failure.issues, style.lineOf, style.paint), `${error} ${failure.message} [${failure.code}]`]
      : [wrapText(`${atPlace(failure)} [${failure.code}]`, `${error} `, '  ')];
  if (failure.hint !== null) lines.push(wrapText(failure.hint, '  fix: ', '    '));
  if (debug) lines.push(renderStack(failure));
  return `${lines.join('\n')}\n`;
}

/** `password refused [auth/refused]` and the fix, under a host's name. `host` null: the same is said of several hosts. */
export function renderHostFailure(
  failure: FailureRecord,
  host: string | null,
  indent: string,
  paint = noPaint,
): string {
  const text = host === null ? failure.message : atPlace(failure, host);
  const lines = [wrapText(`${text} [${failure.code}]`, `${indent}${paint('bad', '!')} `, `${indent}  `)];
  if (failure.hint !== null)
    lines.push(wrapText(failure.hint, `${indent}  ${paint('quiet', 'fix:')} `, `${indent}    `));
  return `${lines.join('\n')}\n`;
}

function renderStack(failure: Failure): string {
  const cause = failure.cause instanceof Error ? `\ncaused by ${failure.cause.stack ?? failure.cause.message}` : '';
  return `${failure.stack ?? ''}${cause}`;
}
