// What a playbook asks for, and what that is on one host.
import type { Family, Protocol } from './host-state.ts';
import type { PortRange } from './port-range.ts';

export interface DesiredExclusion {
  readonly range: PortRange;
  readonly protocol: Protocol;
  readonly families: readonly Family[];
  readonly presence: 'present' | 'absent';
  /** The service the range is reserved for, as `sc` names it (`MSExchangeIMAP4BE`); null when the playbook names none. */
  readonly service: string | null;
  /** The playbook says `port: backend`, and the host's inventory which port that is. Left out: the playbook names the range. */
  readonly backEnd?: true | undefined;
}

/** The range out of which Windows hands ports to programs that ask for any. */
export interface DesiredDynamicRange {
  readonly protocol: Protocol;
  readonly families: readonly Family[];
  readonly range: PortRange;
}

export const heldByOwnServiceChoices = ['restart', 'block'] as const;
type WhenHeldByOwnService = (typeof heldByOwnServiceChoices)[number];

/** Resolved for one host. */
export interface Desired {
  readonly exclusions: readonly DesiredExclusion[];
  /** Absent: the dynamic ranges are as they are. */
  readonly dynamicRange?: DesiredDynamicRange | undefined;
  /** What to do when the very service a port is reserved for has it open. */
  readonly whenHeldByOwnService: WhenHeldByOwnService;
  /** Left out: none. With any of them nothing is changed on the host. */
  readonly unresolved?: readonly UnresolvedBackEnd[] | undefined;
}

/**
 * `port: backend` that comes to no port on a host.
 * - `unset`: its inventory names none.
 * - `conflict`: the port lies in `other`, of which the playbook says something else.
 */
export type UnresolvedBackEnd =
  | { readonly service: string; readonly reason: 'unset' }
  | { readonly service: string; readonly reason: 'conflict'; readonly port: number; readonly other: PortRange };

/** `port: backend` of a playbook: the port where this back-end service is set to listen, which differs from server to server. */
export interface BackEndExclusion extends Omit<DesiredExclusion, 'range' | 'service' | 'backEnd'> {
  readonly port: 'backend';
  readonly service: string;
}

export type RequestedExclusion = DesiredExclusion | BackEndExclusion;

/** What a playbook asks for, before it is resolved for a host. */
export interface DesiredRequest extends Omit<Desired, 'exclusions' | 'unresolved'> {
  readonly exclusions: readonly RequestedExclusion[];
}
