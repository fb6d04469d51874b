// Which service a run left down, as far as it knows: told by its journal for `status`, by the engine for the host's verdict. A service that
// somebody else stopped is not the run's: it is named, not started. Pure; asks no host.
import type { HostFacts, ServiceState } from '../facts.ts';
import type { HostHistory, StepHistory } from '../history.ts';
import type { Finding } from '../plan.ts';
import type { OwnedValue } from './claims.ts';
import { findService } from './port-owners.ts';

/** Which of the two, nothing on a host tells. */
const stoppedByOthers = 'stopped by somebody else, or by a restart of Windows';

/** Of a service that the run had running again. */
export function describeStoppedAfter(service: string, state: string): string {
  return `${service} was running when the run finished and is now ${state}: ${stoppedByOthers}`;
}

/** Of any that ran before the run and that nothing of the run's left stopped. */
export function describeStoppedSince(service: string): string {
  return `${service} ran before this run and was found stopped: ${stoppedByOthers}; not started`;
}

/** For whoever looks at a rollback of the host. `told`: what is said of it already. */
export function warnOfStopped(
  { steps }: Pick<HostHistory, 'steps'>,
  facts: HostFacts,
  told: readonly Pick<Finding, 'sentence'>[],
): readonly Finding[] {
  const isTold = (service: string): boolean =>
    told.some(({ sentence }) => sentence === describeStoppedAfter(service, 'stopped'));
  return listStoppedSince(steps, facts)
    .filter((service) => !isTold(service))
    .map((service) => ({
      severity: 'warning',
      code: 'changed-since',
      sentence: describeStoppedSince(service),
      hint: `start it if it should run: sc start ${service}`,
    }));
}

/** It ran before the run's command. `inDoubt`: the last look is older than that command, so that what it showed says nothing. */
export function isLeftDown(up: OwnedValue | undefined, inDoubt: boolean): boolean {
  return up?.claim?.before === true && (up.seen !== true || inDoubt);
}

/** Services that the run told to stop and that have not been seen running since; and those that it was to start again and did not. */
export function listServicesDown(steps: readonly StepHistory[]): readonly string[] {
  const down = steps.flatMap(({ step, ownership: { up }, inDoubt }) => {
    if (step.kind !== 'service') return [];
    const isNotStarted = step.undoes && step.verb === 'start' && up !== undefined && up.seen !== true;
    // sc answers before the service has stopped, and one that hangs there serves nobody.
    const isStopping = up?.claim?.before === true && findLastState(steps, step.service) === 'stop-pending';
    return isLeftDown(up, inDoubt) || isStopping || isNotStarted ? [step.service] : [];
  });
  return [...new Set(down)];
}

/** A host of a one-at-a-time group that a run left down, or perhaps down. */
export interface HostDown {
  readonly host: string;
  readonly group: string;
  /** At least one. */
  readonly services: readonly string[];
}

/** Of the hosts of a run, by their verdicts; by the journal where a host has none, or nobody who had it could say how it stands. */
export function listHostsDown(hosts: readonly HostHistory[]): readonly HostDown[] {
  return hosts.flatMap(({ host, exclusiveGroup: group, steps, verdict }) => {
    const isTold = verdict !== null && verdict.verdict !== 'in-doubt';
    const services = verdict?.down ?? (isTold ? [] : listServicesDown(steps));
    return group === null || services.length === 0 ? [] : [{ host, group, services }];
  });
}

function findLastState(steps: readonly StepHistory[], service: string): ServiceState | 'not-installed' | null {
  const shown = steps.flatMap(({ step, state }) =>
    step.kind === 'service' && step.service === service && state?.kind === 'service' ? [state.state] : [],
  );
  return shown.at(-1) ?? null;
}

/**
 * Services that the run found running and that are stopped now, though nothing of the run's left them so: somebody else stopped them, or a
 * restart of Windows did, which starts no Manual service.
 */
export function listStoppedSince(steps: readonly StepHistory[], facts: HostFacts | null): readonly string[] {
  if (facts === null) return [];
  const leftDown = listServicesDown(steps);
  const stopped = steps.flatMap(({ step, ownership: { up } }) => {
    const hasRun = step.kind === 'service' && step.verb === 'stop' && !step.undoes;
    if (!hasRun || (up?.claim ?? null) !== null || leftDown.includes(step.service)) return [];
    const now = findService(facts, step.service);
    return now?.installed === true && now.state === 'stopped' ? [step.service] : [];
  });
  return [...new Set(stopped)];
}
