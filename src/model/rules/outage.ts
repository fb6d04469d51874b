// The steps of a host that one command line can carry out: a service is stopped, its ranges are added, it is started again. Such a line
// does all of it whatever becomes of the connection. Which steps these are is told by the steps alone, so that the engine, the journal and
// its readers mean the same. Pure; the line itself is windows/outage-line.ts.
import type { CommandGoal } from '../outcome.ts';
import type { ExclusionStep, ServiceStep, Step } from '../plan.ts';

/** No such line takes longer on its host, whatever becomes of the connection: windows/outage-line.ts is held to it by a test. */
export const longestLineMs = 10 * 60_000;

export interface Outage {
  readonly stop: ServiceStep;
  readonly exclusions: readonly ExclusionStep[];
  readonly start: ServiceStep;
}

/**
 * The outage that a stop begins; null: its steps are sent one after the other. A stop that depends on what Windows answers, a range that is
 * half there (and may have to be replaced), and the steps of a rollback are decided between commands.
 */
export function findOutage(stop: Step, steps: readonly Step[]): Outage | null {
  if (stop.kind !== 'service' || stop.verb !== 'stop' || stop.undoes || stop.when !== undefined) return null;
  const exclusions: ExclusionStep[] = [];
  for (const step of steps.slice(steps.findIndex((one) => one.number === stop.number) + 1)) {
    if (step.kind === 'service') {
      const isItsStart = step.verb === 'start' && step.service === stop.service && !step.undoes;
      return isItsStart && exclusions.length > 0 ? { stop, exclusions, start: step } : null;
    }
    if (step.kind !== 'exclusion' || !isPlainAdd(step)) return null;
    exclusions.push(step);
  }
  return null;
}

function isPlainAdd({ undoes, before, after }: ExclusionStep): boolean {
  return !undoes && !before.active && !before.persistent && after.active && after.persistent;
}

/** In the order in which the line carries them out. */
export function listSteps({ stop, exclusions, start }: Outage): readonly (ServiceStep | ExclusionStep)[] {
  return [stop, ...exclusions, start];
}

/** What the line is to bring about for one of its steps. The commands of a range count as one, for both stores. */
export function makeGoal(step: ServiceStep | ExclusionStep): CommandGoal {
  return step.kind === 'service'
    ? { kind: 'service', running: step.verb === 'start' }
    : { kind: 'exclusion', store: 'persistent', present: true };
}
