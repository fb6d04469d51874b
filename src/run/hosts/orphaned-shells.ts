// A connector that first deletes what a dead run left on a host: its shells count against the account's quota and keep processes alive
// until they time out. Wraps the seam, so that no command has to think of it. What it cannot delete it leaves, silently.
import type { RunHistory } from '../../model/history.ts';
import type { Connector } from '../../model/seams.ts';

/** The same connector; the first session on each host deletes the shells that the run, now dead, may have left there. */
export function closeOrphanedShells(connector: Connector, { openShells }: Pick<RunHistory, 'openShells'>): Connector {
  const left = new Map(Object.entries(openShells));
  return {
    connect(target, options) {
      const leftBehind = left.get(target.name);
      left.delete(target.name);
      return connector.connect(target, leftBehind === undefined ? options : { ...options, leftBehind });
    },
  };
}
