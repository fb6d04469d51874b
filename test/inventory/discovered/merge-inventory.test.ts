// Servers of a directory in an inventory: whatever they are called, the file says what the directory said and nothing more; and what a
// person wrote in it is there afterwards.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeServers, writeInventory, type KnownHost } from '../../../src/inventory/discovered/merge-inventory.ts';
import type { DiscoveredServer } from '../../../src/model/discovery/discovery.ts';
import { readYaml } from '../../../src/yaml/document.ts';
import { anyCharacter } from '../../support/any-character.ts';

function server(name: string, more: Partial<DiscoveredServer> = {}): DiscoveredServer {
  return {
    name,
    fqdn: `${name.toLowerCase()}.corp.example`,
    site: 'Paris',
    version: { major: 15, minor: 1, build: 2507, revision: 6 },
    roles: ['mailbox'],
    availabilityGroup: 'DAG1',
    backEndPorts: { imap4: 9933, pop3: null },
    account: { kind: 'unknown' },
    dns: 'unknown',
    marks: [],
    ...more,
  };
}

interface Groups {
  readonly all: {
    readonly children: Readonly<
      Record<
        string,
        { readonly hosts?: Readonly<Record<string, unknown>>; readonly vars?: Readonly<Record<string, unknown>> }
      >
    >;
  };
}

function read(text: string): Groups {
  const { value, issues } = readYaml(text, 'exchange.yml');
  expect(issues).toEqual([]);
  return value as Groups;
}

const known = (name: string, ...groups: readonly string[]): KnownHost => ({ name, address: name, groups });

describe('a new inventory', () => {
  test('has a server once with what is known of it, and its name in every group', () => {
    const groups = read(writeInventory([server('EX01')])).all.children;
    expect(groups).toEqual({
      exchange: {
        hosts: {
          'ex01.corp.example': {
            exchange_version: '15.1.2507.6',
            exchange_site: 'Paris',
            exchange_roles: ['mailbox'],
            exchange_imap4_backend_port: 9933,
          },
        },
      },
      dag_dag1: { vars: { availability_group: 'DAG1' }, hosts: { 'ex01.corp.example': null } },
      site_paris: { hosts: { 'ex01.corp.example': null } },
      version_2016: { hosts: { 'ex01.corp.example': null } },
      role_mailbox: { hosts: { 'ex01.corp.example': null } },
    });
  });

  test('keeps apart what playbooks should not touch', () => {
    const groups = read(
      writeInventory([
        server('EX01'),
        server('EDGE', { marks: ['edge'] }),
        server('OLD', { marks: ['old'] }),
        server('GONE', { marks: ['decommissioned', 'no-logon'] }),
      ]),
    ).all.children;
    expect(Object.keys(groups['exchange']?.hosts ?? {})).toEqual(['ex01.corp.example']);
    expect(Object.keys(groups['exchange_edge']?.hosts ?? {})).toEqual(['edge.corp.example']);
    expect(Object.keys(groups['exchange_old']?.hosts ?? {})).toEqual(['old.corp.example']);
    expect(Object.keys(groups['exchange_decommissioned']?.hosts ?? {})).toEqual(['gone.corp.example']);
  });

  test('of two DAGs whose names would be one group makes two', () => {
    const groups = read(
      writeInventory([server('A', { availabilityGroup: 'DAG-1' }), server('B', { availabilityGroup: 'DAG 1' })]),
    ).all.children;
    const dags = Object.entries(groups).filter(([name]) => name.startsWith('dag_'));
    expect(dags.map(([, { vars }]) => vars?.['availability_group']).toSorted()).toEqual(['DAG 1', 'DAG-1']);
  });

  test('takes any name as a text, never as structure', () => {
    const name = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.constantFrom('a: b', '{x', '- y', '&a', '*a', '!t', '\u202e', '{{ x }}', '# c', '\u001b[2J'),
    );
    fc.assert(
      fc.property(name, name, (site, dag) => {
        const text = writeInventory([server('EX01', { site, availabilityGroup: dag })]);
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
        const groups = read(text).all.children;
        expect(Object.keys(groups).every((one) => /^[a-z0-9_]+$/.test(one))).toBe(true);
        for (const { hosts } of Object.values(groups)) expect(Object.keys(hosts ?? {})).toEqual(['ex01.corp.example']);
      }),
    );
  });
});

