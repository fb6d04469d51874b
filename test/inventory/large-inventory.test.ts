// What an inventory of thousands of hosts holds in memory while its targets are made: V8 lets the heap grow to several times of that, and never
// looks back while the hosts are asked (decision 81). V8 is asked to collect, and what stays is divided by the hosts.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { resolveInventory } from '../../src/inventory/resolve.ts';
import { buildTree } from '../../src/inventory/tree.ts';
import { readYaml } from '../../src/yaml/document.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const hosts = 4000;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function inventoryText(): string {
  const lines = Array.from(
    { length: hosts },
    (_, index) =>
      `        ex${String(index)}:\n          winrm:\n            scheme: http\n            port: ${String(5985 + index)}`,
  );
  const vars = '  vars:\n    winrm: { address: 127.0.0.1, auth: ntlm, username: u, password: { env: P } }';
  return `all:\n${vars}\n  children:\n    exchange:\n      hosts:\n${lines.join('\n')}\n`;
}

test('document, groups and targets together take less than 1.85 kB a host', () => {
  const text = inventoryText();
  // Once before, so that code and what it remembers is not counted.
  resolveInventory([readYaml(text, 'warm.yml')]);
  const before = heapBytes();
  const document = readYaml(text, 'inventory.yml');
  const tree = buildTree([document]);
  const { value, issues } = resolveInventory([document], [], tree);
  const held = (heapBytes() - before) / hosts;
  expect([issues, value?.targets.length, tree.hosts.size, document.file]).toEqual([[], hosts, hosts, 'inventory.yml']);
  expect(held).toBeLessThan(1850);
});
