// An inventory that others may edit says which hosts there are, and nothing about secrets or trust; its hosts are reached as the
// protected inventory reaches the same listener with the same account.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInventory } from '../../src/workflows/read-inventory.ts';
import { createVaultOpener, noPasswords } from '../../src/inventory/secrets/vault-opener.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { failureOf } from '../support/failure-of.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-untrusted-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const protectedText = `all:
  vars:
    winrm: { username: 'CORP\\svc', auth: ntlm, scheme: https, ca_file: ca.pem, password: { env: SECRET } }
  hosts:
    ex01: {}
    ex02: { winrm: { address: 10.0.0.2, tls_fingerprint: "${'AB'.repeat(32)}" } }
`;

const hostsWith = (settings: string): string => `all:
  vars:
    ansible_winrm_transport: ntlm
    winrm: { username: 'CORP\\svc', scheme: https }
  hosts:
    ex01:
      ${settings}
`;

async function read(untrusted: string): Promise<Inventory> {
  await writeFile(join(folder, 'protected.yml'), protectedText);
  await writeFile(join(folder, 'pull-request.yml'), untrusted);
  const args = {
    files: [join(folder, 'protected.yml')],
    untrusted: [join(folder, 'pull-request.yml')],
  };
  return readInventory(args, createVaultOpener(noPasswords));
}

describe('an untrusted inventory', () => {
  test('gives hosts, groups and variables; secret and trust are the protected one’s', async () => {
    const inventory = await read(`all:
  vars:
    winrm: { username: 'CORP\\svc', auth: ntlm, scheme: https, connect_timeout_s: 99 }
  children:
    tonight: { hosts: { ex01: { rack: 7 }, renamed: { winrm: { address: 10.0.0.2 } } } }
`);
    expect(inventory.targets.map((one) => [one.name, one.groups, one.variables])).toEqual([
      ['ex01', ['tonight'], { rack: 7 }],
      ['renamed', ['tonight'], {}],
    ]);
    const [first, second] = inventory.targets.map((one) => one.connection);
    const shared = { password: { kind: 'env', name: 'SECRET' }, caFile: join(folder, 'ca.pem') };
    expect(first).toMatchObject({ ...shared, address: 'ex01', timeouts: { connectMs: 10_000 } });
    expect(second).toMatchObject({ ...shared, address: '10.0.0.2', tls: { fingerprint: 'AB'.repeat(32) } });
    expect(inventory.files).toEqual([join(folder, 'protected.yml')]);
  });

  test.each([
    ['winrm: { password: { command: [sh, -c, id] } }', 'names no password'],
    ['winrm: { password: { env: GITHUB_TOKEN } }', 'names no password'],
    ['winrm: { password: { file: /etc/shadow } }', 'names no password'],
    ['winrm: { password: { keyring: other } }', 'names no password'],
    ['winrm: { password: word }', 'names no password'],
    ['ansible_password: word', 'names no password'],
    ['winrm: { auth: basic }', 'does not choose basic'],
    ['ansible_winrm_transport: basic', 'does not choose basic'],
    ['winrm: { ca_file: own.pem }', 'does not say whom to trust'],
    ['ansible_winrm_ca_trust_path: own.pem', 'does not say whom to trust'],
    [`winrm: { tls_fingerprint: "${'CD'.repeat(32)}" }`, 'does not say whom to trust'],
    ['winrm: { certificate_validation: ignore }', 'does not switch the check of certificates off'],
    ['ansible_winrm_server_cert_validation: ignore', 'does not switch the check of certificates off'],
    ['winrm: { kerberos_keytab: svc.keytab }', 'names no key, certificate or keytab'],
    ['winrm: { client_pfx_file: svc.pfx }', 'names no key, certificate or keytab'],
    ['winrm: { client_certificate_file: svc.pem, client_key_file: svc.key }', 'names no key, certificate or keytab'],
  ])('that says %s is refused with file and line', async (settings, says) => {
    const failure = await failureOf(read(hostsWith(settings)));
    expect(failure.code).toBe('inventory/invalid');
    const found = failure.issues.filter((one) => one.message.includes(says));
    expect(found).not.toEqual([]);
    for (const issue of found) {
      expect([issue.file, issue.line]).toEqual([join(folder, 'pull-request.yml'), 7]);
    }
  });

  test.each([
    ['address', 'winrm: { address: 10.6.6.6 }', 'https://10.6.6.6:5986 with account CORP\\svc and ntlm'],
    ['port', 'winrm: { port: 15986 }', 'https://ex01:15986'],
    ['scheme', 'winrm: { scheme: http }', 'http://ex01:5985'],
    ['account', "winrm: { username: 'CORP\\admin' }", 'with account CORP\\admin'],
    ['authentication', 'winrm: { auth: negotiate }', 'and negotiate'],
  ])('that changes the %s of a host is refused, whatever the host is called', async (_, settings, says) => {
    const text = `${hostsWith(settings)}    ex99: { winrm: { address: 10.9.9.9 } }\n`;
    const failure = await failureOf(read(text));
    expect([failure.code, failure.message]).toEqual([
      'inventory/untrusted',
      'the protected inventory does not have 2 hosts of the untrusted one',
    ]);
    expect(failure.issues.map((one) => [one.file, one.line])).toEqual([
      [join(folder, 'pull-request.yml'), 6],
      [join(folder, 'pull-request.yml'), 8],
    ]);
    expect(failure.issues[0]?.message).toContain(says);
    expect(failure.issues[1]?.message).toContain('https://10.9.9.9:5986');
  });

  test('encrypted as a whole is not opened, with whatever vault password', async () => {
    const failure = await failureOf(read('$ANSIBLE_VAULT;1.1;AES256\n6162\n'));
    expect(failure.issues[0]?.file ?? failure.where).toContain('pull-request.yml');
  });
});
