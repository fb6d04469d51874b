// Somebody else who works on a simulated server: what he does is done as his own netsh and sc would do it, and refused alike. He is a
// mishap (mishaps.ts says when); he answers nobody. Services arrive at once, for he has waited for them.
import type { Machine } from './machine/machine.ts';
import { addExclusion, deleteExclusion } from './machine/port-table.ts';
import type { StrangerDeed } from './scenario/server-spec.ts';
import { findService, finishPending, startService, stopService } from './machine/service-control.ts';

export function doAsStranger(machine: Machine, deed: StrangerDeed): void {
  if ('range' in deed) {
    const { protocol, range, store } = deed;
    for (const family of deed.families) {
      const change = deed.does === 'reserve' ? addExclusion : deleteExclusion;
      change(machine, { family, protocol, ...range, store });
    }
    return;
  }
  const service = findService(machine, deed.service);
  if (service === undefined) return;
  if (deed.does === 'stop') stopService(machine, service);
  else startService(machine, service);
  finishPending(machine, service);
}
