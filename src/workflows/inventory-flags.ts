// The inventory as flags of the next command, for hints. Only shown: nothing is opened by them.
import { resolve } from 'node:path';

/** What every command reads when none is named. */
export const defaultInventory = 'inventory/prod.yml';

/** ` -i prod.yml`, with the blank in front; empty for the inventory that every command takes by default. */
export function inventoryFlags(files: readonly string[] | undefined): string {
  const named = (files ?? []).filter((file) => !/(?:^|[\\/])(?:group|host)_vars[\\/]/.test(file));
  const [first] = named;
  if (first === undefined || (named.length === 1 && resolve(first) === resolve(defaultInventory))) return '';
  return named.map((file) => ` -i ${quoted(file)}`).join('');
}

function quoted(file: string): string {
  return /^[\w@%+=:,./\\~-]+$/.test(file) ? file : `'${file.replaceAll(/[\p{C}']/gu, '?')}'`;
}
