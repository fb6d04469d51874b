// What a run may have left on one host when the host was taken from it: shells into which it may still send, and a line that may still run.
// Told from the run's own records of that host. Pure.
import { Failure } from '../../model/failure.ts';
import type { LeftOnHost, OpenLine } from '../../model/history.ts';
import type { RunEvent } from '../../model/outcome.ts';
import type { Step } from '../../model/plan.ts';
import { followLine, followShells } from '../../model/rules/left-on-host.ts';

interface LeftFollower {
  /** The next event of the run. */
  event(event: RunEvent): void;
  left(): Omit<LeftOnHost, 'run'>;
}

export function followLeft(host: string): LeftFollower {
  let shells: readonly string[] = [];
  let line: OpenLine | null = null;
  let steps: readonly Step[] = [];
  return {
    event(event) {
      if (!('host' in event) || event.host !== host) return;
      shells = followShells(shells, event);
      if (event.type === 'host-started') ({ steps } = event);
      line = followLine(line, event, event.at, (number) => steps.find((one) => one.number === number));
    },
    left: () => ({ shells, line }),
  };
}

/** Nobody can say what it left. */
export function leftUnread(run: string, host: string, problem: string): Failure {
  return new Failure(
    'run/left-behind',
    `this host was taken from run ${run}, and what that left on it is unknown: ${problem}`,
    {
      where: host,
      hint: `nothing was sent. Look at that run first: fencepost runs show ${run}`,
    },
  );
}