describe('an inventory that a person wrote', () => {
  const written = `# Who changes this file tells ops.
all:
  vars:
    winrm: { username: 'CORP\\svc', password: { env: PW } }
  children:
    paris: # the old house
      hosts:
        ex[01:02].corp.example:
    exchange:
      children:
        paris:
`;

  test('keeps its lines, and gets what is missing', () => {
    const servers = [server('EX01'), server('EX03')];
    const merge = mergeServers(written, servers, [known('ex01.corp.example', 'paris', 'exchange')]);
    // A comment behind the name of a group goes to the line below it.
    for (const line of written.split('\n')) expect(merge.text).toContain(line.replace(/ # the old house$/, ''));
    expect(merge.text).toContain('# the old house');
    expect(merge.added).toEqual(['ex03.corp.example']);
    expect(merge.gone).toEqual([]);
    expect(Object.keys(read(merge.text).all.children['exchange']?.hosts ?? {})).toEqual([
      'ex01.corp.example',
      'ex03.corp.example',
    ]);
  });

  test('has a server that it calls otherwise no second time', () => {
    const merge = mergeServers('all:\n  hosts:\n    EX01:\n', [server('EX01')], [known('EX01')]);
    expect(merge.added).toEqual([]);
    expect(Object.keys(read(merge.text).all.children['exchange']?.hosts ?? {})).toEqual(['EX01']);
  });

  test('is the same text when it is merged again', () => {
    const servers = [server('EX01'), server('EX02', { availabilityGroup: null })];
    const first = mergeServers(written, servers, []).text;
    const groups = ['exchange', 'dag_dag1', 'site_paris', 'version_2016', 'role_mailbox'];
    const again = mergeServers(first, servers, [
      known('ex01.corp.example', ...groups),
      known('ex02.corp.example', ...groups.filter((one) => one !== 'dag_dag1')),
    ]);
    expect(again).toEqual({ text: first, added: [], gone: [], changed: [], unnamed: [] });
  });

  test('moves a server to its new groups, says so, and leaves what else is written there', () => {
    const first = mergeServers('', [server('EX01'), server('EX02')], []).text.replace('dag_dag1:', 'dag_dag1: # ours');
    const before = [
      known('ex01.corp.example', 'exchange', 'dag_dag1', 'version_2016'),
      known('ex02.corp.example', 'exchange', 'dag_dag1', 'version_2016'),
    ];
    const moved = server('EX01', { availabilityGroup: 'DAG2', backEndPorts: { imap4: 1993, pop3: null } });
    const merge = mergeServers(first, [moved], before);
    expect(merge.changed).toEqual([
      'ex01.corp.example: exchange_imap4_backend_port 1993',
      'ex01.corp.example: left dag_dag1',
    ]);
    expect(merge.gone).toEqual(['ex02.corp.example']);
    const groups = read(merge.text).all.children;
    expect(Object.keys(groups['dag_dag1']?.hosts ?? {})).toEqual(['ex02.corp.example']);
    expect(Object.keys(groups['dag_dag2']?.hosts ?? {})).toEqual(['ex01.corp.example']);
    expect(merge.text).toContain('# ours');
  });

  test('keeps a host in groups that only sound like those of the directory', () => {
    const text = 'all:\n  children:\n    role_backup:\n      hosts: { ex01.corp.example: }\n';
    const before = [known('ex01.corp.example', 'role_backup'), known('ex09.corp.example', 'version_test')];
    const merge = mergeServers(text, [server('EX01')], before);
    expect(Object.keys(read(merge.text).all.children['role_backup']?.hosts ?? {})).toEqual(['ex01.corp.example']);
    expect([merge.changed.filter((line) => line.includes('left')), merge.gone]).toEqual([[], []]);
  });

  test.each([
    { by: 'a range', text: 'all:\n  children:\n    exchange:\n      hosts:\n        ex[01:02].corp.example:\n' },
    {
      by: 'a group below',
      text: 'all:\n  children:\n    exchange:\n      children:\n        lab:\n          hosts:\n            ex01.corp.example:\n',
    },
  ])('says which server it can not take out of a group, for $by has it', ({ text }) => {
    const gone = server('EX01', { marks: ['decommissioned', 'no-logon'] });
    const { changed } = mergeServers(text, [gone], [known('ex01.corp.example', 'exchange', 'lab')]);
    expect(changed).toContain(
      'ex01.corp.example: is no longer of exchange, where a range or another group has it: move it',
    );
  });

  test('with something else in the way is left as it is', () => {
    expect(() => mergeServers('all:\n  children: [paris]\n', [server('EX01')], [])).toThrow(RangeError);
  });
});
