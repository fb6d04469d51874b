// I/O: arguments -> what workflows take: inventories, host patterns, the operator's own secrets. Warnings of files go to stderr.
import { access } from 'node:fs/promises';
import { readDecodedText } from '../files/read-input.ts';
import { loadInventory } from '../inventory/load.ts';
import { readPatternLines } from '../inventory/pattern.ts';
import type { OperatorPolicy } from '../policy/operator-policy.ts';
import { loadPolicies } from '../policy/load.ts';
import { readErrnoCode } from '../model/failures/errno-code.ts';
import { describeReadError } from '../model/failures/read-error.ts';
import { Failure, type Issue } from '../model/failure.ts';
import { renderIssue } from '../report/text/failure-text.ts';
import { defaultInventory } from '../workflows/inventory-flags.ts';
import type { InventoryFiles } from '../workflows/read-inventory.ts';
import { readIntent, type Intent, type ShippedPlaybook } from '../workflows/read-intent.ts';
import type { OwnInventory } from '../workflows/seams.ts';
import type { World } from './compose.ts';
import { createInventoryProgram } from './io/programs/ansible-inventory.ts';
import { hasTerminal } from './io/terminal.ts';
import {
  checkedConcurrency,
  defaultPlaybook,
  type InventoryArguments,
  type PlaybookArguments,
  type PolicyArguments,
} from './options.ts';
import { readShippedFile } from './shipped-files.ts';

export function inventoryFiles(args: Pick<InventoryArguments, 'inventory' | 'untrusted-inventory'>): InventoryFiles {
  const program = createInventoryProgram(process.env);
  return { files: args.inventory, untrusted: args['untrusted-inventory'], program };
}

/** Throws a Failure with all issues of inventory and playbook. `shipped`: the playbook in place of the one that is named. */
export async function readIntentFrom(
  args: InventoryArguments & PlaybookArguments,
  world: World,
  shipped: ShippedPlaybook | null = null,
): Promise<Intent> {
  const request = {
    inventory: inventoryFiles(args),
    playbook: shipped ?? args.playbook,
    limit: await readLimit(args.limit),
    concurrency: args.concurrency === undefined ? undefined : checkedConcurrency(args.concurrency),
  };
  const { intent, warnings } = await readIntent(request, world.vault);
  warn(warnings, world);
  return intent;
}

/** The playbook that ships, where none is named and none is there by default; null: there is one. For what changes nothing. */
export async function findShippedPlaybook({
  playbook,
}: Pick<PlaybookArguments, 'playbook'>): Promise<ShippedPlaybook | null> {
  if (playbook !== defaultPlaybook) return null;
  try {
    await access(playbook);
    return null;
  } catch (thrown) {
    // One that may not be read is there.
    if (readErrnoCode(thrown) !== 'ENOENT') return null;
  }
  return { name: playbook, text: readShippedFile(defaultPlaybook) };
}

/** Those beside the operator's own inventory, and the one that is named. Throws Failure `policy/unreadable`, `policy/invalid`. */
export function readPolicies(
  args: Pick<InventoryArguments, 'inventory'> & PolicyArguments,
): Promise<readonly OperatorPolicy[]> {
  return loadPolicies({ inventory: args.inventory ?? [defaultInventory], named: args.policy });
}

export function warn(issues: readonly Issue[], { say }: Pick<World, 'say'>): void {
  for (const issue of issues) say(`warning: ${renderIssue(issue)}\n`);
}

/** `--limit @FILE` names a file with one part of the pattern a line. */
export async function readLimit(limit: string | undefined): Promise<string | null> {
  if (limit?.startsWith('@') !== true) return limit ?? null;
  const file = limit.slice(1);
  try {
    return readPatternLines(await readDecodedText(file));
  } catch (thrown) {
    throw new Failure('usage/invalid', `--limit: the file can't be read: ${describeReadError(thrown)}`, {
      where: file,
      cause: thrown,
    });
  }
}

/** Where the secrets of hosts come from that a plan or a run knows: the inventory that was named, else the default if it is there. */
export function ownInventory(
  { inventory: named }: Pick<InventoryArguments, 'inventory'>,
  { vault }: World,
): OwnInventory {
  const load = async (): ReturnType<OwnInventory['load']> => {
    const files = named ?? (await defaultInventories());
    return files === null
      ? null
      : loadInventory(files, vault, 'protected', { program: createInventoryProgram(process.env) });
  };
  return { named, load, canAsk: hasTerminal() };
}

async function defaultInventories(): Promise<readonly string[] | null> {
  return access(defaultInventory).then(
    () => [defaultInventory],
    () => null,
  );
}
