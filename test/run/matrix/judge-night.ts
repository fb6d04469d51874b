// What a night of the matrix came to, by the machine alone, and whether what its processes said of it was true when they said it.
import { outageBoundMs } from '../../../src/facts/outage.ts';
import { findService } from '../../../src/lab/machine/service-control.ts';
import type { Machine } from '../../../src/lab/machine/machine.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { HostVerdict, Verdict } from '../../../src/model/outcome.ts';
import { difference, essenceOf, notAsDesired } from '../../support/machine-state.ts';
import { untouchedVerdicts } from '../../support/untouched-verdicts.ts';
import type { Ending, NightOutcome, Who } from './night.ts';

export interface Expectation {
  readonly before: Machine;
  readonly desired: Desired;
  readonly service: string;
  readonly guard: 'none' | 'run' | 'person';
  /** The outage is one command line, so that it ends by itself. */
  readonly isOneLine: boolean;
}

export interface Judgement {
  readonly end: 'before' | 'desired' | 'between';
  readonly isServiceUp: boolean;
  /** A restart of Windows leaves a Manual service stopped, with Fencepost or without. */
  readonly isDownByWindows: boolean;
  readonly longestDownMs: number;
  readonly problems: readonly string[];
}

const restartOrSomebody = 'stopped by somebody else, or by a restart of Windows';
const restored: readonly Verdict[] = [...untouchedVerdicts, 'undone-by-host'];

export function judgeNight(night: NightOutcome, comes: Who, expected: Expectation): Judgement {
  const { host, endings } = night;
  const { before, desired, service, guard, isOneLine } = expected;
  const { machine, longestDownMs, wasRestarted, wasDownAtBoot } = host;
  const isDesired = notAsDesired(machine, desired).length === 0;
  const isBefore = tablesDiffer(before, machine).length === 0;
  const end = isDesired ? 'desired' : isBefore ? 'before' : 'between';
  const isServiceUp = findService(machine, service)?.state === 'running';
  const isManual = findService(machine, service)?.startType !== 'automatic';
  const isCovered = guard !== 'none' || comes !== 'nobody';
  const isDownByWindows = !isServiceUp && isManual && wasRestarted && !(wasDownAtBoot && isCovered);
  const problems: string[] = [];
  if (!night.happened) problems.push('it did not happen');
  if (end === 'between' && isCovered) problems.push(`neither: ${tablesDiffer(before, machine).join(' ')}`);
  const last = endings.at(-1);
  const isLeftAlone = wasRestarted && !wasDownAtBoot && isManual && last !== undefined && isUndecidable(last, expected);
  if (end === 'desired' && comes === 'rollback' && !isLeftAlone) problems.push('as desired after a rollback');
  if (comes === 'rollback' && !isLeftAlone && last?.verdicts.some((one) => one.verdict === 'conflict') === true) {
    problems.push('a conflict, and nobody else changed anything');
  }
  if (!isServiceUp && !isDownByWindows && (isOneLine || isCovered)) problems.push('the service is down');
  if (machine.tasks.length > 0) problems.push(`${machine.tasks.map((one) => one.path).join(' ')} is left`);
  // What a restart ends between writing the guard's file and deleting it is left in the folder for temporary files.
  const files = Object.keys(machine.files);
  if (files.length > 0 && !wasRestarted) problems.push(`${files.join(' ')} is left`);
  if (isOneLine && comes === 'nobody' && !isDownByWindows && longestDownMs > outageBoundMs) {
    problems.push(`the service was down for ${longestDownMs} ms`);
  }
  problems.push(...endings.flatMap((one) => judgeEnding(one, expected)), ...judgeSilence(night, expected));
  return { end, isServiceUp, isDownByWindows, longestDownMs, problems };
}

/**
 * The run had finished its work and had the service running again, and the restart stopped it. Windows keeps no record that netsh or sc
 * show of who stopped a service, so for the rollback an operator may have done it, and whatever it names besides would be wrong.
 */
function isUndecidable({ what, verdicts, machine }: Ending, { desired, service }: Expectation): boolean {
  const [told, ...others] = verdicts;
  return (
    what === 'rollback' &&
    others.length === 0 &&
    told?.verdict === 'conflict' &&
    told.detail === `${service} was running when the run finished and is now stopped: ${restartOrSomebody}` &&
    notAsDesired(machine, desired).length === 0 &&
    findService(machine, service)?.state === 'stopped'
  );
}

/** Of a host that answered: a service that ran before and does not now is named, whoever stopped it. */
function judgeSilence({ endings }: NightOutcome, { service }: Expectation): readonly string[] {
  const before = new Set(endings.filter((one) => one.what === 'apply').flatMap((one) => one.verdicts.map(sayVerdict)));
  return endings.flatMap(({ what, verdicts, machine }) => {
    if (what === 'apply' || findService(machine, service)?.state === 'running') return [];
    // What an earlier life has settled is told once more, and its host not asked.
    return verdicts
      .filter((one) => !one.detail.includes(service) && !before.has(sayVerdict(one)))
      .map((one) => `${what} says ${sayVerdict(one)}, but not that the service is down`);
  });
}

const sayVerdict = ({ verdict, detail }: HostVerdict): string => `${verdict} (${detail})`;

/** What was said, held against the machine in that moment. */
function judgeEnding(
  { what, verdicts, failure, machine }: Ending,
  { before, desired }: Expectation,
): readonly string[] {
  const problems = failure === null ? [] : [`${what}: ${failure.code} ${failure.message}`];
  for (const { verdict, detail } of verdicts) {
    const about = `${what} says ${verdict} (${detail})`;
    const mustBeDesired = what !== 'rollback' && verdict === 'changed';
    if (mustBeDesired) problems.push(...notAsDesired(machine, desired).map((one) => `${about}, but ${one}`));
    const mustBeBefore = what === 'rollback' ? /^(?:changed|unchanged)$/.test(verdict) : restored.includes(verdict);
    if (mustBeBefore) problems.push(...tablesDiffer(before, machine).map((one) => `${about}, but ${one}`));
  }
  return problems;
}

function tablesDiffer(before: Machine, now: Machine): readonly string[] {
  return difference(essenceOf(before, false), essenceOf(now, false));
}
