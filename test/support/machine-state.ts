// What a simulated machine is really like, apart from what may differ without anybody having changed it: process ids, sockets' owners'
// numbers, and services on their way, which are taken to have arrived.
import type { Machine } from '../../src/lab/machine/machine.ts';
import { finishPending } from '../../src/lab/machine/service-control.ts';
import { families, protocols, stores, type Family, type Protocol } from '../../src/model/host-state.ts';
import type { Presence } from '../../src/model/plan.ts';
import { covers, lastPort, sameRange, type PortRange } from '../../src/model/port-range.ts';
import type { Desired } from '../../src/model/desired.ts';

/** The same machine, detached, with every service where it was going. */
export function settled(machine: Machine): Machine {
  const copy = structuredClone(machine);
  for (const service of copy.services) finishPending(copy, service);
  return copy;
}

/** As lines of text that can be compared. `withServices` false: exclusions only. */
export function essenceOf(machine: Machine, withServices = true): readonly string[] {
  const { exclusions, dynamic, services, sockets } = settled(machine);
  const tables = protocols.flatMap((protocol) =>
    families.flatMap((family) =>
      stores.map((store) => {
        const rows = exclusions[protocol][family][store].map(
          ({ range, administered }) => `${range.firstPort}-${lastPort(range)}${administered ? '*' : ''}`,
        );
        return `${protocol} ${family} ${store}: ${rows.sort().join(' ')}`;
      }),
    ),
  );
  if (!withServices) return tables;
  return [
    ...tables,
    JSON.stringify(dynamic),
    ...services.map((one) => `${one.name} ${one.state}`),
    ...sockets.map((one) => `${one.family} ${one.protocol} ${one.localPort} ${one.state ?? ''}`).sort(),
  ];
}

/** Lines that differ, as `-before` and `+now`; empty when both are alike. */
export function difference(before: readonly string[], now: readonly string[]): readonly string[] {
  return [
    ...before.filter((line) => !now.includes(line)).map((line) => `-${line}`),
    ...now.filter((line) => !before.includes(line)).map((line) => `+${line}`),
    ...(before.length === now.length ? [] : [`${before.length} lines before, ${now.length} now`]),
  ];
}

/** Whether exactly this administered range is in each store. */
export function presenceOn(machine: Machine, family: Family, protocol: Protocol, range: PortRange): Presence {
  const tables = machine.exclusions[protocol][family];
  const has = (store: 'active' | 'persistent'): boolean =>
    tables[store].some((row) => row.administered && sameRange(row.range, range));
  return { active: has('active'), persistent: has('persistent') };
}

/** What is desired and not so, by the machine's tables alone. */
export function notAsDesired(machine: Machine, desired: Desired): readonly string[] {
  return desired.exclusions.flatMap(({ range, protocol, families: onFamilies, presence }) =>
    onFamilies.flatMap((family) =>
      stores.flatMap((store) => {
        const rows = machine.exclusions[protocol][family][store].filter((row) => row.administered);
        const isThere =
          presence === 'present'
            ? rows.some((row) => covers(row.range, range))
            : rows.some((row) => sameRange(row.range, range));
        return isThere === (presence === 'present')
          ? []
          : [`${protocol} ${range.firstPort} on ${family} ${store} should be ${presence}`];
      }),
    ),
  );
}

/** A range that is twice in one store. */
export function doubled(machine: Machine): readonly string[] {
  return protocols.flatMap((protocol) =>
    families.flatMap((family) =>
      stores.flatMap((store) => {
        const rows = machine.exclusions[protocol][family][store].map((row) => JSON.stringify(row));
        return new Set(rows).size === rows.length ? [] : [`${protocol} ${family} ${store} has a range twice`];
      }),
    ),
  );
}
