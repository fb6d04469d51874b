// Targets for hosts that a plan or a journal knows: reached as it was then, unless an inventory is named again.
import { loadInventory } from '../inventory/load.ts';
import type { VaultOpener } from '../inventory/secrets/vault-opener.ts';
import type { Connection, Target } from '../model/target.ts';

/** A target known only by what was saved of it. */
export function savedTarget(name: string, connection: Connection): Target {
  return { name, connection, groups: [], variables: {}, origin: { file: '', line: 0, column: 0 } };
}

/** One target per host, in order. With `inventory` the connection of each host that it knows is taken from there. */
export async function withSecretsOf(
  inventory: readonly string[] | null,
  hosts: readonly { readonly target: string; readonly connection: Connection }[],
  vault: VaultOpener,
): Promise<readonly Target[]> {
  const loaded = inventory === null ? [] : (await loadInventory(inventory, vault)).targets;
  const known = new Map(loaded.map((one) => [one.name, one]));
  return hosts.map(({ target, connection }) => known.get(target) ?? savedTarget(target, connection));
}
