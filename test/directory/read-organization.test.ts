// What a directory says of an organization becomes servers; what it does not say stays unknown, and no name is taken for what it is not.
import { describe, expect, test } from 'vitest';
import { readOrganization } from '../../src/directory/read-organization.ts';
import { makeOrganization, memoryDirectory, type FixtureServer } from '../support/exchange-directory.ts';
import { failureOf } from '../support/failure-of.ts';
import { memoryListener } from '../support/memory-seams.ts';

const domain = 'DC=corp,DC=example';

function organization(servers: readonly FixtureServer[], references: readonly string[] = []) {
  const entries = makeOrganization({ domain, computers: 'CN=Computers', servers });
  return readOrganization(memoryDirectory(domain, entries, references), memoryListener());
}

describe('a server', () => {
  test('has what its entries say', async () => {
    const { name, servers } = await organization([
      { name: 'EX02', site: 'Zürich', dag: 'DAG, Süd', imap4: 9933, pop3: 1995, lastLogon: '2026-11-01T00:00:00.000Z' },
    ]);
    expect(name).toBe('Corp Mail');
    expect(servers).toEqual([
      {
        name: 'EX02',
        fqdn: 'ex02.corp.example',
        site: 'Zürich',
        version: { major: 15, minor: 1, build: 2507, revision: 6 },
        roles: ['mailbox', 'client-access', 'unified-messaging', 'hub-transport'],
        availabilityGroup: 'DAG, Süd',
        backEndPorts: { imap4: 9933, pop3: 1995 },
        account: { kind: 'found', isDisabled: false, lastLogon: '2026-11-01T00:00:00.000Z' },
      },
    ]);
  });

  test.each([
    ['without an address', null],
    ['with a line end in it', 'ex01.corp.example\nevil: true'],
    ['with a pattern in it', 'ex*.corp.example'],
    ['that is a range', 'ex[01:99].corp.example'],
    ['that is a path', '../../etc/passwd'],
    ['that is an address', '10.0.0.1'],
    ['without a domain', 'ex01'],
  ])('%s has no name to reach it by', async (_, fqdn) => {
    const { servers } = await organization([{ name: 'EX01', fqdn }]);
    expect(servers[0]?.fqdn).toBeNull();
  });

  test.each([
    ['', null],
    ['Version 15.2 (Build 32562.17)', { major: 15, minor: 2, build: 2562, revision: 17 }],
    ['Version 14.3 (Build 30123.4)', { major: 14, minor: 3, build: 123, revision: 4 }],
    ['Version 15.1 (Build 2507.6); rm', null],
  ])('of the version "%s" is read or unknown', async (serial, version) => {
    const { servers } = await organization([{ name: 'EX01', serial }]);
    expect(servers[0]?.version).toEqual(version);
  });

  test('whose account is of another domain, or of nobody, says so', async () => {
    const { servers, notes } = await organization([
      { name: 'EX01' },
      { name: 'EX02', lastLogon: null },
      { name: 'EX03', fqdn: 'ex03.paris.corp.example', lastLogon: null },
    ]);
    expect(servers.map(({ account }) => account.kind)).toEqual(['found', 'missing', 'unknown']);
    expect(notes).toEqual([
      'servers of paris.corp.example: their computer accounts are in that domain and were not looked at',
    ]);
  });

  test('is not called gone where no account at all can be seen', async () => {
    const { servers, notes } = await organization([{ name: 'EX01', lastLogon: null }]);
    expect(servers[0]?.account).toEqual({ kind: 'unknown' });
    expect(notes[0]).toContain('no computer account in corp.example could be read');
  });
});

test('a reference is named once and not followed', async () => {
  const { notes } = await organization([{ name: 'EX01' }], ['ldap://dc9.other.example/CN=x??sub']);
  expect(notes).toEqual(['the directory refers to ldap://dc9.other.example/CN=x, which was not followed']);
});

test('a forest without Exchange is no empty organization', async () => {
  const failure = await failureOf(readOrganization(memoryDirectory(domain, []), memoryListener()));
  expect(failure.code).toBe('directory/no-exchange');
});
