// What a journal claims of a host, held against the machine itself. The rules are written from product.md's words for each verdict, not
// from the code that gives them.
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { HostHistory, RunHistory } from '../../src/model/history.ts';
import type { HostPlan } from '../../src/model/plan.ts';
import { difference, doubled, essenceOf, notAsDesired, presenceOn, settled } from '../support/machine-state.ts';
import { untouchedVerdicts } from '../support/untouched-verdicts.ts';

export interface Watched {
  readonly name: string;
  readonly machine: Machine;
  /** As it was before the run, with what others have done since. */
  readonly expected: Machine;
  readonly plan: HostPlan;
  /** Somebody changed what the plan rests on before it was applied. */
  readonly isStale: boolean;
  /** Somebody changed what the run had changed. */
  readonly isMeddledWith: boolean;
}

type Complain = (what: string) => void;

/** After an apply or a resume. */
export function checkHosts(
  watched: ReadonlyMap<string, Watched>,
  history: RunHistory,
  stage: string,
  complain: Complain,
): void {
  const selected = history.started.hosts.map((one) => one.host);
  for (const { host } of history.verdicts) if (!selected.includes(host)) complain(`${stage}: a verdict for ${host}`);
  if (history.finished !== null && history.verdicts.length !== selected.length) {
    complain(`${stage}: ${selected.length} hosts, ${history.verdicts.length} verdicts`);
  }
  for (const host of watched.values()) {
    const told = history.hosts.find((one) => one.host === host.name) ?? null;
    const said = history.verdicts.find((one) => one.host === host.name) ?? null;
    const about = `${stage}: ${host.name} ${said?.verdict ?? 'without a verdict'}`;
    for (const what of doubled(host.machine)) complain(`${about}: ${what}`);
    if (told === null || (said !== null && untouchedVerdicts.includes(said.verdict))) {
      const differs = difference(essenceOf(host.expected), essenceOf(host.machine));
      if (differs.length > 0) complain(`${about}, but it is not as it was: ${differs.join(' | ')}`);
    }
    if (said?.verdict === 'changed') {
      const missing = [...notAsDesired(host.machine, host.plan.desired), ...servicesLost(host)];
      if (missing.length > 0) complain(`${about}, but ${missing.join('; ')}`);
    }
    if (host.isStale && said?.verdict === 'changed' && host.plan.state === 'changes' && stage === 'apply') {
      complain(`${about}, but somebody had changed it since the plan`);
    }
    const isSure = said !== null && ['changed', 'rolled-back', 'failed-rolled-back'].includes(said.verdict);
    if (isSure && told !== null) for (const what of wrongSteps(host, told)) complain(`${about}: ${what}`);
  }
}

/** Services that ran before and do not now. */
function servicesLost(host: Watched): readonly string[] {
  const before = settled(host.expected);
  const now = settled(host.machine);
  return before.services.flatMap((was) => {
    const is = now.services.find((one) => one.name === was.name);
    return was.state === is?.state ? [] : [`${was.name} was ${was.state} and is ${is?.state ?? 'gone'}`];
  });
}

function wrongSteps(host: Watched, told: HostHistory): readonly string[] {
  return told.steps.flatMap(({ step, state, inDoubt }) => {
    if (inDoubt || state === null) return [];
    if (step.kind === 'service') {
      const is = host.machine.services.find((one) => one.name === step.service)?.state ?? 'not-installed';
      // The start came last; where all was taken back, it was the undo of the stop.
      const isLast = (step.verb === 'start') === (told.verdict?.verdict === 'changed');
      return isLast && state.kind === 'service' && state.state !== is && !isOnItsWay(is) && !isOnItsWay(state.state)
        ? [`step "${step.sentence}" says ${state.state}, it is ${is}`]
        : [];
    }
    if (step.kind === 'dynamic-range') return [];
    const is = presenceOn(host.machine, step.family, step.protocol, step.range);
    return state.kind === 'exclusion' && JSON.stringify(state.presence) !== JSON.stringify(is)
      ? [`step "${step.sentence}" says ${JSON.stringify(state.presence)}, it is ${JSON.stringify(is)}`]
      : [];
  });
}

/** A service seen on its way arrives without anybody asking. */
function isOnItsWay(state: string): boolean {
  return state.endsWith('-pending');
}

/**
 * After a rollback without mishaps every host is as it was. A host that somebody else meddled with may have been refused instead, and
 * then nothing at all was done to it. Returns how many hosts are not so.
 */
export function checkRestored(
  watched: ReadonlyMap<string, Watched>,
  stage: string,
  complain: Complain,
  before: ReadonlyMap<string, Machine> = new Map(),
  printed = '',
): number {
  let wrong = 0;
  for (const host of watched.values()) {
    // A service that never starts again stays down, whoever tries.
    const withServices = host.machine.quirks.scStartFails === null;
    const differs = difference(essenceOf(host.expected, withServices), essenceOf(host.machine, withServices));
    if (differs.length === 0) continue;
    const was = before.get(host.name);
    const isLeftAlone = was !== undefined && difference(essenceOf(was), essenceOf(host.machine)).length === 0;
    // Blocked is a refusal too: a service that somebody started holds a port that has to be reserved again.
    if (host.isMeddledWith && isLeftAlone && /changed-since|refused|held-by-own-service/.test(printed)) continue;
    // A Windows that refuses every add on a family takes no range back there either; one that refuses a persistent range over an active one
    // takes none back that was deleted by half. That is said, and all that can be done.
    const { refuseAdd, addPersistentOverActive } = host.machine.quirks;
    const isRefused = refuseAdd !== 'none' || addPersistentOverActive === 'refused';
    if (isRefused && /failed-partial/.test(printed)) continue;
    wrong += 1;
    complain(`${stage}: ${host.name} is not as it was: ${differs.join(' | ')}`);
  }
  return wrong;
}
