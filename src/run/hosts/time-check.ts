// Asks, right before a command is sent, whether there is time for what it opens: the first change of a host, and each stop of a service. What
// ends an outage is never refused.
import { Failure } from '../../model/failure.ts';
import type { ServiceStep, Step } from '../../model/plan.ts';
import type { TimeLeft } from '../fleet/time-left.ts';

export interface TimeCheck {
  /** Before anything is written down about changing the host. */
  beforeHost(): Failure | null;
  /** Before a command of the step is sent: the Failure `run/out-of-time` when it has to stay unsent. */
  beforeStep(step: Step): Failure | null;
}

/** One for one host. Once a command was let through, only stops are asked about. */
export function createTimeCheck(host: string, steps: readonly Step[], times: TimeLeft): TimeCheck {
  // A service that is down already is brought back, whatever the time.
  let isOpen = steps.some((step) => endsEarlierOutage(step, steps));
  const refuseFirst = (): string | null => (isOpen ? null : times.refuseHost(steps, true));
  return {
    beforeHost() {
      const reason = refuseFirst();
      return reason === null ? null : outOfTime(host, reason);
    },
    beforeStep(step) {
      const isStop = step.kind === 'service' && step.verb === 'stop';
      const reason = refuseFirst() ?? (isStop ? refuseStop(step, steps, times) : null);
      if (reason !== null) return outOfTime(host, reason);
      isOpen = true;
      return null;
    },
  };
}

/** Whether the step starts a service that is down before the first step. */
export function endsEarlierOutage(step: Step, steps: readonly Step[]): boolean {
  if (step.kind !== 'service' || step.verb !== 'start') return false;
  return !steps.some((other) => other.kind === 'service' && other.verb === 'stop' && other.service === step.service);
}

function refuseStop(stop: ServiceStep, steps: readonly Step[], times: TimeLeft): string | null {
  const from = steps.findIndex((one) => one.number === stop.number);
  const end = steps.findIndex(
    (one, index) => index > from && one.kind === 'service' && one.verb === 'start' && one.service === stop.service,
  );
  const outage = steps.slice(from, end === -1 ? steps.length : end + 1);
  return times.refuseOutage(
    outage,
    steps.slice(0, from).filter((one) => one.kind === 'exclusion'),
  );
}

function outOfTime(host: string, reason: string): Failure {
  return new Failure('run/out-of-time', reason, {
    where: host,
    hint: 'plan this host again for the next window: fencepost plan --out FILE',
  });
}
