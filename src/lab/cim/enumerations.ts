// Enumerations that are under way: what is left of each, under the context that its next Pull must name. A context is good for one Pull
// and expires when no Pull comes in time. It knows nothing of SOAP. Source: DSP0226 section 8; EnumerationTimeoutms (wsman.md section 2.10).
import type { LabClock } from '../lab-clock.ts';

/** EnumerationTimeoutms of current servers. */
const idleMs = 240_000;

interface Enumeration {
  /** Instances, ready to be written. */
  readonly left: readonly string[];
  /** A Pull must repeat it (2150859181). */
  readonly maxElements: number;
}

export interface EnumerationTable {
  readonly count: number;
  /** The context under which this goes on. */
  keep(enumeration: Enumeration): string;
  /** Takes it out; null: unknown, finished, released, or left alone for too long. */
  take(context: string): Enumeration | null;
}

export function createEnumerationTable(clock: LabClock, newGuid: () => string): EnumerationTable {
  const open = new Map<string, Enumeration & { readonly sinceMs: number }>();

  function forgetIdle(): void {
    for (const [context, one] of open) if (clock.elapsedMs() - one.sinceMs > idleMs) open.delete(context);
  }

  return {
    get count() {
      forgetIdle();
      return open.size;
    },
    keep(enumeration) {
      const context = `uuid:${newGuid()}`;
      open.set(context, { ...enumeration, sinceMs: clock.elapsedMs() });
      return context;
    },
    take(context) {
      forgetIdle();
      const found = open.get(context) ?? null;
      open.delete(context);
      return found;
    },
  };
}
