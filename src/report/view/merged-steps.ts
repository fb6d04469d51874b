// Steps as a person reads them: those that differ in the address family only are one, and a stop with its start is one restart. Pure.
import type { ExclusionStep, Step } from '../../model/plan.ts';
import { chooseSign } from './step-sign.ts';

export interface MergedStep {
  /** The first of them. */
  readonly step: Step;
  readonly sentence: string;
}

/** `reserve tcp 9933 on ipv4 and ipv6` */
export function mergeFamilies(steps: readonly Step[]): readonly MergedStep[] {
  const lines = new Map<string, { step: Step; families: string[] }>();
  for (const step of steps) {
    const family = step.kind === 'service' ? '' : step.family;
    const key =
      family === '' ? `${step.number}` : `${chooseSign(step)} ${step.sentence.replace(` on ${family}`, ' on *')}`;
    const line = lines.get(key) ?? { step, families: [] };
    line.families.push(family);
    lines.set(key, line);
  }
  return [...lines.values()].map(({ step, families }) => {
    const [first = ''] = families;
    return { step, sentence: step.sentence.replace(` on ${first}`, ` on ${families.toSorted().join(' and ')}`) };
  });
}

/** All that will happen on a host, in one line: the ranges, then the services that are restarted for them. */
export function describeSteps(steps: readonly Step[]): readonly string[] {
  const exclusions = steps.flatMap((one) => (one.kind === 'exclusion' ? [withoutService(one)] : []));
  const dynamic = steps.filter((one) => one.kind === 'dynamic-range');
  const ranges = mergeFamilies([...exclusions, ...dynamic]).map((one) => one.sentence);
  const stops = steps.flatMap((one) =>
    one.kind === 'service' && one.verb === 'stop' && one.when !== 'undo' ? [one] : [],
  );
  const starts = steps.flatMap((one) => (one.kind === 'service' && one.verb === 'start' ? [one] : []));
  const restarts = stops.map(
    ({ service, when }) => `restart ${service}${when === 'refused' ? ' if Windows refuses' : ''}`,
  );
  const stopped = new Set(stops.map((one) => one.service));
  const alone = starts.filter((one) => !stopped.has(one.service)).map((one) => `start ${one.service}`);
  return [...ranges, ...restarts, ...alone];
}

/** The service that a range is for is worth a word where the step is shown, not in a line of many. */
function withoutService(step: ExclusionStep): ExclusionStep {
  return step.service === null ? step : { ...step, sentence: step.sentence.replace(` for ${step.service}`, '') };
}
