// What an inventory is to the rest of the house: targets in their order, groups of names, and what was odd in the files.
import type { Issue } from '../model/failure.ts';
import type { Target } from '../model/target.ts';

export interface Inventory {
  /** Every host that is reached by WinRM: a group's own hosts first, then those of its children, in the order of the files. */
  readonly targets: readonly Target[];
  /** Host names by group, `all` and `ungrouped` included, each in the order above. Hosts of `unsupported` are in here too. */
  readonly groups: ReadonlyMap<string, { readonly hosts: readonly string[] }>;
  /** Hosts that are reached otherwise (`ansible_connection: ssh`) and why they can't be targets. Selecting one is an error. */
  readonly unsupported: ReadonlyMap<string, Issue>;
  readonly warnings: readonly Issue[];
  /** Every file that was read, in the order of reading. */
  readonly files: readonly string[];
  /** Those of `files` that are no files: `-i ex01,ex02,`. */
  readonly hostLists?: readonly string[];
  /** Over names and bytes of `files`. */
  readonly sha256: string;
}
