// The hosts that a command is about: from the operator's inventory, or from an untrusted one that is reached as that says.
import { loadInventory } from '../inventory/load.ts';
import type { InventoryProgram } from '../inventory/load-files.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { reachAsProtected } from '../inventory/untrusted.ts';
import { selectTargets, type ShortNameListener } from '../inventory/select.ts';
import type { VaultOpener } from '../inventory/secrets/vault-opener.ts';
import type { Target } from '../model/target.ts';
import { defaultInventory } from './inventory-flags.ts';

export interface InventoryFiles {
  /** The operator's own; undefined: the default. */
  readonly files: readonly string[] | undefined;
  /** Where the hosts stand instead, which others may edit. */
  readonly untrusted: readonly string[] | undefined;
  /** For scripts and plugins of the operator's own; null: none is run. */
  readonly program?: InventoryProgram | null;
}

/** Throws the Failures of `loadInventory`, and `inventory/untrusted`. */
export async function readInventory(given: InventoryFiles, vault: VaultOpener): Promise<Inventory> {
  const { files, untrusted, program = null } = given;
  const known = await loadInventory(files ?? [defaultInventory], vault, 'protected', program);
  if (untrusted === undefined) return known;
  // No vault password either: nothing encrypted in it is opened. And no program is run that others may have written.
  return reachAsProtected(await loadInventory(untrusted, undefined, 'untrusted'), known);
}

/** The hosts that a pattern selects, or all that are reached by WinRM. Throws Failure `inventory/no-match` when there is none. */
export function selectHosts(
  inventory: Inventory,
  limit: string | null,
  onShortName: ShortNameListener,
): readonly Target[] {
  if (limit === null && inventory.targets.length > 0) return inventory.targets;
  return selectTargets(inventory, null, limit, onShortName);
}
