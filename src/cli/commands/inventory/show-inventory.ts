// What `inventory` prints, as plain data: every selected host as it was resolved, never a secret's value.
import type { Inventory } from '../../../inventory/inventory.ts';
import { Failure, type Issue } from '../../../model/failure.ts';
import type { Connection, SecretRef, Target } from '../../../model/target.ts';
import { renderIssue } from '../../../report/text/failure-text.ts';
import {
  renderHost,
  renderInventory,
  type ShownHost,
  type ShownSecretRef,
} from '../../../report/text/inventory-text.ts';
import { findNearest } from '../../../yaml/nearest.ts';
import { readInventory, selectHosts } from '../../../workflows/read-inventory.ts';
import { exitCodes } from '../../exit-codes.ts';
import { inventoryFiles, readLimit, warn } from '../../inputs.ts';
import { jsonDocument } from '../../json.ts';
import { findColumns } from '../../io/terminal.ts';
import type { InventoryArguments } from '../../options.ts';
import { createFlagVault } from '../../io/vault-passwords.ts';

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
  const inventory = await readInventory(
    { ...inventoryFiles(options), traced: true },
    createFlagVault(options, process.env),
  );
  warn(inventory.warnings, { say });
  if (options.host !== undefined) {
    const host = shownHost(findHost(inventory, options.host), inventory);
    out(options.json ? jsonDocument('inventory-host', host) : renderHost(host));
    return exitCodes.done;
  }
  // Hosts that are not reached by WinRM are an error only where a pattern asks for them.
  const limit = await readLimit(options.limit);
  const notes: Issue[] = [];
  const hosts = selectHosts(inventory, limit, (note) => notes.push(note)).map((one) => shownHost(one, inventory));
  warn(notes, { say });
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
      : renderInventory({ hosts, groups, leftOut }, findColumns(process.stdout)),
  );
  return exitCodes.done;
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
  throw new Failure('inventory/no-match', `no host in the inventory is called ${name}`, {
    hint: near === null ? 'fencepost inventory lists the hosts' : `did you mean ${near}?`,
  });
}

function shownHost(target: Target, { valueOrigins }: Inventory): ShownHost {
  const { name, origin, groups, site, variables, connection } = target;
  const valuesFrom = valueOrigins?.get(name) ?? null;
  const at = site === undefined ? {} : { site };
  return { host: name, origin, groups, ...at, connection: shownConnection(connection), variables, valuesFrom };
}

function shownConnection(connection: Connection): ShownHost['connection'] {
  return { ...connection, password: shownSecret(connection.password) };
}

function shownSecret(ref: SecretRef): ShownSecretRef {
  if (ref.kind === 'unnamed') return { kind: 'prompt' };
  if (ref.kind === 'vault') return { ...ref, ciphertext: '(vault)' };
  return ref.kind === 'inline' ? { kind: 'inline', value: '(masked)' } : ref;
}
