// The lab, driven by masterzen/winrm, the client of Terraform and Packer, with NTLM by Azure/go-ntlmssp: neither is ours, nor in a language of
// the other peers. It seals nothing, so NTLM goes over TLS here.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/lab/cmd/console.ts';
import { startFleet } from '../../src/lab/fleet.ts';
import type { Fleet } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { buildGoClient, missingGo } from './support/go-client.ts';
import type { GoClient, GoQuestion } from './support/go-client.ts';

const missing = await missingGo();
const account = { user: 'LAB\\operator', password: 'Grün-Pass-1!' };
const show = 'netsh interface ipv4 show excludedportrange protocol=tcp';

let fleet: Fleet;
let client: GoClient;
let folder: string;

beforeAll(async () => {
  if (missing !== null) return;
  client = await buildGoClient();
  fleet = await startFleet({
    account,
    servers: [
      serverSpec({ name: 'plain', language: 'de' }),
      serverSpec({ name: 'german', language: 'de', listener: 'https', auth: ['ntlm', 'basic'] }),
      serverSpec({ name: 'japanese', language: 'ja', listener: 'https', auth: ['ntlm', 'basic'] }),
      serverSpec({ name: 'old', language: 'fr', windows: '2008r2', listener: 'https', auth: ['ntlm', 'basic'] }),
    ],
  });
  folder = await mkdtemp(join(tmpdir(), 'fencepost-go-lab-'));
  await writeFile(join(folder, 'ca.pem'), fleet.caPem ?? '');
});
afterAll(async () => {
  if (missing !== null) return;
  await fleet.close();
  await client.remove();
  await rm(folder, { recursive: true, force: true });
});

function question(name: string, differences: Partial<GoQuestion> = {}): GoQuestion {
  const { port, scheme } = fleet.server(name);
  const tls = scheme === 'https';
  const login = { auth: 'basic' as const, username: account.user, password: account.password };
  return { port, tls, ...login, caFile: tls ? join(folder, 'ca.pem') : null, command: show, ...differences };
}

/** What the console itself prints in the code page that this client always asks for. */
function printed(name: string, line = show) {
  const options = { codePage: 65001, elevated: true };
  const { stdout, stderr, exitCode } = runCommandLine(fleet.server(name).machine, line, options);
  return { kind: 'ran', stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exitCode };
}

describe.skipIf(missing !== null).each(['basic', 'ntlm'] as const)('%s over TLS', (auth) => {
  test.each(['german', 'japanese', 'old'])(
    '%s: reads the exclusion table to the byte, and leaves no shell behind',
    async (name) => {
      expect(await client.ask(question(name, { auth }))).toEqual(printed(name));
      expect(fleet.server(name).openShells).toBe(0);
    },
  );

  test('gets standard error and the exit code of a program that is not there', async () => {
    const reply = await client.ask(question('german', { auth, command: 'no-such-program' }));
    expect(reply).toEqual(printed('german', 'no-such-program'));
    expect(reply).toMatchObject({ kind: 'ran', exitCode: 1 });
  });

  test('a wrong password is refused, and opens nothing', async () => {
    const reply = await client.ask(question('german', { auth, password: 'wrong' }));
    expect(reply).toMatchObject({ kind: 'failed', said: expect.stringContaining('401') as string });
    expect(fleet.server('german').openShells).toBe(0);
  });
});

describe.skipIf(missing !== null)('what is not safe', () => {
  test('the lab`s certificate is not taken without its authority', async () => {
    const reply = await client.ask(question('german', { caFile: null }));
    expect(reply).toMatchObject({ kind: 'failed', said: expect.stringMatching(/certificate|x509/) as string });
  });

  test.each(['basic', 'ntlm'] as const)('%s in clear over http is refused', async (auth) => {
    const before = fleet.server('plain').requests.length;
    const reply = await client.ask(question('plain', { auth }));
    expect(reply.kind).toBe('failed');
    const seen = fleet.server('plain').requests.slice(before);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((one) => one.operation === null)).toBe(true);
  });
});
