// Intent before effect: what is sent to change a server is what stands on disk last, and no service is stopped when the time is up. It looks at
// lines as they are shown, and knows no more of the engine.
import { isDeepStrictEqual } from 'node:util';
import type { EventOf, RunKind } from '../../../src/model/outcome.ts';
import { nameGuard } from '../../../src/model/rules/guard.ts';
import { lastDurable } from '../disk.ts';
import { firstRun, type Night } from '../night/state.ts';
import type { Server } from '../truth.ts';

/** Intent before effect: the last thing on disk of this host is the command that is sent now. */
export function checkIntent(night: Night, kind: RunKind, number: number, host: string, shown: string): void {
  const run = kind === 'rollback' ? `run-${number}` : firstRun;
  const last = lastDurable(night.disk, run, host);
  if (shown.includes('schtasks /create') && last?.type === 'guard' && last.state === 'planned') return;
  // To call a guard off needs no undo; whose it is does matter.
  if (!shown.includes('schtasks /create') && shown.includes(`schtasks /delete /tn ${nameGuard(firstRun)} `)) return;
  const expected = last?.type === 'command-planned' ? plannedChanges(night, host, last) : null;
  if (expected !== null && isDeepStrictEqual(changesIn(shown), expected)) return;
  night.problems.push(`life ${number}: a command for ${host} was sent and is not on disk: ${shown}`);
}

/** The line of an outage names its steps; what it may send for them stands in the host's steps. */
function plannedChanges(night: Night, host: string, planned: EventOf<'command-planned'>): readonly string[] {
  const server = night.servers.get(host);
  if (planned.outage === undefined || server === undefined) return planned.line.split(' & ');
  const sent = plannedLines(server, planned);
  // A start that gives up is tried again.
  return [...sent, sent.at(-1) ?? ''];
}

export function plannedLines(server: Server, planned: EventOf<'command-planned'>): readonly string[] {
  if (planned.outage === undefined) return planned.line.split(' & ');
  return linesOf(server, [planned.step, ...planned.outage.then.map((one) => one.step)]);
}

export function linesOf({ steps }: Server, numbers: readonly number[]): readonly string[] {
  return numbers.flatMap((number): readonly string[] => {
    const step = steps.find((one) => one.number === number);
    if (step === undefined || step.kind === 'dynamic-range') return ['no such step'];
    return step.kind === 'service' ? [step.line] : step.commands.map((one) => one.line);
  });
}

/** No service is stopped by a run whose time is up; an undo may have to. */
export function checkDeadline(
  night: Night,
  number: number,
  host: string,
  shown: string,
  endsAt: string | null,
  now: string,
) {
  const last = lastDurable(night.disk, firstRun, host);
  if (endsAt === null || last?.type !== 'command-planned' || last.direction !== 'do') return;
  if (!changesIn(shown).some((one) => /^sc .*\bstop\b/.test(one)) || Date.parse(now) <= Date.parse(endsAt) + 1000)
    return;
  night.problems.push(
    `life ${number}: ${host}: a service is stopped at ${now}, after the deadline ${endsAt}: ${last.line}`,
  );
}

/** What of a sent line changes anything: a line has questions and marks in between, and may have several changes. */
function changesIn(shown: string): readonly string[] {
  const parts = shown
    .replace(/^[^"]*"|"$/g, '')
    .split(/&&?|\|\|?|[()]/)
    .map((one) => one.replace('>nul', '').trim());
  return parts.filter((one) => /^netsh .* (add|delete|set) /.test(one) || /^sc (?!query)/.test(one));
}
