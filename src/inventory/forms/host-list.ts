// `-i ex01,ex02,`: hosts on the command line, as Ansible has it, in place of a file. Ranges are expanded too, which Ansible does not do here.
import type { Issue } from '../../model/failure.ts';
import { createPartIndex, makeDocument, type InventoryDocument } from './inventory-document.ts';

/** Names of files end so; those of hosts do not. */
const fileName = /\.(?:ya?ml|ini|json|csv|txt|cfg)$/i;

/** Never throws. `file`: what was named, which is the text too. */
export function readHostList(text: string, file: string): readonly InventoryDocument[] {
  const parts = createPartIndex();
  const issues: Issue[] = [];
  const hosts: [string, null][] = [];
  for (const piece of text.split(',')) {
    const name = piece.trim();
    const position = { line: 0, column: 0 };
    if (fileName.test(name)) {
      const message = `"${name}" looks like a file; give each its own -i`;
      issues.push({ file, ...position, message });
    } else if (name !== '') {
      hosts.push([name, null]);
      parts.set(['ungrouped', 'hosts', name], { key: position, value: position });
    }
  }
  const value = { ungrouped: { hosts: Object.fromEntries(hosts) } };
  const howToSet = 'under all: { vars: ... } of another inventory, named with a second -i';
  return [{ ...makeDocument(file, value, { parts, issues }), howToSet }];
}
