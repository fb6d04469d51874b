// A playbook as the rest of the house sees it: what is desired, and how to go about it. Every default is filled in.
import type { Policy } from '../model/strategy.ts';
import type { DesiredRequest } from '../model/desired.ts';

export interface Playbook extends Policy, DesiredRequest {
  readonly name: string;
  /** A host pattern. */
  readonly hosts: string;
}
