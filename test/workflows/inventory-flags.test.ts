// The inventory as flags of the next command: what was named, not what lay beside it, and nothing for the one by default.
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { inventoryFlags } from '../../src/workflows/inventory-flags.ts';

test.each([
  [undefined, ''],
  [[], ''],
  [['inventory/prod.yml'], ''],
  [[resolve('inventory/prod.yml'), resolve('inventory/group_vars/all.yml')], ''],
  [['other.yml', 'host_vars/ex01.yml', 'folder/host_vars/ex01/main.yml'], ' -i other.yml'],
  [['inventory/prod.yml', 'more.yml'], ' -i inventory/prod.yml -i more.yml'],
  [['C:\\ops\\prod.yml'], ' -i C:\\ops\\prod.yml'],
  [['my hosts.yml'], " -i 'my hosts.yml'"],
  [["x'; rm -rf ~\u001b.yml"], " -i 'x?; rm -rf ~?.yml'"],
])('%j: %j', (files, flags) => {
  expect(inventoryFlags(files)).toBe(flags);
});
