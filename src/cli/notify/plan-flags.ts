// The flags by which the same hosts and playbook are named again, for the command that a note says to type next.
import { inventoryFlags } from '../../workflows/inventory-flags.ts';
import { defaultPlaybook, type InventoryArguments, type PlaybookArguments } from '../options.ts';

/** With a space in front; empty when all are the default. */
export function planFlags({
  inventory,
  playbook,
}: Pick<InventoryArguments, 'inventory'> & Pick<PlaybookArguments, 'playbook'>): string {
  const isPlain = /^[\w@%+=:,./\\~-]+$/.test(playbook);
  const named = isPlain ? playbook : `'${playbook.replaceAll(/[\p{C}']/gu, '?')}'`;
  return `${inventoryFlags(inventory)}${playbook === defaultPlaybook ? '' : ` -p ${named}`}`;
}
