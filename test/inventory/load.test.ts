import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import { selectTargets } from '../../src/inventory/select.ts';
import { Failure } from '../../src/model/failure.ts';

const cases = 'test/inventory/cases';

async function failureOf(paths: readonly string[]): Promise<Failure> {
  const thrown: unknown = await loadInventory(paths).catch((reason: unknown) => reason);
  return thrown instanceof Failure ? thrown : expect.fail('expected a Failure');
}

describe('the shipped example', () => {
  test('is what its comments say', async () => {
    const inventory = await loadInventory(['inventory/example.yml']);
    expect(inventory.warnings).toEqual([]);
    const found = selectTargets(inventory, 'exchange').map(({ name, connection, variables }) => {
      const { scheme, port, address, password, tlsServerName } = connection;
      return [name, scheme, port, address, password, tlsServerName, variables['availability_group']];
    });
    const [paris, berlin] = ['FENCEPOST_PASSWORD', 'FENCEPOST_PASSWORD_BERLIN'].map((name) => ({ kind: 'env', name }));
    expect(found).toEqual([
      ...['ex01', 'ex02', 'ex03', 'ex04'].map((name) => {
        return [`${name}.paris.corp.example`, 'http', 5985, `${name}.paris.corp.example`, paris, null, 'dag-paris'];
      }),
      ['ex11.berlin.corp.example', 'https', 5986, 'ex11.berlin.corp.example', berlin, null, 'dag-berlin'],
      ['ex12.berlin.corp.example', 'https', 5986, '192.0.2.12', berlin, 'ex12.berlin.corp.example', 'dag-berlin'],
    ]);
    expect(inventory.targets.at(-1)?.connection.caFile).toBe(join('inventory', 'certificates', 'corp-ca.pem'));
  });
});

describe('loadInventory', () => {
  test('no path at all', async () => {
    expect(await failureOf([])).toMatchObject({ code: 'inventory/unreadable', message: 'no inventory is given' });
  });

  test('every path that cannot be read is named', async () => {
    const failure = await failureOf(['nowhere.yml', join(cases, 'ranges.yml'), 'not/here']);
    expect(failure.code).toBe('inventory/unreadable');
    expect(failure.issues.map((one) => `${one.file}: ${one.message}`)).toEqual([
      'nowhere.yml: it does not exist',
      'not/here: it does not exist',
    ]);
  });

  test('a directory without an inventory is no inventory', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'inventory-'));
    try {
      await writeFile(join(folder, 'README.md'), 'nothing here');
      const failure = await failureOf([folder]);
      expect(failure.code).toBe('inventory/unreadable');
      expect(failure.message).toContain('no inventory file in this directory');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('an invalid one says where the first fault is and carries them all', async () => {
    const failure = await failureOf([join(cases, 'circle.yml'), join(cases, 'no-username.yml')]);
    expect([failure.code, failure.message, failure.where]).toEqual([
      'inventory/invalid',
      'the inventory has 5 faults; nothing was changed',
      `${cases}/circle.yml:6:15`,
    ]);
    expect(new Set(failure.issues.map((one) => one.file)).size).toBe(2);
  });

  test('files and digest name what was read, and the digest changes with it', async () => {
    const one = await loadInventory([join(cases, 'vars-files', 'inventory.yml')]);
    expect(one.files.map((file) => file.replace(join(cases, 'vars-files/'), ''))).toEqual([
      'inventory.yml',
      'group_vars/all.yml',
      'group_vars/paris/10-a.yml',
      'group_vars/paris/20-b.yaml',
      'group_vars/berlin.yml',
      'host_vars/ex01.corp',
    ]);
    expect(one.sha256).toMatch(/^[0-9a-f]{64}$/);
    const again = await loadInventory([join(cases, 'vars-files', 'inventory.yml')]);
    expect(again.sha256).toBe(one.sha256);
    const other = await loadInventory([join(cases, 'vars-files', 'inventory.yml'), join(cases, 'short-forms.yml')]);
    expect(other.sha256).not.toBe(one.sha256);
  });

  test('paths inside are relative to the file that names them', async () => {
    const { targets } = await loadInventory([join(cases, 'vars-files', 'inventory.yml')]);
    expect(targets[0]?.connection).toMatchObject({
      password: { kind: 'file', path: join(cases, 'vars-files', 'group_vars', 'secret.txt') },
      caFile: join(cases, 'vars-files', 'group_vars', 'ca.pem'),
    });
  });
});
