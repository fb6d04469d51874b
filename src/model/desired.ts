// What a playbook asks for, resolved for one host.
import type { Family, Protocol } from './host-state.ts';
import type { PortRange } from './port-range.ts';

export interface DesiredExclusion {
  readonly range: PortRange;
  readonly protocol: Protocol;
  readonly families: readonly Family[];
  readonly presence: 'present' | 'absent';
  /** The service the range is reserved for, as `sc` names it (`MSExchangeIMAP4BE`); null when the playbook names none. */
  readonly service: string | null;
}

/** The range out of which Windows hands ports to programs that ask for any. */
export interface DesiredDynamicRange {
  readonly protocol: Protocol;
  readonly families: readonly Family[];
  readonly range: PortRange;
}

export const heldByOwnServiceChoices = ['restart', 'block'] as const;
export type WhenHeldByOwnService = (typeof heldByOwnServiceChoices)[number];

export interface Desired {
  readonly exclusions: readonly DesiredExclusion[];
  /** Absent: the dynamic ranges are as they are. */
  readonly dynamicRange?: DesiredDynamicRange | undefined;
  /** What to do when the very service a port is reserved for has it open. */
  readonly whenHeldByOwnService: WhenHeldByOwnService;
}
