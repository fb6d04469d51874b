// I/O: what `discover` writes and prints: an inventory, new or merged, and what became of it.
import { realpath, stat } from 'node:fs/promises';
import { readTextInput } from '../../../files/read-input.ts';
import {
  mergeServers,
  writeInventory,
  type KnownHost,
  type Merge,
} from '../../../inventory/discovered/merge-inventory.ts';
import { loadInventory } from '../../../inventory/load.ts';
import type { Inventory } from '../../../inventory/inventory.ts';
import type { Discovery } from '../../../model/discovery/discovery.ts';
import { Failure } from '../../../model/failure.ts';
import { readErrnoCode } from '../../../model/failures/errno-code.ts';
import { renderDiscovery } from '../../../report/discovery/discovery-text.ts';
import { readYaml } from '../../../yaml/document.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { warn } from '../../inputs.ts';
import { writeNewFile } from '../../io/new-file.ts';
import { replaceFile } from '../../io/replace-file.ts';
import { jsonDocument } from '../../json.ts';
import { askDirectory } from './ask-directory.ts';
import type { DirectoryArguments } from './directory-options.ts';

type DiscoverArguments = DirectoryArguments & {
  readonly out: string | undefined;
  readonly update: boolean;
  readonly json: boolean;
};

/** Exit code 3 when a server has no name to reach it by, and is in no inventory therefore. */
export async function showDiscovery(args: DiscoverArguments, world: World): Promise<number> {
  const { out, update, json } = args;
  if (update && out === undefined) {
    throw new Failure('usage/invalid', '--update: which inventory?', { hint: 'name it: --out inventory/exchange.yml' });
  }
  const before = update && out !== undefined ? await readInventoryText(out, world) : null;
  const discovery = await askDirectory(args, world);
  const merge = mergeInto(before, discovery, out);
  if (out !== undefined) await write(out, merge.text, before);
  const summary = { added: merge.added, gone: merge.gone, changed: merge.changed, unnamed: merge.unnamed };
  if (json) {
    world.out(jsonDocument('discovery', { ...discovery, file: out ?? null, ...summary }));
  } else {
    const shown = renderDiscovery(discovery, { file: out ?? null, isUpdate: before !== null, ...summary });
    if (out === undefined) {
      world.say(shown);
      world.out(merge.text);
    } else world.out(shown);
  }
  return merge.unnamed.length > 0 ? exitCodes.someFailed : exitCodes.done;
}

interface ExistingInventory {
  /** Behind all links: the file itself is replaced, not a link to it. */
  readonly file: string;
  readonly mode: number;
  readonly text: string;
  readonly known: readonly KnownHost[];
}

/** Null: there is none yet. Throws the Failures of an inventory, and for one that is not YAML. */
async function readInventoryText(path: string, world: World): Promise<ExistingInventory | null> {
  let file: string;
  try {
    file = await realpath(path);
  } catch (thrown) {
    if (readErrnoCode(thrown) === 'ENOENT') return null;
    throw thrown;
  }
  const inventory = await loadInventory([path], world.vault);
  warn(inventory.warnings, world);
  const text = await readTextInput(file);
  const { value, issues } = readYaml(text, path, () => null);
  if (issues.length > 0 || (value !== null && (typeof value !== 'object' || Array.isArray(value)))) {
    throw new Failure('usage/invalid', '--update needs an inventory in YAML, in plain text', {
      where: path,
      hint: 'write a new one beside it and name both: --out inventory/exchange.yml, then -i OLD -i inventory/exchange.yml',
      issues,
    });
  }
  return { file, mode: (await stat(file)).mode & 0o777, text, known: listKnownHosts(inventory) };
}

/** Every host of an inventory, with its address. */
export function listKnownHosts(inventory: Inventory): readonly KnownHost[] {
  const known = inventory.targets.map(({ name, connection, groups }) => ({
    name,
    address: connection.address,
    groups,
  }));
  const others = [...inventory.unsupported.keys()].map((name) => ({ name, address: name, groups: [] }));
  return [...known, ...others];
}

function mergeInto(before: ExistingInventory | null, { servers }: Discovery, out: string | undefined): Merge {
  if (before === null) {
    const { added, unnamed } = mergeServers('', servers, []);
    return { text: writeInventory(servers), added, gone: [], changed: [], unnamed };
  }
  try {
    return mergeServers(before.text, servers, before.known);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Failure('inventory/invalid', `the servers can't be put in: ${cause.message}`, {
      where: out ?? null,
      hint: 'write a new one beside it: --out inventory/exchange.yml',
      cause,
    });
  }
}

async function write(out: string, text: string, before: ExistingInventory | null): Promise<void> {
  if (before === null) {
    await writeNewFile(out, [text], {
      mode: 0o644,
      hint: 'merge into it with --update, or name another file',
    });
  } else if (text !== before.text) await replaceFile(before.file, text, before.mode);
}
