// What a run may have left on a host: shells that nothing tells to be gone, and the line of an outage (outage.ts) that was sent and is not known
// to have finished. The one rule that the engine and the journal's readers follow. Pure.
import type { OpenLine } from '../history.ts';
import type { RunEvent } from '../outcome.ts';
import type { Step } from '../plan.ts';

type Happening = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;

/** The host's open line after this event; `at`: when that happened. */
export function followLine(
  line: OpenLine | null,
  event: Happening,
  at: string,
  findStep: (number: number) => Step | undefined,
): OpenLine | null {
  switch (event.type) {
    case 'command-planned': {
      const stop = findStep(event.step);
      if (event.outage === undefined || stop?.kind !== 'service') return null;
      const { service, listensOn } = stop;
      return { sentAt: at, boundMs: event.outage.boundMs, service, listensOn };
    }
    case 'command-finished':
      // Its answer comes when it has finished.
      return null;
    case 'command-lost':
      return event.effect === 'none' ? null : line;
    case 'step-finished':
      return event.result === 'in-doubt' ? line : null;
    default:
      return line;
  }
}

/** The shells of one host that may be there after this event of it. */
export function followShells(shells: readonly string[], event: Happening): readonly string[] {
  if (event.type === 'shell-opened') return [...shells, event.shellId];
  if (event.type !== 'host-finished') return shells;
  // A verdict on a host that was lost ends no shell: whoever opened it may be asleep. In one that is in doubt, what was sent may still run or begin.
  const mayBeThere = event.verdict === 'in-doubt' || event.failure?.code === 'run/lease-lost';
  return mayBeThere ? shells : [];
}
