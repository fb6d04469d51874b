// The result of `doctor` for a CI system: an annotation at the inventory line of each host that is not ready, and a markdown summary with
// the fixes, failures first. It checks nothing; the text for a terminal is doctor-text.ts.
import type { Origin } from '../../model/target.ts';
import { annotate, type Annotation } from './annotations.ts';
import { isInOrder, type DoctorHost } from '../text/doctor-text.ts';
import { cell, leftOut, LimitedText } from './markdown.ts';
import { counted } from '../../model/text/counted.ts';

interface DoctorTold {
  readonly annotations: string;
  /** Not longer than so many bytes of UTF-8. */
  readonly summary: (limitBytes: number) => string;
}

/** `origins`: where the inventory names each host. */
export function tellDoctor(hosts: readonly DoctorHost[], origins: ReadonlyMap<string, Origin>): DoctorTold {
  const problems = hosts.flatMap((host) => listProblems(host, origins.get(host.target.name) ?? null));
  const sorted = problems.toSorted((a, b) => rankCheck(a) - rankCheck(b));
  return { annotations: annotate(sorted), summary: (limitBytes) => renderDoctorSummary(hosts, sorted, limitBytes) };
}

/** Checks that lie behind a failed one say nothing of their own. */
function listProblems(host: DoctorHost, origin: Origin | null): readonly Annotation[] {
  const words = isInOrder(host) ? 'ready' : 'not ready';
  return host.checks.flatMap(({ name, state, detail, cure, code }): readonly Annotation[] =>
    state === 'failed' || state === 'warning'
      ? [
          {
            host: { host: host.target.name, words, origin },
            severity: state === 'failed' ? 'error' : 'warning',
            check: code ?? name,
            sentence: `${name}: ${detail}`,
            fix: cure,
          },
        ]
      : [],
  );
}

function rankCheck({ severity }: Annotation): number {
  return severity === 'error' ? 0 : 1;
}

function renderDoctorSummary(
  hosts: readonly DoctorHost[],
  problems: readonly Annotation[],
  limitBytes: number,
): string {
  const good = hosts.filter(isInOrder).length;
  const counts = `${counted(hosts.length, 'host')}: **${good}** ready, **${hosts.length - good}** not\n`;
  const text = new LimitedText(limitBytes - 300, `## Fencepost doctor\n\n${counts}`);
  if (problems.length === 0) return text.value;
  text.add('\n| host | check | fix | code |\n| --- | --- | --- | --- |\n');
  for (const [index, { host, sentence, fix, check }] of problems.entries()) {
    const row = `| ${[host.host, sentence, fix ?? '', check].map(cell).join(' | ')} |\n`;
    if (!text.add(row)) return `${text.value}\n${leftOut(problems.length - index)}`;
  }
  return text.value;
}
