// How a run stands, on one screen: what is wrong first, hosts that stand alike together, the next command last.
import type { Verdict } from '../../model/outcome.ts';
import type { RunStatus, HostStanding } from '../../model/run-status.ts';
import { describeMissing } from '../../model/text/site-words.ts';
import { joinAlike } from '../../model/text/merge-alike.ts';
import { counted } from '../../model/text/counted.ts';
import { wrapNames, wrapText } from './table.ts';

export function renderRunStatus(status: RunStatus): string {
  const { run, kind, of, startedAt, isFinished, stopping, damage, hosts, runners = [], waitingFor = [], next } = status;
  const what = kind === 'rollback' ? `rollback of ${of ?? '?'}` : 'apply';
  const end = isFinished ? 'finished' : 'NOT FINISHED: still under way, or its process died';
  const head = `Run ${run} (${what}, started ${startedAt}): ${end}\n`;
  const early = stopping === null ? '' : wrapText(`stopped early: ${stopping}`, '  ', '  ') + '\n';
  const broken =
    damage === null ? '' : `${wrapText(`its journal is ${damage}; what follows is not known`, '! ', '  ')}\n`;
  const atWork = runners.map(
    ({ by, since, coordinates, hosts: own }) =>
      `${wrapText(`${by} since ${since}${coordinates && runners.length > 1 ? ', coordinates' : ''}${own.length === 0 ? '' : `: ${own.map((one) => `${one.host} since ${one.since}`).join(', ')}`}`, '  ', '    ')}\n`,
  );
  const waits = waitingFor.map((one) => `${wrapText(describeMissing(one), '  ', '    ')}\n`);
  // Its steps may all have been done: the run failed on it afterwards, and could not take them back.
  const isUnsettled = (one: HostStanding, verdict: Verdict): boolean =>
    kind === 'apply' && one.verdict === verdict && one.rolledBackBy === null;
  const groups = [
    ...waits,
    ...(atWork.length === 0
      ? []
      : [`at work now (${atWork.length === 1 ? '1 process' : `${String(atWork.length)} processes`}):\n`, ...atWork]),
    listHosts('DOWN NOW, as far as the journal knows', hosts, (one) =>
      one.down
        .filter((service) => service !== one.restart?.service)
        .map((service) => `${service}: told to stop, not seen running since`),
    ),
    listHosts('MAY BE DOWN NOW, its own command starts it again', hosts, ({ restart }) =>
      restart === undefined ? [] : [`${restart.service}: by ${restart.until} at the latest; not seen running since`],
    ),
    listHosts('IN DOUBT', hosts, (one) =>
      isUnsettled(one, 'in-doubt') ? [...one.inDoubt, ...one.changed] : one.inDoubt,
    ),
    listHosts('NOT BACK', hosts, (one) => one.notBack),
    nameHosts('being changed when the journal ends', hosts, (one) => one.isStarted && one.verdict === null),
    listHosts('FAILED, and not rolled back', hosts, (one) => (isUnsettled(one, 'failed-partial') ? one.changed : [])),
    listHosts(kind === 'rollback' ? 'done' : 'changed', hosts, (one) =>
      isUnsettled(one, 'in-doubt') || isUnsettled(one, 'failed-partial') ? [] : one.changed,
    ),
    listHosts('GUARD ARMED, as far as the journal knows', hosts, ({ guard }) =>
      guard === undefined ? [] : [`undoes the changes ${guard.withinMs / 60_000} min after ${guard.armedAt}`],
    ),
    nameHosts('undone by the host itself', hosts, (one) => one.verdict === 'undone-by-host'),
    nameHosts('rolled back', hosts, (one) => one.rolledBackBy !== null || one.verdict === 'rolled-back'),
    nameHosts('never started', hosts, isNeverStarted),
    nameHosts('nothing changed', hosts, (one) => isUntouched(one) && one.notBack.length === 0),
  ];
  const last = next === null ? 'Nothing is left to do for this run.' : `Next: ${next}`;
  return `${head}${early}${broken}\n${groups.join('')}\nThis is what the journal knows; no host was asked.\n${last}\n`;
}

function isNeverStarted({ isStarted, verdict }: HostStanding): boolean {
  return !isStarted && (verdict === null || verdict === 'skipped');
}

/** Settled without a change that is left, and in none of the other groups. */
function isUntouched(one: HostStanding): boolean {
  const isLeft = one.changed.length + one.inDoubt.length + one.down.length > 0;
  return (
    !isLeft &&
    one.verdict !== null &&
    !isNeverStarted(one) &&
    one.rolledBackBy === null &&
    one.verdict !== 'rolled-back' &&
    one.verdict !== 'undone-by-host'
  );
}

function nameHosts(title: string, hosts: readonly HostStanding[], isMeant: (one: HostStanding) => boolean): string {
  const names = hosts.filter(isMeant).map((one) => one.host);
  return names.length === 0 ? '' : `${title} (${counted(names.length, 'host')}):\n${wrapNames(names, '  ')}\n`;
}

function listHosts(
  title: string,
  hosts: readonly HostStanding[],
  what: (one: HostStanding) => readonly string[],
): string {
  const alike = new Map<string, string[]>();
  for (const one of hosts) {
    const words = joinAlike(what(one), ', ');
    if (words !== '') alike.set(words, [...(alike.get(words) ?? []), one.host]);
  }
  const count = [...alike.values()].flat().length;
  if (count === 0) return '';
  const lines = [...alike].map(([words, names]) => `${wrapNames(names, '  ')}:\n${wrapText(words, '    ', '    ')}\n`);
  return `${title} (${counted(count, 'host')}):\n${lines.join('')}`;
}
