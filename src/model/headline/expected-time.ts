// How long a run over these batches takes when nothing fails: as run/fleet/pool.ts fills its places, with bonds between hosts. Pure. It counts
// no waiting for a slow host, no undo, and no person who is asked between batches.
import type { Strategy } from '../strategy.ts';

export interface TimedHost {
  readonly durationMs: number;
  /** Hosts with the same one are never changed at the same time. */
  readonly exclusiveGroup: string | null;
}

export function expectRunMs(
  batches: readonly (readonly TimedHost[])[],
  { concurrency, pauseMs }: Pick<Strategy, 'concurrency' | 'pauseMs'>,
): number {
  const pauses = Math.max(0, batches.length - 1) * pauseMs;
  return batches.reduce((sum, hosts) => sum + expectBatchMs(hosts, concurrency), pauses);
}

function expectBatchMs(hosts: readonly TimedHost[], concurrency: number): number {
  const waiting = [...hosts];
  let open: { readonly endsMs: number; readonly group: string | null }[] = [];
  let nowMs = 0;
  while (waiting.length > 0 || open.length > 0) {
    const groups = new Set(open.flatMap(({ group }) => group ?? []));
    while (open.length < concurrency) {
      const at = waiting.findIndex(({ exclusiveGroup }) => exclusiveGroup === null || !groups.has(exclusiveGroup));
      const [host] = at === -1 ? [] : waiting.splice(at, 1);
      if (host === undefined) break;
      open.push({ endsMs: nowMs + host.durationMs, group: host.exclusiveGroup });
      if (host.exclusiveGroup !== null) groups.add(host.exclusiveGroup);
    }
    nowMs = Math.min(...open.map(({ endsMs }) => endsMs));
    open = open.filter(({ endsMs }) => endsMs > nowMs);
  }
  return nowMs;
}
