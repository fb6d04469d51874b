// A plan's headline in words: rows of a label and a sentence, the same in the terminal, on the HTML page, in markdown and before the question
// of `apply`. It adds nothing to the data and leaves nothing of it out but the names of hosts after the canary.
import type { LeftOut, PlanHeadline, Restart } from '../../model/headline/plan-headline.ts';
import type { PaceSource } from '../../model/headline/paces.ts';
import type { FindingCode } from '../../model/plan.ts';
import type { HostCount, OnFailure } from '../../model/strategy.ts';
import { allowedFailures } from '../../model/rules/batches.ts';
import { counted } from '../../model/text/counted.ts';

export interface HeadlineRow {
  readonly label: string;
  readonly value: string;
}

/** `isRollback`: the plan is a rollback's, whose hosts are brought to what they were before the run. */
export function describeHeadline(headline: PlanHeadline, isRollback = false): readonly HeadlineRow[] {
  const { hosts, changing, leftOut, restarts, window, concurrency } = headline;
  const left = leftOut.map((one) => `${one.hosts.length} ${describeLeftOut(one, isRollback)}`);
  const rows: HeadlineRow[] = [
    { label: 'changes', value: `${changing} of ${counted(hosts, 'host')}${describeRanges(headline)}` },
    ...(left.length === 0 ? [] : [{ label: 'skips', value: left.join('; ') }]),
  ];
  if (changing === 0) return rows;
  return [
    ...rows,
    { label: 'restarts', value: restarts.length === 0 ? 'no service' : restarts.map(describeRestart).join('; ') },
    { label: 'batches', value: describeBatches(headline) },
    { label: 'order', value: `as in the inventory, at most ${concurrency} at once${describeBond(headline)}` },
    { label: 'failures', value: isRollback ? rollbackFailures : describeFailures(headline) },
    {
      label: 'window',
      value: window === null ? 'none: it may start at any time' : `${window.opensAt} to ${window.closesAt}`,
    },
    { label: 'takes', value: describeDuration(headline) },
  ];
}

/** A name that no host of the inventory has keeps no hosts apart: it may be mistyped. */
function describeBond({ oneAtATimeBy, ungrouped, changing }: PlanHeadline): string {
  if (oneAtATimeBy === null) return '';
  if (ungrouped === changing) return `; none is kept apart by ${oneAtATimeBy}: no host to change has that variable`;
  const without = ungrouped === 0 ? '' : ` (${counted(ungrouped, 'host')} without that variable)`;
  return `, one at a time by ${oneAtATimeBy}${without}`;
}

function describeRanges({ exclusions: { added, deleted }, dynamicRanges, changing }: PlanHeadline): string {
  if (changing === 0) return '';
  const parts = [
    ...(added > 0 ? [`${counted(added, 'exclusion')} to add`] : []),
    ...(deleted > 0 ? [`${counted(deleted, 'exclusion')} to delete`] : []),
    ...(dynamicRanges > 0 ? [`${counted(dynamicRanges, 'dynamic range')} to set`] : []),
  ];
  return parts.length === 0 ? '' : `: ${parts.join(', ')} (each address family counts)`;
}

/** Why hosts are blocked, where a code alone would say little. */
const blockerWords: Partial<Readonly<Record<string, string>>> = {
  'facts-incomplete': 'an answer could not be read',
  'account-rights': 'the account may not make the change',
  'netsh-refused': 'netsh refused to answer',
  'netsh-too-old': 'Windows lacks KB2665809',
  'foreign-range': 'Windows itself reserves the port',
  'range-in-the-way': 'another range is in the way',
  'held-by-own-service': 'its own service uses the port and may not be restarted',
  'held-by-stranger': 'another process uses the port',
  'held-in-doubt': 'it is not known who uses the port',
  'changed-since': 'changed by somebody else since',
  'guard-cannot-undo': 'its guard could not undo the change',
  'guard-left': 'the guard of another run is on it',
} satisfies Partial<Record<FindingCode, string>>;

function describeLeftOut({ state, code }: LeftOut, isRollback: boolean): string {
  if (state === 'ok') return isRollback ? 'as before the run' : 'as desired';
  if (code === null) return state;
  const words = blockerWords[code];
  return words === undefined ? `${state} (${code})` : `${state}: ${words} (${code})`;
}

function describeRestart({ service, hosts, isCertain, usualMs, source }: Restart): string {
  const on = counted(hosts, 'host');
  if (!isCertain) return `${service} on up to ${on}, only where Windows refuses the change while it runs`;
  return `${service} on ${on}, about ${durationWords(usualMs)}${hosts > 1 ? ' each' : ''} (${sourceWords[source]})`;
}

const sourceWords: Readonly<Record<PaceSource, string>> = {
  measured: 'measured',
  'partly-measured': 'partly measured',
  assumed: 'assumed',
};

