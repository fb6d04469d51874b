// I/O: `verify --discover`: which servers of the directory the named inventories do not have, whatever the playbook or --limit select.
import type { DiscoveredServer } from '../../../model/discovery/discovery.ts';
import { findMissing } from '../../../workflows/discovery/discover.ts';
import { readInventory } from '../../../workflows/read-inventory.ts';
import type { World } from '../../compose.ts';
import { inventoryFiles } from '../../inputs.ts';
import type { InventoryArguments } from '../../options.ts';
import { askDirectory } from './ask-directory.ts';
import type { DirectoryArguments } from './directory-options.ts';
import { listKnownHosts } from './show-discovery.ts';

/** Rejects like `askDirectory`: what could not be asked is no verdict. */
export async function findNotInInventory(
  args: InventoryArguments & DirectoryArguments,
  world: World,
): Promise<readonly DiscoveredServer[]> {
  const inventory = await readInventory(inventoryFiles(args), world.vault);
  const discovery = await askDirectory(args, world);
  for (const note of discovery.notes) world.say(`note: ${note}\n`);
  return findMissing(discovery, listKnownHosts(inventory));
}
