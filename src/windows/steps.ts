// A step's data -> its commands, their inverse and its sentence, and what a step may be about at all. The only place where they are made:
// plans, rollbacks and the loaders of plans and journals call it, so that nothing that stands in a file is ever sent or shown as it is.
import type {
  DynamicRangeStep,
  DynamicRangeStepData,
  ExclusionStep,
  ExclusionStepData,
  Presence,
  ServiceStep,
  ServiceStepData,
  Step,
  StepData,
  StepRange,
} from '../model/plan.ts';
import { containsPort, formatRange, sameRange } from '../model/port-range.ts';
import { describePresence } from '../model/presence.ts';
import type { Desired } from '../model/desired.ts';
import { isSettable } from '../model/rules/dynamic-range.ts';
import { setDynamicRange } from './dynamic-ports.ts';
import { commandsBetween } from './exclusion-commands.ts';
import { startService, stopService } from './services.ts';
import { samePresence } from './verdict.ts';

export const inBoth: Presence = { active: true, persistent: true };
export const inNone: Presence = { active: false, persistent: false };

/** Throws Failure `playbook/invalid` for a service whose name could be more than one word of a command. */
export function deriveStep(data: StepData): Step {
  if (data.kind === 'exclusion') return deriveExclusionStep(data);
  return data.kind === 'service' ? deriveServiceStep(data) : deriveDynamicRangeStep(data);
}

export function deriveExclusionStep(data: ExclusionStepData): ExclusionStep {
  const { before, after } = data;
  return {
    ...exclusionData(data),
    sentence: exclusionSentence(data),
    commands: commandsBetween(data.family, data, before, after),
    undo: commandsBetween(data.family, data, after, before),
  };
}

export function deriveServiceStep(data: ServiceStepData): ServiceStep {
  const { service, verb } = data;
  const stops = verb === 'stop';
  return {
    ...serviceData(data),
    sentence: serviceSentence(data),
    line: stops ? stopService(service) : startService(service),
    undo: stops ? startService(service) : null,
  };
}

export function deriveDynamicRangeStep(data: DynamicRangeStepData): DynamicRangeStep {
  const { undoes, family, protocol, before, after } = data;
  const what = `the ${protocol} dynamic range on ${family}`;
  return {
    ...dynamicRangeData(data),
    sentence: undoes
      ? `set ${what} back to ${formatRange(after)} (now ${formatRange(before)})`
      : `set ${what} to ${formatRange(after)} (now ${formatRange(before)})`,
    line: setDynamicRange(family, protocol, after),
    undo: setDynamicRange(family, protocol, before),
  };
}

/** The data alone, in the order of keys in which it is saved. */
export function stepData(step: StepData): StepData {
  if (step.kind === 'exclusion') return exclusionData(step);
  return step.kind === 'service' ? serviceData(step) : dynamicRangeData(step);
}

function exclusionData(data: ExclusionStepData): ExclusionStepData {
  const { kind, number, undoes, family, protocol, range, service, before, after } = data;
  return { kind, number, undoes, family, protocol, range, service, before, after };
}

function dynamicRangeData(data: DynamicRangeStepData): DynamicRangeStepData {
  const { kind, number, undoes, family, protocol, before, after } = data;
  return { kind, number, undoes, family, protocol, before, after };
}

function serviceData(data: ServiceStepData): ServiceStepData {
  const { kind, number, undoes, service, verb, ranges, listensOn, when } = data;
  return { kind, number, undoes, service, verb, ranges, listensOn, ...(when === undefined ? {} : { when }) };
}

function exclusionSentence({ undoes, family, protocol, range, service, before, after }: ExclusionStepData): string {
  const what = `${protocol} ${formatRange(range)} on ${family}`;
  if (undoes) {
    if (samePresence(after, inNone)) return `release ${what} again`;
    return samePresence(after, inBoth) ? `reserve ${what} again` : `leave ${what} ${describePresence(after)} again`;
  }
  if (samePresence(after, inNone)) return `release ${what}`;
  const reserved = service === null ? what : `${what} for ${service}`;
  if (before.active) return `make permanent ${reserved} (now reserved until the next boot only)`;
  if (before.persistent) return `put in force ${reserved} (now reserved from the next boot only)`;
  return `reserve ${reserved}`;
}

