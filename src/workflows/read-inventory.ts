// The hosts that a command is about: from the operator's inventory, or from an untrusted one that is reached as that says.
import { loadInventory } from '../inventory/load.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { reachAsProtected } from '../inventory/untrusted.ts';
import type { VaultOpener } from '../inventory/secrets/vault-opener.ts';
import { defaultInventory, type InventoryArguments } from '../cli/options.ts';

/** Throws the Failures of `loadInventory`, and `inventory/untrusted`. */
export async function readInventory(
  args: Pick<InventoryArguments, 'inventory' | 'untrusted-inventory'>,
  vault: VaultOpener,
): Promise<Inventory> {
  const known = await loadInventory(args.inventory ?? [defaultInventory], vault);
  const untrusted = args['untrusted-inventory'];
  if (untrusted === undefined) return known;
  // No vault password either: what is encrypted in it is opened for nobody.
  return reachAsProtected(await loadInventory(untrusted, undefined, 'untrusted'), known);
}
