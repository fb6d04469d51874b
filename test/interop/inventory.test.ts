// The same inventories and patterns, read here and by Ansible itself: same groups, same variables, same hosts selected.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import { hidden } from '../../src/inventory/public-variables.ts';
import { selectTargets } from '../../src/inventory/select.ts';
import { Failure } from '../../src/model/failure.ts';
import { readYaml } from '../../src/yaml/document.ts';
import { missingPeer, pythonVenv } from './support/python-venv.ts';

const run = promisify(execFile);
// A configuration in somebody's home directory must not decide what Ansible does here.
const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', HOME: tmpdir(), ANSIBLE_DEPRECATION_WARNINGS: 'False' };
const cases = join(import.meta.dirname, '../inventory/cases');
const missing = await missingPeer(['ansible']);

/** The cases that are valid inventories, with the paths each is loaded from. */
const corpus = readdirSync(cases)
  .filter((entry) => entry.endsWith('.expected.yml'))
  .flatMap((entry): readonly (readonly [string, readonly string[]])[] => {
    const name = entry.replace('.expected.yml', '');
    const expected = readYaml(readFileSync(join(cases, entry), 'utf8'), entry).value as Record<string, unknown>;
    if (expected['issues'] !== undefined || expected['differs_from_ansible'] !== undefined) return [];
    const file = join(cases, `${name}.yml`);
    const inside = (expected['inventories'] ?? ['inventory.yml']) as readonly string[];
    return [[name, existsSync(file) ? [file] : inside.map((one) => join(cases, name, one))]];
  });

interface AnsibleGroup {
  readonly hosts?: readonly string[];
  readonly children?: readonly string[];
}

