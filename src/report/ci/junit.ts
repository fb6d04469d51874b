// A view as JUnit XML, as Jenkins, GitLab and GitHub actions read it: a suite per batch (or one for the plan), a case per host.
// Characters that XML 1.0 forbids are shown, for what a host printed may hold any (XML 1.0, section 2.2, Char).
import { visibleText } from '../../model/text/visible-text.ts';
import type { CheckedFleetView, FleetView, HostView } from '../view/fleet-view.ts';
import { resultWords } from '../view/human-words.ts';
import { describeMissing, missingCheck, missingFix, missingSentence } from '../discovery/missing-words.ts';
import { problemsOfHost, type Problem } from './problems.ts';

/** The document, ending in a newline. Every host is exactly one case, and so is every server that is in no inventory. */
export function writeJunit(view: CheckedFleetView): string {
  const suites = groupSuites(view);
  // Of skipped cases the schema knows the number of a suite only.
  const counts = countCases(view.hosts, view);
  const missing = view.notInInventory ?? [];
  const [tests, failures] = [counts.tests + missing.length, counts.failures + missing.length];
  const head = attributes({ name: `fencepost ${view.kind}`, tests, failures, errors: counts.errors });
  const lines = suites.map(([name, hosts]) => writeSuite(name, hosts, view)).join('');
  const rest = missing.length === 0 ? '' : writeMissing(missing, view);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${lines}${rest}</testsuites>\n`;
}

function groupSuites(view: FleetView): readonly (readonly [string, readonly HostView[]])[] {
  const batches = new Map<number | null, HostView[]>();
  for (const host of view.hosts) {
    const batch = batches.get(host.batch);
    if (batch === undefined) batches.set(host.batch, [host]);
    else batch.push(host);
  }
  const base = view.run === null ? view.title : `${view.title}, run ${view.run}`;
  const ordered = [...batches].sort(([a], [b]) => (a ?? Number.MAX_SAFE_INTEGER) - (b ?? Number.MAX_SAFE_INTEGER));
  return ordered.map(([batch, hosts]) => {
    const part = batch === null ? (batches.size === 1 ? '' : ', not in a batch') : `, batch ${batch}`;
    return [`${base}${part}`, hosts] as const;
  });
}

function writeSuite(name: string, hosts: readonly HostView[], view: FleetView): string {
  const timestamp = view.at.slice(0, 19);
  const head = attributes({ name, ...countCases(hosts, view), timestamp });
  return `  <testsuite${head}>\n${hosts.map((host) => writeCase(host, view)).join('')}  </testsuite>\n`;
}

/** A suite of its own: nothing was asked of these servers. */
function writeMissing(names: readonly string[], { title, kind, at }: FleetView): string {
  const { length } = names;
  const counts = { tests: length, failures: length, errors: 0, skipped: 0 };
  const head = attributes({ name: `${title}, in no inventory`, ...counts, timestamp: at.slice(0, 19) });
  const problem = attributes({ message: missingSentence, type: missingCheck });
  const told = escapeXml(`${describeMissing(length)} [${missingCheck}]\n  fix: ${missingFix}`);
  const cases = names.map((name) => {
    const own = attributes({ classname: `fencepost.${kind}`, name, time: '0.000' });
    return `    <testcase${own}>\n      <failure${problem}>${told}</failure>\n    </testcase>\n`;
  });
  return `  <testsuite${head}>\n${cases.join('')}  </testsuite>\n`;
}

function writeCase(host: HostView, view: FleetView): string {
  const seconds =
    host.startedAt === null || host.finishedAt === null
      ? 0
      : (Date.parse(host.finishedAt) - Date.parse(host.startedAt)) / 1000;
  const place = host.origin === null ? {} : { file: host.origin.file, line: host.origin.line };
  const head = attributes({ classname: `fencepost.${view.kind}`, name: host.host, time: seconds.toFixed(3), ...place });
  const body = renderBody(host, view);
  return body === '' ? `    <testcase${head}/>\n` : `    <testcase${head}>\n${body}    </testcase>\n`;
}

function renderBody(host: HostView, view: FleetView): string {
  const out = tellSteps(host);
  if (host.standing === 'skipped') return `      <skipped${attributes({ message: host.detail })}/>\n${out}`;
  const problems = problemsOfHost(host, view);
  const errors = problems.filter((one) => one.severity === 'error');
  const warnings = problems.filter((one) => one.severity === 'warning');
  const warned =
    warnings.length === 0
      ? ''
      : `      <system-err>${escapeXml(warnings.map(describeProblem).join('\n'))}</system-err>\n`;
  const [worst] = errors;
  if (worst === undefined) return `${out}${warned}`;
  const element = host.standing === 'unreachable' ? 'error' : 'failure';
  const head = attributes({ message: writeMessage(host, worst), type: worst.check });
  return `      <${element}${head}>${escapeXml(errors.map(describeProblem).join('\n'))}</${element}>\n${out}${warned}`;
}

function writeMessage({ words }: HostView, { sentence }: Problem): string {
  return sentence.startsWith(words) ? sentence : `${words}: ${sentence}`;
}

function describeProblem({ sentence, fix, check }: Problem): string {
  return fix === null ? `${sentence} [${check}]` : `${sentence} [${check}]\n  fix: ${fix}`;
}

function tellSteps({ steps }: HostView): string {
  if (steps.length === 0) return '';
  const told = steps.map((step) => `${step.sign} ${step.sentence}: ${resultWords(step.result, step.rolledBack).words}`);
  return `      <system-out>${escapeXml(told.join('\n'))}</system-out>\n`;
}

interface CaseCounts extends Readonly<Record<string, number>> {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

function countCases(hosts: readonly HostView[], view: FleetView): CaseCounts {
  const failing = hosts.filter(
    (host) => host.standing !== 'skipped' && problemsOfHost(host, view).some((one) => one.severity === 'error'),
  );
  const errors = failing.filter((host) => host.standing === 'unreachable').length;
  const skipped = hosts.filter((host) => host.standing === 'skipped').length;
  return { tests: hosts.length, failures: failing.length - errors, errors, skipped };
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** Text for an attribute or an element. Line ends are kept, carriage returns become line ends. */
export function escapeXml(text: string): string {
  return visibleText(text.replaceAll(/\r\n?/g, '\n'))
    .replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll(/[&<>"\n]/g, (found) => entities[found] ?? '');
}