function serviceSentence({ undoes, service, verb, ranges, when }: ServiceStepData): string {
  if (verb === 'start') {
    if (undoes) return `start ${service} again, which the run stopped`;
    return when === undefined ? `start ${service} again` : `start ${service} again if it was stopped`;
  }
  const held = ranges.map(({ protocol, range }) => `${protocol} ${formatRange(range)}`).join(', ');
  if (when === 'undo') return `only to undo the release of ${held}: stop ${service}, and start it again afterwards`;
  const condition = when === 'refused' ? ', only if Windows refuses the missing half while the port is open' : '';
  return `stop ${service}, which holds ${held}${condition}`;
}

/** Why these can't be the steps of a host of which this is desired; null when they can. For steps that no facts vouch for. */
export function findForeignStep(steps: readonly StepData[], desired: Desired): string | null {
  if (new Set(steps.map((one) => one.number)).size < steps.length) return 'two steps have one number';
  for (const step of steps) {
    const problem = whyNot(step, desired);
    if (problem !== null) return `step ${step.number}: ${problem}`;
  }
  return null;
}

function whyNot(step: StepData, desired: Desired): string | null {
  if (step.kind === 'exclusion') return whyNotExclusion(step, desired);
  return step.kind === 'service' ? whyNotService(step, desired) : whyNotDynamicRange(step, desired);
}

function whyNotDynamicRange(step: DynamicRangeStepData, { dynamicRange }: Desired): string | null {
  const { undoes, family, protocol, before, after } = step;
  if (sameRange(before, after)) return 'it changes nothing';
  if (dynamicRange?.protocol !== protocol || !dynamicRange.families.includes(family)) {
    return `the ${protocol} dynamic range on ${family} is not desired`;
  }
  if (!isSettable(before) || !isSettable(after)) return 'Windows does not set such a range';
  return undoes || sameRange(after, dynamicRange.range) ? null : 'it does not lead to the desired state';
}

function whyNotExclusion({ undoes, family, service, before, after, ...at }: ExclusionStepData, desired: Desired) {
  if (samePresence(before, after)) return 'it changes nothing';
  const asked = desired.exclusions.find(
    (one) => isSameRange(one, at) && one.families.includes(family) && one.service === service,
  );
  if (asked === undefined) return `${at.protocol} ${formatRange(at.range)} on ${family} is not desired`;
  const goal = asked.presence === 'present' ? inBoth : inNone;
  return undoes || samePresence(after, goal) ? null : 'it does not lead to the desired state';
}

function whyNotService(
  { undoes, verb, service, ranges, listensOn, when }: ServiceStepData,
  desired: Desired,
): string | null {
  const own = desired.exclusions.filter((one) => one.service === service);
  if (own.length === 0) return `the service ${service} is not among those that ports are desired for`;
  if (desired.whenHeldByOwnService !== 'restart')
    return `${service} may not be restarted: the playbook does not allow it`;
  if (undoes && verb === 'stop') return 'a rollback stops no service to undo a start';
  if (when === 'undo' && verb === 'start') return 'a service that is stopped only to undo is not started otherwise';
  const strange = ranges.find((range) => !own.some((one) => isSameRange(one, range)));
  if (strange !== undefined) return `${strange.protocol} ${formatRange(strange.range)} is not desired for ${service}`;
  const strangePort = listensOn.find(({ port }) => !ranges.some(({ range }) => containsPort(range, port)));
  return strangePort === undefined ? null : `port ${strangePort.port} is in no range that is desired for ${service}`;
}

function isSameRange(one: StepRange, other: StepRange): boolean {
  return one.protocol === other.protocol && sameRange(one.range, other.range);
}
