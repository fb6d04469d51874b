// A view as GitHub workflow commands: `::error file=inventory.yml,line=7::...` at the line that names the host. GitHub keeps ten
// of a kind in a step, so the worst ten are printed and the last one says how many are not. Escaping: GitHub's toolkit documentation,
// "workflow commands" (facts: peers.md section 3, E4).
import type { Failure } from '../../model/failure.ts';
import type { CheckedFleetView } from '../view/fleet-view.ts';
import { describeMissing, missingCheck, missingFix } from '../discovery/missing-words.ts';
import { listProblems, type Problem } from './problems.ts';

/** Annotations of one kind that GitHub shows per step. */
const limit = 10;

/** What an annotation is made of: a Problem is one. */
export type Annotation = Pick<Problem, 'severity' | 'check' | 'sentence' | 'fix'> & {
  readonly host: Pick<Problem['host'], 'host' | 'words' | 'origin'>;
};

/** The lines, each ending in a newline; empty when nothing is wrong. */
export function writeAnnotations(view: CheckedFleetView): string {
  const missing = annotateMissing(view.notInInventory ?? []);
  return `${missing}${annotate(listProblems(view), missing === '' ? 0 : 1)}`;
}

/** One annotation for all, so that they leave room for the hosts: no line of a file names any of them. */
function annotateMissing(names: readonly string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, limit);
  const more = names.length - shown.length;
  const rest = more === 0 ? '' : ` (${more} more: see the summary)`;
  const text = `${describeMissing(names.length)}: ${shown.join(', ')}${rest}\nfix: ${missingFix}`;
  return `::error title=${property(`verify [${missingCheck}]`)}::${data(text)}\n`;
}

/** `problems`: worst first. `earlierErrors`: so many errors of the step were printed already. */
export function annotate(problems: readonly Annotation[], earlierErrors = 0): string {
  return (['error', 'warning'] as const)
    .map((kind) => {
      const own = problems.filter((one) => one.severity === kind);
      const room = kind === 'error' ? limit - earlierErrors : limit;
      const shown = own.slice(0, room);
      return shown
        .map((one, index) => annotation(kind, one, index === room - 1 ? own.length - shown.length : 0))
        .join('');
    })
    .join('');
}

function annotation(kind: Problem['severity'], { host, sentence, fix, check }: Annotation, more: number): string {
  const { origin } = host;
  const place =
    origin === null
      ? ''
      : `file=${property(origin.file)},line=${Math.max(1, origin.line)},col=${Math.max(1, origin.column)},`;
  const rest = more === 0 ? '' : `\n(${more} more: see the summary)`;
  const text = `${host.host}: ${sentence}${fix === null ? '' : `\nfix: ${fix}`}${rest}`;
  return `::${kind} ${place}title=${property(`${host.host}: ${host.words} [${check}]`)}::${data(text)}\n`;
}

/** The faults of the files that a failure names, at their lines; the first ten of them. `placeOf`: a path as GitHub knows it. */
export function annotateIssues({ code, issues }: Failure, placeOf: (file: string) => string): string {
  return issues
    .slice(0, limit)
    .map(({ file, line, column, message }, index) => {
      const more = index === limit - 1 ? issues.length - limit : 0;
      const rest = more <= 0 ? '' : `\n(${more} more: see the log)`;
      const place = `file=${property(placeOf(file))},line=${Math.max(1, line)},col=${Math.max(1, column)}`;
      return `::error ${place},title=${property(code)}::${data(message + rest)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
