// Which service a run left down, as far as it knows: told by its journal for `status`, by the engine for the host's verdict. A service that
// somebody else stopped is not the run's. Pure; asks no host.
import type { StepHistory } from '../history.ts';
import type { OwnedValue } from './claims.ts';

/** It ran before the run's command. `inDoubt`: the last look is older than that command, so that what it showed says nothing. */
export function isLeftDown(up: OwnedValue | undefined, inDoubt: boolean): boolean {
  return up?.claim?.before === true && (up.seen !== true || inDoubt);
}

/** Services that the run told to stop and that have not been seen running since; and those that it was to start again and did not. */
export function listServicesDown(steps: readonly StepHistory[]): readonly string[] {
  const down = steps.flatMap(({ step, ownership: { up }, inDoubt }) => {
    if (step.kind !== 'service') return [];
    const isNotStarted = step.undoes && step.verb === 'start' && up !== undefined && up.seen !== true;
    return isLeftDown(up, inDoubt) || isNotStarted ? [step.service] : [];
  });
  return [...new Set(down)];
}
