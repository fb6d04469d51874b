// A playbook as the rest of the house sees it: what is desired, and how to go about it. Every default is filled in.
import type { Policy } from '../model/strategy.ts';
import type { WantedExclusion, WhenHeldByOwnService } from '../model/wanted.ts';

export interface Playbook extends Policy {
  readonly name: string;
  /** A host pattern. */
  readonly hosts: string;
  readonly exclusions: readonly WantedExclusion[];
  readonly whenHeldByOwnService: WhenHeldByOwnService;
}
