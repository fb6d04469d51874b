// What `port: backend` comes to on the hosts of a plan, for whoever signs it off: how many hosts have which port, and which one each has. A
// host that is not reached today has no step that shows its port, and a resumed run acts on it. Pure.
import { findBackEnd, listBackEndExclusions } from '../../model/backend/back-end-ports.ts';
import type { BackEndExclusion, DesiredRequest } from '../../model/desired.ts';
import type { HostPlan } from '../../model/plan.ts';

/** `port: backend` for one service. */
export interface SignOffBackEnd {
  readonly request: BackEndExclusion;
  /** By port, the unknown ones (null) last. */
  readonly ports: readonly { readonly port: number | null; readonly hostCount: number }[];
}

export interface HostBackEnd {
  readonly service: string;
  /** Null: not known. */
  readonly port: number | null;
}

export function listBackEnds(request: DesiredRequest, hosts: readonly HostPlan[]): readonly SignOffBackEnd[] {
  return listBackEndExclusions(request).map((one) => {
    const counts = new Map<number | null, number>();
    for (const host of hosts) {
      const port = findPort(host, one.service);
      counts.set(port, (counts.get(port) ?? 0) + 1);
    }
    const ports = [...counts].map(([port, hostCount]) => ({ port, hostCount }));
    return { request: one, ports: ports.sort((a, b) => (a.port ?? Infinity) - (b.port ?? Infinity)) };
  });
}

/** Each service once, however many entries ask for it. */
export function listHostBackEnds(request: DesiredRequest, host: HostPlan): readonly HostBackEnd[] {
  const services = new Map(listBackEndExclusions(request).map(({ service }) => [findBackEnd(service), service]));
  return [...services.values()].map((service) => ({ service, port: findPort(host, service) }));
}

/** `MSExchangeIMAP4BE 9933, MSExchangePOP3BE not known` */
export function describeHostBackEnds(backEnds: readonly HostBackEnd[]): string {
  return backEnds.map(({ service, port }) => `${service} ${port ?? 'not known'}`).join(', ');
}

function findPort({ backEndPorts }: HostPlan, service: string): number | null {
  const backEnd = findBackEnd(service);
  return backEnd === null ? null : (backEndPorts?.[backEnd] ?? null);
}
