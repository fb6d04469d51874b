// Hosts of a fleet are alike: most have the same steps, the same tables, the same versions. Equal parts become one object, so that the plan
// of ten thousand hosts fits in memory. Pure: what a plan says is the same before and after.
import { createAlike } from '../model/lists/alike.ts';
import type { HostFacts } from '../model/facts.ts';
import type { RunEvent } from '../model/outcome.ts';
import type { HostPlan } from '../model/plan.ts';

export interface Sharing {
  facts(facts: HostFacts): HostFacts;
  plan(host: HostPlan): HostPlan;
  /** Of a journal's event the parts that are alike on many hosts. */
  event(event: RunEvent): RunEvent;
}

/** Remembers distinct parts it has seen, for as long as it is itself remembered. */
export function createSharing(): Sharing {
  const { one, each } = createAlike();
  const facts = (found: HostFacts): HostFacts => {
    const { state } = found;
    const tables = state.exclusionTables.map(one);
    return { ...each(found), state: one({ ...state, exclusionTables: tables }) };
  };
  return {
    facts,
    event(event) {
      if (event.type !== 'host-started') return event;
      const { connection, before, steps, desired } = event;
      return {
        ...event,
        connection: each(connection),
        before: facts(before),
        steps: one(steps),
        desired: one(desired),
      };
    },
    plan(host) {
      const { connection } = host;
      return {
        // Connections differ in address or port: they would only fill what is remembered.
        ...each({ ...host, facts: null, connection: null }),
        connection: each(connection),
        facts: host.facts && facts(host.facts),
      };
    },
  };
}