function describeBatches({ batches, pauseMs, confirmBetweenBatches }: PlanHeadline): string {
  const parts = batches.map(({ canary, hosts }) =>
    canary ? `canary ${describeCanary(hosts)}` : counted(hosts.length, 'host'),
  );
  const between = [
    ...(pauseMs > 0 ? [`a pause of ${durationWords(pauseMs)}`] : []),
    ...(confirmBetweenBatches ? ['a question'] : []),
  ];
  const list = drawAlike(parts).join(', then ');
  return between.length === 0 || batches.length < 2 ? list : `${list}; between them ${between.join(' and ')}`;
}

/** Ten names are as many as anybody compares. */
const mostNames = 10;

function describeCanary(hosts: readonly string[]): string {
  const shown = hosts.slice(0, mostNames).join(', ');
  return hosts.length > mostNames ? `${shown} and ${hosts.length - mostNames} more` : shown;
}

/** `5 hosts, 5 hosts, 5 hosts` -> `3 times 5 hosts` */
function drawAlike(parts: readonly string[]): readonly string[] {
  const drawn: { part: string; times: number }[] = [];
  for (const part of parts) {
    const last = drawn.at(-1);
    if (last?.part === part) last.times += 1;
    else drawn.push({ part, times: 1 });
  }
  return drawn.map(({ part, times }) => (times === 1 ? part : `${times} times ${part}`));
}

const failureWords: Readonly<Record<OnFailure, string>> = {
  stop: 'what was changed is left as it is',
  rollback_host: 'a failed host is rolled back',
  rollback_batch: 'then its whole batch is rolled back',
  rollback_run: 'then everything the run changed is rolled back',
};

/** Where the budgets allow every host to fail, nothing is stopped, and no other host is rolled back. */
const neverWords: Readonly<Record<OnFailure, string>> = {
  stop: failureWords.stop,
  rollback_host: failureWords.rollback_host,
  rollback_batch: 'a failed host is rolled back, no other one',
  rollback_run: 'a failed host is rolled back, no other one',
};

/** A rollback has no budget, and what it could not undo is left to the next one. */
const rollbackFailures = 'a host that fails stops no other one';

function describeFailures({ batches, changing, maxFailed, maxFailedTotal, onFailure }: PlanHeadline): string {
  const limits = [
    ...(batches.some(({ hosts }) => canExceed(maxFailed, hosts.length)) ? [limitWords(maxFailed, 'a batch')] : []),
    ...(maxFailedTotal !== null && canExceed(maxFailedTotal, changing) ? [limitWords(maxFailedTotal, 'all')] : []),
  ];
  if (limits.length === 0) {
    const total = maxFailedTotal === null ? '' : `, max_failed_total: ${settingOf(maxFailedTotal)}`;
    const why = `max_failed: ${settingOf(maxFailed)}${total}`;
    return `never stops, however many hosts fail (${why}); ${neverWords[onFailure]} (on_failure: ${onFailure})`;
  }
  // The first failure exceeds every budget.
  const stops = isNone(maxFailed) ? 'one host fails' : limits.join(', or ');
  return `stops when ${stops} (max_failed); ${failureWords[onFailure]} (on_failure: ${onFailure})`;
}

function canExceed(budget: HostCount, hosts: number): boolean {
  return allowedFailures(budget, hosts) < hosts;
}

function isNone(count: HostCount): boolean {
  return count.kind === 'percent' ? count.percent === 0 : count.hosts === 0;
}

/** `more than 2 hosts of a batch fail` */
function limitWords(count: HostCount, of: string): string {
  return `more than ${count.kind === 'percent' ? `${count.percent}%` : counted(count.hosts, 'host')} of ${of} fail`;
}

/** As it stands in a playbook. */
function settingOf(count: HostCount): string {
  return count.kind === 'percent' ? `${count.percent}%` : String(count.hosts);
}

function describeDuration({ expected: { durationMs, source, runs, fitsWindow }, confirmBetweenBatches }: PlanHeadline) {
  const from = {
    measured: `measured in ${counted(runs, 'earlier run')}`,
    'partly-measured': `partly measured in ${counted(runs, 'earlier run')}, partly assumed`,
    assumed: 'assumed: no earlier run was measured here',
  }[source];
  const open = confirmBetweenBatches ? ' and the questions are answered at once' : '';
  const fits = fitsWindow === false ? '; LONGER THAN THE WINDOW' : '';
  return `about ${durationWords(durationMs)} when nothing fails${open} (${from})${fits}`;
}

/** `20 s`, `4 min`, `1 h 5 min`: no more exact than it is known. */
export function durationWords(durationMs: number): string {
  const seconds = Math.max(1, Math.round(durationMs / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
