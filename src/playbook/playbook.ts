// A playbook as the rest of the house sees it: what is desired, and how to go about it. Every default is filled in.
import type { Policy } from '../model/strategy.ts';
import type { DesiredDynamicRange, DesiredExclusion, WhenHeldByOwnService } from '../model/desired.ts';

export interface Playbook extends Policy {
  readonly name: string;
  /** A host pattern. */
  readonly hosts: string;
  readonly exclusions: readonly DesiredExclusion[];
  /** Left out: none is asked for. */
  readonly dynamicRange?: DesiredDynamicRange | undefined;
  readonly whenHeldByOwnService: WhenHeldByOwnService;
}
