// A connector that first deletes what a dead run left on a host: its shells count against the account's quota and keep processes alive
// until they time out. A line of the run that stops a service and starts it again may still be at work in one: then the host is asked until it
// has finished, for a shell's end is its end. Wraps the seam, so that no command has to think of it. What it cannot delete it
// leaves, silently; but where whoever opened it may be alive, or the answer to a change is missing that may still be on its way, nobody works on
// the host until it is gone.
import type { RunHistory } from '../../model/history.ts';
import type { Clock, Connector, SafeListener } from '../../model/seams.ts';
import type { Target } from '../../model/target.ts';
import { awaitLineApart, leftOfLine } from './open-line.ts';

interface OrphanSeams {
  readonly clock: Clock;
  readonly listener: Pick<SafeListener, 'progress'>;
  /** `isShared`: who wrote the run before may be alive, elsewhere and asleep. */
  readonly store: { readonly isShared?: boolean };
}

/** The same connector; the first session on each host deletes the shells that the run, now dead, may have left there. */
export function closeOrphanedShells(
  connector: Connector,
  { openShells, openLines, hosts }: Pick<RunHistory, 'openShells' | 'openLines' | 'hosts'>,
  { clock, listener, store }: OrphanSeams,
): Connector {
  const left = new Map(Object.entries(openShells));
  const lines = new Map(Object.entries(openLines ?? {}));
  const inDoubt = new Set(hosts.filter(({ steps }) => steps.some((step) => step.inDoubt)).map((one) => one.host));
  return {
    async connect(target, options) {
      const { name } = target;
      const line = lines.get(name);
      if (line !== undefined && leftOfLine(line, clock) > 0) {
        const asked = options?.signal === undefined ? {} : { signal: options.signal };
        await awaitLineApart(() => connector.connect(target, asked), name, line, { clock, listener }, asked);
      }
      lines.delete(name);
      const leftBehind = left.get(name);
      if (leftBehind === undefined) return connector.connect(target, options);
      const own = { ...options, leftBehind: [...(options?.leftBehind ?? []), ...leftBehind] };
      // What its shells still did after all would be nobody's: it is not worked on as long as they may be there. Else they are tried once.
      const mustEndLeft = store.isShared === true || inDoubt.has(name);
      if (!mustEndLeft) left.delete(name);
      const session = await connector.connect(target, { ...own, mustEndLeft });
      left.delete(name);
      return session;
    },
  };
}

/** How long the dead run's line may keep whoever connects to the host waiting. */
export function findLineWait(
  { openLines = {} }: Pick<RunHistory, 'openLines'>,
  clock: Clock,
): (target: Target) => number {
  return ({ name }) => {
    const line = openLines[name];
    return line === undefined ? 0 : Math.max(0, leftOfLine(line, clock));
  };
}
