// What `guards` and `guards clean` do: the tasks under \\Fencepost of every host, and their deletion once somebody said yes.
import { Failure, type Issue } from '../../../model/failure.ts';
import { counted } from '../../../model/text/counted.ts';
import { renderGuards } from '../../../report/guards/guards-text.ts';
import { cleanGuards, countDeleted, listGuards } from '../../../workflows/guards/left-guards.ts';
import { readInventory, selectHosts } from '../../../workflows/read-inventory.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { refuseIdle } from '../../flags/refuse-idle.ts';
import { inventoryFiles, readLimit, warn } from '../../inputs.ts';
import { confirm } from '../../io/terminal.ts';
import { jsonDocument } from '../../json.ts';
import { checkedConcurrency, type InventoryArguments } from '../../options.ts';

interface GuardsArguments extends InventoryArguments {
  readonly action: 'clean' | undefined;
  readonly yes: boolean;
  readonly concurrency: number;
  readonly json: boolean;
}

/** Returns the exit code: 3 when a host could not be asked, or a guard is left after `clean`. Throws Failure `run/not-confirmed`. */
export async function showGuards(args: GuardsArguments, world: World): Promise<number> {
  if (args.action === undefined) {
    refuseIdle(
      { '--yes': args.yes },
      'without clean: the guards are listed',
      'fencepost guards clean --yes deletes them',
    );
  }
  const concurrency = checkedConcurrency(args.concurrency);
  const inventory = await readInventory(inventoryFiles(args), world.vault);
  const notes: Issue[] = [];
  const targets = selectHosts(inventory, await readLimit(args.limit), (note) => notes.push(note));
  warn(notes, world);
  const found = await listGuards(targets, concurrency, world);
  const count = found.reduce((sum, one) => sum + (one.guards?.length ?? 0), 0);
  const isAsked = found.every((one) => one.guards !== null);
  if (args.action === undefined || count === 0) {
    world.out(args.json ? jsonDocument('guards', { hosts: found, deleted: 0 }) : renderGuards(found));
    return isAsked ? exitCodes.done : exitCodes.someFailed;
  }
  if (!args.json) world.say(renderGuards(found));
  const question = `Delete ${counted(count, 'guard')}? What they would undo stays changed.`;
  if (!args.yes && !(await confirm(question))) {
    throw new Failure('run/not-confirmed', 'not confirmed; nothing was changed');
  }
  const cleaned = await cleanGuards(targets, found, concurrency, world);
  const after = new Map(cleaned.map((one) => [one.host, one]));
  const hosts = found.map((one) => after.get(one.host) ?? one);
  const deleted = countDeleted(found, hosts);
  world.out(args.json ? jsonDocument('guards', { hosts, deleted }) : renderGuards(hosts));
  return hosts.every((one) => one.guards?.length === 0) ? exitCodes.done : exitCodes.someFailed;
}
