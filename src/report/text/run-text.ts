// The result of a run as text: one line per verdict, and for hosts that need attention what happened and the fix; hosts with the same
// text together.
import type { RollbackSummary, RunOutline } from '../../model/history.ts';
import type { GuardState, HostVerdict, OutageIntent, RunEvent, Verdict } from '../../model/outcome.ts';
import { verdictOrder, verdictWords } from '../view/human-words.ts';
import { nameApprovals } from '../view/approval-words.ts';
import { renderHostFailure } from './failure-text.ts';
import { renderSilentNetworks } from './silent-networks.ts';
import { counted } from '../../model/text/counted.ts';
import { renderFittingTable, wrapNames, wrapText } from './table.ts';

const calm: readonly Verdict[] = ['changed', 'unchanged'];

/** Every verdict, worst first, then one line that counts them. `addresses`: of the hosts that were asked, as far as known. */
export function renderVerdicts(
  verdicts: readonly HostVerdict[],
  kind: 'apply' | 'rollback',
  addresses: ReadonlyMap<string, string> = new Map(),
): string {
  const groups = verdictOrder.flatMap((verdict) => {
    const hosts = verdicts.filter((one) => one.verdict === verdict);
    if (hosts.length === 0) return [];
    const head = `${counted(hosts.length, 'host')}: ${verdictWords(verdict, kind)}\n`;
    if (calm.includes(verdict))
      return [
        `${head}${wrapNames(
          hosts.map((one) => one.host),
          '  ',
        )}\n`,
      ];
    return [`${head}${renderAlike(hosts)}`];
  });
  const counts = verdictOrder.flatMap((verdict) => {
    const count = verdicts.filter((one) => one.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  const asked = verdicts
    .filter(({ verdict }) => verdict !== 'skipped')
    .map(({ host, verdict, failure }) => ({
      address: addresses.get(host) ?? '',
      code: verdict === 'unreachable' ? (failure?.code ?? null) : null,
    }));
  return `${groups.join('')}\n${renderSilentNetworks(asked)}Summary: ${counted(verdicts.length, 'host')}: ${counts.toReversed().join(', ')}.\n`;
}

/** Five hundred hosts that failed alike are one paragraph. */
function renderAlike(verdicts: readonly HostVerdict[]): string {
  const groups = new Map<string, HostVerdict[]>();
  for (const one of verdicts) {
    const words = wordsForAnyHost(one);
    const alike = groups.get(words);
    if (alike === undefined) groups.set(words, [one]);
    else alike.push(one);
  }
  return [...groups]
    .map(([words, alike]) => {
      const [first] = alike;
      if (first !== undefined && alike.length === 1) return renderVerdict(first);
      const names = alike.map((one) => one.host);
      return `${wrapNames(names, '  ')}:\n${words}`;
    })
    .join('');
}

function wordsForAnyHost({ detail, failure }: HostVerdict): string {
  if (failure?.message === detail) return renderHostFailure(failure, null, '    ');
  return `${wrapText(detail, '    ', '    ')}\n${renderFix(failure)}`;
}

function renderVerdict({ host, detail, failure }: HostVerdict): string {
  const head = `${wrapText(detail, `  ${host}: `, '    ')}\n`;
  return failure !== null && failure.hint !== null && failure.message === detail
    ? `  ${host}:\n${renderHostFailure(failure, host, '    ')}`
    : `${head}${renderFix(failure)}`;
}

/** Where no fix is known, its page names the usual ones. */
function renderFix(failure: HostVerdict['failure']): string {
  if (failure === null) return '';
  const { hint, code } = failure;
  return hint === null
    ? `    more: fencepost explain ${code}\n`
    : `${wrapText(`${hint} [${code}]`, '    fix: ', '      ')}\n`;
}

export interface ListedRun {
  readonly run: string;
  /** As far as the journal can be read; null when not even its first record can. */
  readonly outline: RunOutline | null;
  /** What is wrong with its journal; null when nothing is. */
  readonly problem: string | null;
  /** Oldest first. */
  readonly rolledBackBy: readonly RollbackSummary[];
}

/** A line per run, newest last; below them what is wrong with which journal. */
/** `width`: of the terminal; left out: there is none. */
export function renderRuns(runs: readonly ListedRun[], width?: number, linkRun = (run: string) => run): string {
  if (runs.length === 0) return 'No runs yet.\n';
  const rows = runs.map(({ run, outline, problem, rolledBackBy }) => {
    if (outline === null) return [linkRun(run), problem ?? 'unreadable'];
    const { started } = outline;
    const what = started.kind === 'rollback' ? `rollback of ${started.of ?? '?'}` : 'apply';
    const state = problem === null ? [runState(outline), renderRunCounts(outline)] : ['JOURNAL DAMAGED', 'see below'];
    const by = rolledBackBy.map(describeRollback).join('; ');
    return [
      linkRun(run),
      what,
      // On a terminal it may be broken between day and time; a script finds it as ever.
      `${started.at.slice(0, 19).replace('T', width === undefined ? 'T' : ' ')}Z`,
      started.operator.user,
      ...state,
      ...(by === '' ? [] : [by]),
    ];
  });
  const damaged = runs.flatMap(({ run, outline, problem }) =>
    outline === null || problem === null ? [] : [`${wrapText(`the journal of ${run} is ${problem}`, '! ', '  ')}\n`],
  );
  const head = ['RUN', 'WHAT', 'STARTED', 'BY', 'STATE', 'HOSTS'];
  const isAnyBack = rows.some((row) => row.length > head.length);
  const table = renderFittingTable([isAnyBack ? [...head, 'ROLLED BACK BY'] : head, ...rows], width);
  return `${table}${damaged.length === 0 ? '' : '\n'}${damaged.join('')}`;
}

/** `20261205-220114-4f9a1c (2 of 3 hosts)`: of the hosts that the rollback was about. */
function describeRollback({ run, finished, hosts, rolledBack }: RollbackSummary): string {
  return `${run} (${rolledBack} of ${counted(hosts, 'host')}${finished ? '' : ', not finished'})`;
}

function runState({ finished, stopping }: RunOutline): string {
  if (finished !== null) return stopping === null ? 'finished' : 'stopped early';
  return 'not finished';
}

function renderRunCounts({ verdicts, inChange }: RunOutline): string {
  const counts = verdictOrder.flatMap((verdict) => {
    const count = verdicts.filter((one) => one.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return [...(inChange.length > 0 ? [`${inChange.length} being changed when it died`] : []), ...counts].join(', ');
}

/** One event as a line of `runs show`, or of a run under way; null for what needs no line. */
export function renderEvent(event: RunEvent): string | null {
  const text = renderEventSentence(event);
  return text === null ? null : `${event.at.slice(11, 19)}  ${text}\n`;
}

const guardWords: Readonly<Record<GuardState, string>> = {
  planned: 'is to be armed',
  armed: 'armed',
  extended: 'extended: its time counts from now',
  'called-off': 'called off',
  gone: 'is gone: it has run, was called off, or somebody deleted it',
  fired: 'has run: the host undid the changes by itself',
};

/** The last step of its line is the start. */
function describeOutage(outage: OutageIntent | undefined): string {
  if (outage === undefined) return '';
  return `; the same command line takes ${counted(outage.then.length - 1, 'further step')} and starts the service again`;
}

function renderEventSentence(event: RunEvent): string | null {
  switch (event.type) {
    case 'run-started':
      return `run ${event.run} started by ${event.operator.user} on ${event.operator.machine}: ${event.kind === 'rollback' ? `rollback of ${event.of ?? '?'}` : event.playbook.name}, ${counted(event.hosts.length, 'host')}${event.approvals === undefined ? '' : `; ${nameApprovals(event.approvals)}`}`;
    case 'run-resumed':
      return `resumed by ${event.operator.user} on ${event.operator.machine}`;
    case 'batch-started':
      return `batch ${event.batch} of ${event.of}: ${counted(event.hosts.length, 'host')}`;
    case 'shell-opened':
      return null;
    case 'host-started':
      return `${event.host}: undo saved, ${counted(event.steps.length, 'step')}`;
    case 'guard':
      return `${event.host}: guard ${event.task} ${guardWords[event.state]}`;
    case 'command-planned':
      return `${event.host}: ${event.line}${describeOutage(event.outage)}`;
    case 'command-finished':
      return `${event.host}: exit code ${event.exitCode}${event.text.trim() === '' ? '' : `, "${event.text.trim().replaceAll(/\s+/g, ' ')}"`}`;
    case 'command-lost':
      return `${event.host}: ${event.effect === 'none' ? 'not sent' : 'answer lost, checking the host'}: ${event.failure.message}`;
    case 'step-finished':
      return `${event.host}: step ${event.step} ${event.direction === 'undo' ? 'undo: ' : ''}${event.result}`;
    case 'host-finished':
      return `${event.host}: ${event.verdict}: ${event.detail}`;
    case 'batch-finished':
      return `batch ${event.batch} finished, ${event.failed} failed`;
    case 'run-stopping':
      return `starting no new hosts: ${event.reason}`;
    case 'run-finished':
      return 'run finished';
  }
}