interface AnsibleList {
  readonly groups: Readonly<Record<string, AnsibleGroup>>;
  readonly hostvars: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function parseList(text: string): AnsibleList {
  const { _meta, ...groups } = JSON.parse(text) as Record<string, unknown>;
  const { hostvars } = _meta as Pick<AnsibleList, 'hostvars'>;
  return { groups: groups as AnsibleList['groups'], hostvars };
}

function membersOf(list: AnsibleList, group: string): ReadonlySet<string> {
  const { hosts = [], children = [] } = list.groups[group] ?? {};
  return new Set([...hosts, ...children.flatMap((child) => [...membersOf(list, child)])]);
}

describe.skipIf(missing !== null)('read as ansible-inventory reads it', () => {
  test.each(corpus)('%s', async (_, paths) => {
    const { binFolder } = await pythonVenv();
    const args = [...paths.flatMap((path) => ['-i', path]), '--list'];
    const { stdout } = await run(join(binFolder, 'ansible-inventory'), args, { env });
    const list = parseList(stdout);
    const inventory = await loadInventory(paths);

    for (const [group, { hosts }] of inventory.groups) {
      expect([group, hosts.toSorted()]).toEqual([group, [...membersOf(list, group)].toSorted()]);
    }
    const theirs = Object.keys(list.groups);
    expect(theirs.filter((name) => !inventory.groups.has(name))).toEqual([]);
    for (const target of inventory.targets) {
      const found = Object.entries(list.hostvars[target.name] ?? {}).filter(([name]) => name !== 'winrm');
      const variables = shown(Object.fromEntries(found), target.variables);
      expect([target.name, variables]).toEqual([target.name, target.variables]);
    }
  });
});

/** Their value with the secrets hidden that are hidden in ours. */
function shown(theirs: unknown, ours: unknown): unknown {
  if (ours === hidden) return theirs === undefined ? undefined : hidden;
  if (typeof theirs !== 'object' || theirs === null || Array.isArray(theirs)) return theirs;
  const mapping = (ours ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(theirs).map(([key, value]) => [key, shown(value, mapping[key])]));
}

const patterns = [
  'all',
  '*',
  'europe',
  'paris:a_late',
  'paris,b_early',
  'europe:&b_early',
  '&b_early',
  'europe:!p1',
  '!p1',
  'p?',
  'p[12]',
  'p[!3]',
  'paris[0]',
  'paris[-1]',
  'paris[1:2]',
  'paris[1:]',
  'paris[0]:b_early[1]',
  '~p(1|3)',
  '~.*s',
  '*_*',
  'a*[0]',
  'p1:p3:!~p3',
  'PARIS',
  'p9',
  'ungrouped',
  '~aris',
];

const ansibleSelects = `
import json, sys
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
path, patterns = json.load(sys.stdin)
def select(pattern):
    try:
        return [str(host) for host in InventoryManager(DataLoader(), [path]).get_hosts(pattern)]
    except Exception:
        return []
print(json.dumps({pattern: select(pattern) for pattern in patterns}))
`;

describe.skipIf(missing !== null)('selected as Ansible selects', () => {
  const file = join(cases, 'precedence.yml');
  let theirs: Readonly<Record<string, readonly string[]>> = {};
  beforeAll(async () => {
    const { python } = await pythonVenv();
    const running = run(python, ['-c', ansibleSelects], { env });
    running.child.stdin?.end(JSON.stringify([file, patterns]));
    theirs = JSON.parse((await running).stdout) as typeof theirs;
  });

  test.each(patterns)('%s', async (pattern) => {
    const inventory = await loadInventory([file]);
    const ours = (): readonly string[] => selectTargets(inventory, pattern).map((target) => target.name);
    const expected = theirs[pattern] ?? [];
    if (expected.length > 0) expect(ours().toSorted()).toEqual(expected.toSorted());
    else expect(ours).toThrow(Failure);
  });
});

describe.skipIf(missing !== null)('references in settings mean what Ansible templates them to', () => {
  test('references.yml', async () => {
    const file = join(cases, 'references.yml');
    const { binFolder } = await pythonVenv();
    const asked = '[ansible_host, ansible_port | int, ansible_user, ansible_password, ansible_winrm_transport]';
    const message = JSON.stringify({ msg: `{{ ${asked} }}` });
    const task = ['all', '-i', file, '-o', '-m', 'ansible.builtin.debug', '-a', message];
    const { stdout } = await run(join(binFolder, 'ansible'), task, { env });
    const answers = [...stdout.matchAll(/^(\S+) \| SUCCESS => (\{.*\})$/gm)];
    const theirs = answers.map(([, host, json]) => [host, (JSON.parse(json ?? '') as { msg: unknown }).msg]);
    const { targets } = await loadInventory([file]);
    const ours = targets.map(({ name, connection: { address, port, username, password, auth } }) => [
      name,
      [address, port, username, password.kind === 'inline' ? password.value : password, auth],
    ]);
    expect(ours).toHaveLength(3);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
  });

  test('what Ansible can not template is refused here too', async () => {
    const file = join(cases, 'bad-references.yml');
    const { binFolder } = await pythonVenv();
    const message = JSON.stringify({
      msg: '{{ [ansible_user, ansible_password | default(0), ansible_port | default(0)] }}',
    });
    const refusedBy = async (host: string): Promise<boolean> => {
      const task = [host, '-i', file, '-o', '-m', 'ansible.builtin.debug', '-a', message];
      return run(join(binFolder, 'ansible'), task, { env }).then(
        ({ stdout }) => !stdout.includes('SUCCESS'),
        () => true,
      );
    };
    expect(await refusedBy('pin')).toBe(false);
    for (const host of ['undefined2', 'circle', 'itself']) expect([host, await refusedBy(host)]).toEqual([host, true]);
    const failure: unknown = await loadInventory([file]).catch((thrown: unknown) => thrown);
    if (!(failure instanceof Failure)) expect.fail('expected a Failure');
    const named = failure.issues.map((one) => /^all\.hosts\.(\w+)/.exec(one.message)?.[1]);
    expect(named).toEqual(expect.arrayContaining(['undefined2', 'circle', 'itself']));
  });
});
