// Targets in = verdicts out. Every host is laid out as not reached first and overwritten by what became of it.
import type { HostVerdict, Verdict } from '../../model/outcome.ts';

export interface Ledger {
  /** Throws when the host isn't in the ledger: a verdict for a host nobody selected is a bug. */
  settle(verdict: HostVerdict): void;
  /** Whether the host has a verdict of its own. */
  isSettled(host: string): boolean;
  /** One per host, in the order laid out. */
  verdicts(): readonly HostVerdict[];
  counts(): Readonly<Partial<Record<Verdict, number>>>;
}

export function createLedger(hosts: readonly string[]): Ledger {
  const entries = new Map<string, HostVerdict>(
    hosts.map((host) => [host, { host, verdict: 'skipped', detail: 'the run stopped first', failure: null }]),
  );
  const settled = new Set<string>();
  return {
    isSettled: (host) => settled.has(host),
    settle(verdict) {
      if (!entries.has(verdict.host)) throw new Error(`a verdict for ${verdict.host}, which was not selected`);
      settled.add(verdict.host);
      entries.set(verdict.host, verdict);
    },
    verdicts: () => [...entries.values()],
    counts() {
      const counts: Partial<Record<Verdict, number>> = {};
      for (const { verdict } of entries.values()) counts[verdict] = (counts[verdict] ?? 0) + 1;
      return counts;
    },
  };
}
