// The inventory the lab writes, read back by the reader that users' inventories go through.
import { expect, test } from 'vitest';
import { resolveInventory } from '../../src/inventory/resolve.ts';
import { writeInventory } from '../../src/lab/inventory-text.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import type { ServerSpec } from '../../src/lab/scenario/server-spec.ts';
import { readYaml } from '../../src/yaml/document.ts';

const listed = (spec: Partial<ServerSpec> & { readonly name: string }, port: number) => {
  const whole = serverSpec(spec);
  return { name: whole.name, spec: whole, scheme: whole.listener, port };
};

const fleet = {
  account: 'LAB\\operator',
  servers: [
    listed({ name: 'ex01', groups: ['dag1', 'paris'], variables: { availability_group: 'DAG1' } }, 40001),
    listed({ name: 'ex02', groups: ['paris'], listener: 'https', auth: ['ntlm', 'basic'] }, 40002),
    listed({ name: 'ex03', listener: 'https', auth: ['basic'], password: 'wrong' }, 40003),
    listed({ name: 'ex04', reachable: false }, 40004),
  ],
};

function resolved(caFile: string | null) {
  const text = writeInventory(fleet, { passwordFile: 'password.txt', caFile });
  const { value, issues, warnings } = resolveInventory([readYaml(text, 'lab.yml')]);
  expect([issues, warnings]).toEqual([[], []]);
  if (value === null) throw new Error('expected an inventory');
  return value;
}

test('names every server with its own port, scheme and way in', () => {
  const { targets } = resolved('ca.pem');
  expect(
    targets.map(({ name, connection: { address, port, scheme, auth, caFile } }) => [
      name,
      `${scheme}://${address}:${String(port)}`,
      auth,
      caFile,
    ]),
  ).toEqual([
    ['ex01', 'http://127.0.0.1:40001', 'ntlm', null],
    ['ex02', 'https://127.0.0.1:40002', 'ntlm', 'ca.pem'],
    ['ex03', 'https://127.0.0.1:40003', 'basic', 'ca.pem'],
    ['ex04', 'http://127.0.0.1:40004', 'ntlm', null],
  ]);
});

test('keeps groups and variables', () => {
  const { targets, groups } = resolved(null);
  expect(groups.get('paris')?.hosts.toSorted()).toEqual(['ex01', 'ex02']);
  expect(groups.get('dag1')?.hosts).toEqual(['ex01']);
  // Those without a group: playbooks/*.yml are for it.
  expect(groups.get('exchange')?.hosts).toEqual(['ex03', 'ex04']);
  expect(targets[0]?.variables).toMatchObject({ availability_group: 'DAG1' });
});

test('says where the password is, and nothing else about it, the same for every server', () => {
  const { targets } = resolved(null);
  for (const { connection } of targets) {
    expect(connection.username).toBe('LAB\\operator');
    expect(connection.password).toEqual({ kind: 'file', path: 'password.txt' });
  }
});

test("reaches a server that takes Kerberos with the user's own ticket, by a name that the keytab has", () => {
  const servers = [
    listed({ name: 'ex01', auth: ['ntlm', 'kerberos'] }, 40001),
    listed({ name: 'ex02.corp.example', auth: ['kerberos'] }, 40002),
    listed({ name: 'ex03', auth: ['kerberos'] }, 40003),
    listed({ name: 'ex04' }, 40004),
  ];
  const hosts = ['other.corp.example', 'ex01.corp.example', 'ex02.corp.example'];
  const text = writeInventory({ account: 'LAB\\operator', servers }, { passwordFile: 'p', kerberosHosts: hosts });
  const { value, issues } = resolveInventory([readYaml(text, 'lab.yml')]);
  expect(issues).toEqual([]);
  const read = value?.targets.map(({ connection: { auth, username, kerberos } }) => [
    auth,
    username,
    kerberos?.hostname,
    kerberos?.ticketFrom.kind,
  ]);
  expect(read).toEqual([
    ['kerberos', '', 'ex01.corp.example', 'cache'],
    ['kerberos', '', 'ex02.corp.example', 'cache'],
    ['kerberos', '', 'other.corp.example', 'cache'],
    ['ntlm', 'LAB\\operator', undefined, undefined],
  ]);
});
