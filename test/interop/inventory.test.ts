// The same inventories and patterns, read here and by Ansible itself: same groups, same variables, same hosts selected.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInventoryProgram } from '../../src/cli/io/programs/ansible-inventory.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import type { InventoryProgram } from '../../src/inventory/load-files.ts';
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
  // Text that is no template is marked in their JSON, and text like any other for us.
  if ('__ansible_unsafe' in theirs) return theirs.__ansible_unsafe;
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

describe.skipIf(missing !== null)('scripts and plugins are read through ansible-inventory', () => {
  let folder = '';
  let program: InventoryProgram;
  beforeAll(async () => {
    const { binFolder } = await pythonVenv();
    folder = await mkdtemp(join(tmpdir(), 'fencepost-program-'));
    program = createInventoryProgram({ ...env, PATH: `${binFolder}:${env.PATH ?? ''}` });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('a script prints the list form: hosts, groups, vaulted and unsafe values', async () => {
    const file = join(folder, 'script');
    const list = {
      _meta: {
        hostvars: { ex01: { ansible_user: 'svc', ansible_port: 5985, list: [1, 'a'] }, ex02: { ansible_user: '42' } },
      },
      exchange: { hosts: ['ex01', 'ex02'], children: ['dag1'], vars: { site: 'paris', ansible_connection: 'winrm' } },
      dag1: ['ex02'],
    };
    await writeFile(file, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(list)}\nEND\n`, { mode: 0o755 });
    const inventory = await loadInventory([file], undefined, 'protected', program);
    expect(inventory.targets.map((one) => [one.name, one.groups, one.variables])).toEqual([
      [
        'ex01',
        ['exchange'],
        { ansible_user: 'svc', ansible_port: 5985, list: [1, 'a'], site: 'paris', ansible_connection: 'winrm' },
      ],
      ['ex02', ['dag1', 'exchange'], { ansible_user: '42', site: 'paris', ansible_connection: 'winrm' }],
    ]);
    // The same list in a file is the same inventory.
    const written = join(folder, 'list.json');
    await writeFile(written, JSON.stringify(list));
    const other = await loadInventory([written]);
    expect(other.targets.map((one) => [one.name, one.connection])).toEqual(
      inventory.targets.map((one) => [one.name, one.connection]),
    );
  });

  test("a plugin's settings", async () => {
    const file = join(folder, 'generated.yml');
    const layers = { site: ['paris', 'lyon'], number: ['01', '02'] };
    const hosts = {
      name: 'ex{{ number }}.{{ site }}',
      parents: [{ name: 'all_{{ site }}', vars: { ansible_user: 'svc' } }],
    };
    await writeFile(file, JSON.stringify({ plugin: 'ansible.builtin.generator', hosts, layers }));
    const inventory = await loadInventory([file], undefined, 'protected', program);
    expect(inventory.groups.get('all_paris')?.hosts).toEqual(['ex01.paris', 'ex02.paris']);
    expect(inventory.targets).toHaveLength(4);
  });

  test('what it could not read whole is refused, and so is what takes too long', async () => {
    const file = join(folder, 'broken');
    await writeFile(file, '#!/bin/sh\necho no json\n', { mode: 0o755 });
    const failure: unknown = await loadInventory([file], undefined, 'protected', program).catch((one: unknown) => one);
    expect(failure).toMatchObject({
      code: 'inventory/unreadable',
      message: expect.stringContaining('could not read it') as string,
    });
    await writeFile(file, '#!/bin/sh\nsleep 60\n', { mode: 0o755 });
    const { binFolder } = await pythonVenv();
    const hasty = createInventoryProgram({ ...env, PATH: `${binFolder}:${env.PATH ?? ''}` }, 300);
    await expect(hasty(file)).rejects.toThrow('did not finish within 0.3 s');
    await expect(createInventoryProgram({ PATH: folder })(file)).rejects.toThrow('is not installed');
  });
});
