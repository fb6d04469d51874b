// What `inventory` prints, as plain data: every selected host as it was resolved, never a secret's value.
import type { Inventory } from '../../../inventory/inventory.ts';
import { selectTargets } from '../../../inventory/select.ts';
import { Failure } from '../../../model/failure.ts';
import type { Connection, SecretRef, Target } from '../../../model/target.ts';
import { renderIssue } from '../../../report/text/failure-text.ts';
import {
  renderHost,
  renderInventory,
  type ShownHost,
  type ShownSecretRef,
} from '../../../report/text/inventory-text.ts';
import { findNearest } from '../../../yaml/nearest.ts';
import { exitCodes } from '../../exit-codes.ts';
import { jsonDocument } from '../../json.ts';
import { type InventoryArguments } from '../../options.ts';
import { readInventory } from '../../../workflows/read-inventory.ts';
import { readLimit } from '../../../workflows/read-intent.ts';
import { vaultOf } from '../../io/vault-passwords.ts';

export interface ShowInventoryOptions extends InventoryArguments {
  readonly host: string | undefined;
  readonly json: boolean;
}

interface Output {
  readonly out: (text: string) => void;
  readonly say: (text: string) => void;
}

/** Prints hosts and groups, or one host with all its variables. Throws the Failures of inventory and patterns. */
export async function showInventory(options: ShowInventoryOptions, { out, say }: Output): Promise<number> {
  const inventory = await readInventory(options, vaultOf(options, process.env));
  for (const warning of inventory.warnings) say(`warning: ${renderIssue(warning)}\n`);
  if (options.host !== undefined) {
    const host = shownHost(findHost(inventory, options.host));
    out(options.json ? jsonDocument('inventory-host', host) : renderHost(host));
    return exitCodes.done;
  }
  // Hosts that are not reached by WinRM are an error only where a pattern asks for them.
  const hosts = hostsToAsk(inventory, await readLimit(options.limit)).map(shownHost);
  const selected = new Set(hosts.map((one) => one.host));
  const groups = [...inventory.groups]
    .map(([name, group]) => ({ name, hosts: group.hosts.filter((host) => selected.has(host)) }))
    .filter((group) => group.hosts.length > 0);
  const leftOut =
    options.limit === undefined
      ? [...inventory.unsupported].map(([host, issue]) => ({ host, reason: renderIssue(issue) }))
      : [];
  const { files, sha256, warnings } = inventory;
  out(
    options.json
      ? jsonDocument('inventory', { files, sha256, hosts, groups, leftOut, warnings })
      : renderInventory({ hosts, groups, leftOut }),
  );
  return exitCodes.done;
}

/** The hosts that a pattern selects, or all that are reached by WinRM. Throws Failure `inventory/no-match` when there is none. */
export function hostsToAsk(inventory: Inventory, limit: string | null): readonly Target[] {
  if (limit === null && inventory.targets.length > 0) return inventory.targets;
  return selectTargets(inventory, limit);
}

function findHost(inventory: Inventory, name: string): Target {
  const found = inventory.targets.find((one) => one.name === name);
  if (found !== undefined) return found;
  const unsupported = inventory.unsupported.get(name);
  if (unsupported !== undefined) {
    throw new Failure('inventory/invalid', 'this host is not reached by WinRM', { where: name, issues: [unsupported] });
  }
  const near = findNearest(
    name,
    inventory.targets.map((one) => one.name),
  );
  throw new Failure('inventory/no-match', `no host of the inventory is called ${name}`, {
    hint: near === null ? 'fencepost inventory lists the hosts' : `did you mean ${near}?`,
  });
}

function shownHost(target: Target): ShownHost {
  const { name, origin, groups, variables, connection } = target;
  return { host: name, origin, groups, connection: shownConnection(connection), variables };
}

function shownConnection(connection: Connection): ShownHost['connection'] {
  return { ...connection, password: shownSecret(connection.password) };
}

function shownSecret(ref: SecretRef): ShownSecretRef {
  if (ref.kind === 'unnamed') return { kind: 'prompt' };
  if (ref.kind === 'vault') return { ...ref, ciphertext: '(vault)' };
  return ref.kind === 'inline' ? { kind: 'inline', value: '(masked)' } : ref;
}
