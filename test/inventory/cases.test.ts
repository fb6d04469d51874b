// Every inventory in cases/, as a file or a folder, with what must become of it in NAME.expected.yml beside it. A new case
// needs no code. `hosts` lists all targets in their order; of each only the fields written are compared.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import { Failure } from '../../src/model/failure.ts';
import type { Issue } from '../../src/model/failure.ts';
import { readYaml } from '../../src/yaml/document.ts';

interface Expected {
  /** Files or folders inside a folder case; `inventory.yml` when not given. */
  readonly inventories?: readonly string[];
  /** What Ansible makes of it instead, and why we don't: such a case is not held against Ansible. */
  readonly differs_from_ansible?: string;
  readonly hosts?: Readonly<Record<string, object | null>>;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly unsupported?: Readonly<Record<string, string>>;
  readonly warnings?: readonly string[];
  readonly issues?: readonly string[];
}

const cases = join(import.meta.dirname, 'cases');
const ending = '.expected.yml';
const entries = readdirSync(cases);
const names = entries.filter((entry) => entry.endsWith(ending)).map((entry) => entry.slice(0, -ending.length));

/** `file:line:column message`, the file relative to the case. */
function said(issues: readonly Issue[], root: string): readonly string[] {
  const inside = (file: string): string => file.replace(`${root}/`, '').replace(`${cases}/`, '');
  return issues.map((one) => `${inside(one.file)}:${one.line}:${one.column} ${one.message}`);
}

test('every case has its expectation', () => {
  const inventories = entries.filter((entry) => !entry.endsWith(ending)).map((entry) => entry.replace(/\.yml$/, ''));
  expect(inventories.toSorted()).toEqual(names.toSorted());
});

describe('inventory cases', () => {
  test.each(names)('%s', async (name) => {
    const file = join(cases, `${name}.yml`);
    const root = existsSync(file) ? cases : join(cases, name);
    const document = readYaml(readFileSync(join(cases, `${name}${ending}`), 'utf8'), `${name}${ending}`);
    expect(document.issues).toEqual([]);
    const expected = document.value as Expected;
    const paths = existsSync(file) ? [file] : (expected.inventories ?? ['inventory.yml']).map((one) => join(root, one));

    if (expected.issues !== undefined) {
      const failure: unknown = await loadInventory(paths).catch((thrown: unknown) => thrown);
      if (!(failure instanceof Failure)) expect.fail('expected a Failure');
      expect(said(failure.issues, root)).toEqual(expected.issues);
      return;
    }
    const inventory = await loadInventory(paths).catch((thrown: unknown) => {
      throw new Error(thrown instanceof Failure ? said(thrown.issues, root).join('\n') : String(thrown));
    });
    expect(inventory.targets.map((target) => target.name)).toEqual(Object.keys(expected.hosts ?? {}));
    const found = Object.fromEntries(inventory.targets.map((target) => [target.name, target]));
    for (const [host, fields] of Object.entries(expected.hosts ?? {})) {
      if (fields !== null) expect(found[host]).toMatchObject(fields);
    }
    for (const [group, hosts] of Object.entries(expected.groups ?? {})) {
      expect([group, inventory.groups.get(group)?.hosts]).toEqual([group, hosts]);
    }
    expect(said(inventory.warnings, root)).toEqual(expected.warnings ?? []);
    const unsupported = [...inventory.unsupported].map(([host, issue]) => [host, said([issue], root)[0]]);
    expect(Object.fromEntries(unsupported)).toEqual(expected.unsupported ?? {});
  });
});
