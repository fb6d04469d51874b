// One host of a plan as a simulated server: what the plan's facts say and nothing else. What the lab's own description leaves out but a
// plan rests on (build of Windows, start types, a permanent store that netsh does not show) is put in here. Pure.
import { buildMachine } from '../../lab/scenario/build-machine.ts';
import { describeServer } from '../../lab/scenario/server-from-facts.ts';
import { createListeners, type Machine } from '../../lab/machine/machine.ts';
import type { Quirks } from '../../lab/machine/quirks.ts';
import type { HostFacts } from '../../model/facts.ts';
import { families } from '../../model/host-state.ts';

/** A service that was told to stop or start stays on the way until rehearsal-fleet.ts lets it arrive. */
export const untilTold = 1_000_000_000;

/** A plan keeps the sockets of desired ports only; a server that can be reached listens here too (HTTP.sys). */
const winrmPort = 5985;
const systemProcess = 4;

export function buildRehearsalMachine(name: string, facts: HostFacts, mishap: Partial<Quirks>): Machine {
  const described = describeServer(name, facts);
  const quirks = { ...described.quirks, pendingQueries: untilTold, ...describeWitness(facts), ...mishap };
  const machine = buildMachine({ ...described, quirks });
  const startTypes = new Map(
    facts.services.flatMap((one) =>
      one.installed && one.startType !== null ? [[one.name.toLowerCase(), one.startType] as const] : [],
    ),
  );
  return {
    ...machine,
    windows: facts.windows,
    exchange: facts.exchange,
    sockets: [...machine.sockets, ...createListeners(winrmPort, 'tcp', systemProcess, families)],
    services: machine.services.map((one) => ({
      ...one,
      startType: startTypes.get(one.name.toLowerCase()) ?? one.startType,
    })),
  };
}

function describeWitness({ state }: HostFacts): Partial<Quirks> {
  const witnesses = new Set(state.exclusionTables.map((one) => one.witness));
  if (witnesses.has('none')) return { persistentShow: 'frame', persistentRegistry: 'missing' };
  return witnesses.has('registry') ? { persistentShow: 'frame' } : {};
}
