// Hosts of a fleet are alike: most have the same steps, the same tables, the same versions. Equal parts become one object, so that the plan
// of ten thousand hosts fits in memory. Pure: what a plan says is the same before and after.
import type { HostFacts } from '../model/facts.ts';
import type { HostPlan } from '../model/plan.ts';

export interface Sharing {
  facts(facts: HostFacts): HostFacts;
  plan(host: HostPlan): HostPlan;
}

/** Parts that differ from host to host are not worth remembering: what a fleet has alike shows early. */
const mostKnown = 4096;

/** Remembers distinct parts it has seen, for as long as it is itself remembered. */
export function createSharing(): Sharing {
  const known = new Map<string, unknown>();
  const one = <T>(part: T): T => {
    if (typeof part !== 'object' || part === null) return part;
    const key = JSON.stringify(part);
    const same = known.get(key);
    if (same === undefined && known.size < mostKnown) known.set(key, part);
    return (same ?? part) as T;
  };
  const each = <T extends object>(parts: T): T =>
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, one(part)])) as T;
  const facts = (found: HostFacts): HostFacts => {
    const { state } = found;
    const tables = state.exclusionTables.map(one);
    return { ...each(found), state: one({ ...state, exclusionTables: tables }) };
  };
  return {
    facts,
    plan(host) {
      const { connection } = host;
      return {
        ...each({ ...host, facts: null }),
        connection: each(connection),
        facts: host.facts && facts(host.facts),
      };
    },
  };
}
