// The lab's Kerberos against what is not ours at the other end: MIT's KDC gives the tickets; pywinrm and pypsrp, whose Kerberos is MIT's
// through python-gssapi, log on and seal. Our own client and the whole command follow the same way.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../src/lab/cmd/console.ts';
import { startFleet } from '../../src/lab/fleet.ts';
import type { Fleet, RunningServer } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { openKerberosService } from '../../src/winrm/auth/kerberos.ts';
import type { KerberosService } from '../../src/winrm/auth/kerberos/library.ts';
import { connect } from '../../src/winrm/client.ts';
import type { ConnectOptions } from '../../src/winrm/client.ts';
import { runCli, startCli } from '../support/cli.ts';
import { failureOf } from '../support/failure-of.ts';
import { clientConfig, createKdc, missingKdc, realm } from './support/kdc.ts';
import type { Kdc } from './support/kdc.ts';
import { ask } from './support/lab-clients.ts';
import type { Question } from './support/lab-clients.ts';
import { missingPeer } from './support/python-venv.ts';

const missing = (await missingPeer(['gssapi', 'winrm', 'pypsrp'])) ?? (await missingKdc());
const suite = describe.skipIf(missing !== null);

const password = 'Grün-Pass-1!';
const show = ['netsh', 'interface', 'ipv4', 'show', 'excludedportrange', 'protocol=tcp'] as const;
const [program, ...args] = show;
const line = show.join(' ');
const account = { user: 'LAB\\operator', password };

let kdc: Kdc;
let keytab: string;
let opsKeytab: string;
let folder: string;
let caFile: string;
let fleet: Fleet;
const before = { ...process.env };

beforeAll(async () => {
  if (missing !== null) return;
  kdc = await createKdc();
  await kdc.admin(`addprinc -pw ${password} ops`);
  for (const one of ['HTTP/localhost', 'HTTP/ex01.corp.example', 'HTTP/ex02.corp.example']) {
    await kdc.admin(`addprinc -randkey ${one}`);
  }
  keytab = await kdc.keytab('services.keytab', 'HTTP/localhost', 'HTTP/ex01.corp.example');
  opsKeytab = await kdc.keytab('ops.keytab', 'ops');
  await kdc.start();
  Object.assign(process.env, kdc.environment);
  fleet = await startFleet({
    account,
    kerberos: await openKerberosService(keytab),
    wire: (spec) => ({ requireChannelBinding: spec.name === 'strict' }),
    servers: [
      serverSpec({ name: 'german', language: 'de', auth: ['kerberos'] }),
      serverSpec({ name: 'japanese-tls', language: 'ja', listener: 'https', auth: ['kerberos'] }),
      serverSpec({ name: 'strict', listener: 'https', auth: ['kerberos'] }),
      serverSpec({ name: 'both', auth: ['ntlm', 'kerberos'] }),
    ],
  });
  folder = await mkdtemp(join(tmpdir(), 'fencepost-lab-kerberos-'));
  caFile = join(folder, 'ca.pem');
  await writeFile(caFile, fleet.caPem ?? '');
});

afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
  if (missing !== null) return;
  await fleet.close();
  await kdc.dispose();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  if (missing === null) await kdc.kinit('ops', password);
});

function question(server: RunningServer, differences: Partial<Question> = {}): Question {
  const isTls = server.scheme === 'https';
  return {
    url: `${server.scheme}://localhost:${String(server.port)}/wsman`,
    auth: 'kerberos',
    username: `ops@${realm}`,
    password: '',
    encryption: isTls ? 'auto' : 'always',
    caFile: isTls ? caFile : null,
    command: program,
    arguments: args,
    kerberosHostname: 'localhost',
    environment: kdc.environment,
    ...differences,
  };
}

/** What the console itself prints, on the machine behind the server. */
function printed(server: RunningServer) {
  const { stdout, stderr, exitCode } = runCommandLine(server.machine, line, { codePage: 65001, elevated: true });
  return { kind: 'ran', stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exitCode };
}

function loginTo(server: RunningServer, more: Partial<ConnectOptions> = {}): ConnectOptions {
  const tls = server.scheme === 'https' ? ({ scheme: 'https', caFile } as const) : {};
  return { host: 'localhost', port: server.port, auth: 'kerberos', ...tls, ...more };
}

suite.each(['pywinrm', 'pypsrp'] as const)('%s', (client) => {
  test.each(['german', 'japanese-tls', 'strict'] as const)(
    '%s: reads the exclusion table to the byte',
    async (name) => {
      const server = fleet.server(name);
      expect(await ask(client, question(server))).toEqual(printed(server));
      expect(server.openShells).toBe(0);
    },
  );

  test('a ticket for another host is refused', async () => {
    const server = fleet.server('german');
    const seen = server.requests.length;
    const asked = question(server, { kerberosHostname: 'ex02.corp.example' });
    await ask(client, asked).then(
      (reply) => {
        expect(reply.kind).toBe('failed');
      },
      (error: unknown) => {
        expect(String(error)).toContain('broke');
      },
    );
    expect(server.requests.slice(seen).every((one) => one.status === 401)).toBe(true);
    expect(server.requests.length).toBeGreaterThan(seen);
  });
});

suite('our own client', () => {
  const machines = ['german', 'japanese-tls', 'strict', 'both'] as const;
  test.each(machines)('%s: reads what the others read, bare and in SPNEGO', async (name) => {
    const server = fleet.server(name);
    for (const auth of ['kerberos', 'negotiate'] as const) {
      const shell = await connect(loginTo(server, { auth }));
      expect((await shell.run(line)).stdout).toBe(printed(server).stdout.toString('utf8'));
      await shell.close();
    }
  });

  test('a whole collect is five requests over http, four over https', async () => {
    for (const [name, count] of [
      ['german', 5],
      ['japanese-tls', 4],
    ] as const) {
      const server = fleet.server(name);
      const seen = server.requests.length;
      const shell = await connect(loginTo(server));
      await shell.run(line);
      await shell.close();
      // Nobody waits for the answer to the Delete.
      await vi.waitFor(() => {
        expect(server.openShells).toBe(0);
      });
      expect(server.requests.slice(seen)).toHaveLength(count);
    }
  });

  test('NTLM is refused where Kerberos alone is taken', async () => {
    const login = { auth: 'ntlm', username: account.user, password } as const;
    const failure = await failureOf(connect(loginTo(fleet.server('german'), login)));
    expect([failure.code, failure.message]).toEqual(['auth/unsupported', expect.stringContaining('NTLM')]);
  });

  test('a ticket is of no use where there is no Kerberos', async () => {
    const plain = await startFleet({ account, servers: [serverSpec({ name: 'plain', auth: ['ntlm'] })] });
    try {
      const failure = await failureOf(connect(loginTo(plain.server('plain'))));
      expect(failure.code).toBe('auth/refused');
    } finally {
      await plain.close();
    }
  });
});

suite('a refusal names its reason', () => {
  async function refused(service: KerberosService, more: Partial<ConnectOptions> = {}) {
    const lab = await startFleet({
      account,
      kerberos: service,
      servers: [serverSpec({ name: 'ex01', auth: ['kerberos'] })],
    });
    try {
      const server = lab.server('ex01');
      const failure = await failureOf(connect(loginTo(server, more)));
      expect(server.requests.every((one) => one.user === null)).toBe(true);
      return { failure, requestCount: server.requests.length };
    } finally {
      await lab.close();
    }
  }

  test('the host has no key of that name', async () => {
    const { failure } = await refused(await openKerberosService(keytab), {
      kerberos: { hostname: 'ex02.corp.example' },
    });
    expect(failure.code).toBe('auth/kerberos-service');
    expect(failure.message).toContain('HTTP/ex02.corp.example');
    expect(failure.hint).toContain('kerberos_service');
  });

  test.each(['kerberos', 'negotiate'] as const)('the host has another key of that name (%s)', async (auth) => {
    // The same name and number, made anew: what a host has that left the domain and joined it again.
    await kdc.admin('addprinc -randkey HTTP/ex05.corp.example');
    const stale = await kdc.keytab(`stale-${auth}.keytab`, 'HTTP/ex05.corp.example');
    await kdc.admin('delprinc -force HTTP/ex05.corp.example');
    await kdc.admin('addprinc -randkey HTTP/ex05.corp.example');
    try {
      const more = { auth, kerberos: { hostname: 'ex05.corp.example' } } as const;
      const { failure } = await refused(await openKerberosService(stale), more);
      expect([failure.code, failure.effect]).toEqual(['auth/kerberos-service', 'none']);
      expect(failure.hint).toContain('kinit');
    } finally {
      await kdc.admin('delprinc -force HTTP/ex05.corp.example');
    }
  });

  test('the clocks of host and domain differ: said by the host', async () => {
    await kdc.halt();
    await kdc.start(15 * 60);
    try {
      // The library takes over the time of the KDC, and the host has another.
      const login = { username: `ops@${realm}`, password };
      const { failure, requestCount } = await refused(await openKerberosService(keytab), login);
      expect([failure.code, requestCount]).toEqual(['auth/kerberos-clock', 1]);
      expect(failure.hint).toContain('timedatectl');
    } finally {
      await kdc.halt();
      await kdc.start();
    }
  });

  test('the clocks of this machine and the domain differ: said before the host is asked', async () => {
    const config = join(folder, 'no-timesync.conf');
    await writeFile(config, clientConfig(kdc.port, ['kdc_timesync = 0']));
    await kdc.halt();
    await kdc.start(15 * 60);
    process.env['KRB5_CONFIG'] = config;
    try {
      const login = { username: `ops@${realm}`, password };
      const { failure, requestCount } = await refused(await openKerberosService(keytab), login);
      expect([failure.code, requestCount]).toEqual(['auth/kerberos-clock', 0]);
    } finally {
      Object.assign(process.env, kdc.environment);
      await kdc.halt();
      await kdc.start();
    }
  });
});

suite('fencepost collect against fencepost lab, each a process of its own', () => {
  test('with a ticket cache, and with a keytab; over http and https', async () => {
    const env = { ...kdc.environment, HOME: folder };
    const scenario = join(folder, 'scenario.yml');
    await writeFile(
      scenario,
      'defaults: { groups: [exchange] }\nservers: [{ name: ex01 }, { name: ex02, listener: https, language: de }]\n',
    );
    const lab = startCli(['lab', scenario, '--dir', join(folder, 'lab'), '--keytab', keytab, '--requests'], { env });
    try {
      await lab.until(/Stop with Ctrl-C/);
      const inventory = join(folder, 'lab', 'inventory.yml');
      const text = await readFile(inventory, 'utf8');
      expect(text).toContain('kerberos_hostname: ex01.corp.example');
      const collected = await runCli(['collect', '-i', inventory, '--json'], { env });
      expect([collected.exitCode, collected.stderr]).toEqual([0, expect.not.stringContaining('failed')]);
      const chosen = join(folder, 'lab', 'negotiate.yml');
      const negotiate = text.replaceAll('auth: kerberos', 'auth: negotiate');
      await writeFile(chosen, negotiate.replace('  address:', `  username: ops@${realm}\n      address:`));
      const traced = await runCli(['collect', '-i', chosen, '--json', '--trace', '-l', 'ex01'], { env });
      expect(traced.stderr).toContain(`(Kerberos: ops@${realm} to HTTP/ex01.corp.example)`);
      // A keytab needs an account, and no ticket of `kinit`.
      await kdc.kdestroy();
      const refused = await runCli(['collect', '-i', inventory], { env });
      expect([refused.exitCode, refused.stdout + refused.stderr]).toEqual([3, expect.stringContaining('kinit')]);
      // The lab made the account and its password, and an NTLM logon needs no KDC.
      const fallback = `  username: ${account.user}\n      password: { file: password }\n      address:`;
      await writeFile(chosen, negotiate.replace('  address:', fallback));
      const byNtlm = await runCli(['collect', '-i', chosen, '--json', '--trace', '-l', 'ex01'], { env });
      expect([byNtlm.exitCode, byNtlm.stderr]).toEqual([0, expect.stringContaining('(NTLM, not Kerberos: ')]);
      const own = join(folder, 'lab', 'keytab.yml');
      const keytabOf = `  username: ops@${realm}\n      kerberos_keytab: ${opsKeytab}\n      address:`;
      await writeFile(own, text.replace('  address:', keytabOf));
      const withKeytab = await runCli(['collect', '-i', own, '--json', '--trace'], { env });
      expect([withKeytab.exitCode, withKeytab.stderr]).toEqual([0, expect.not.stringContaining('failed')]);
      const [first, second] = [collected, withKeytab].map((one) => JSON.parse(one.stdout) as { hosts: unknown[] });
      expect(first?.hosts).toHaveLength(2);
      expect(second?.hosts).toHaveLength(2);
    } finally {
      lab.kill('SIGINT');
    }
    expect((await lab.ended).exitCode).toBe(0);
  });

  test('a scenario that wants Kerberos without a keytab, and keytabs that are none', async () => {
    const scenario = join(folder, 'wants.yml');
    await writeFile(scenario, 'servers: [{ name: ex01, auth: [kerberos] }]\n');
    const noKey = await kdc.keytab('user-only.keytab', 'ops');
    const garbage = join(folder, 'garbage.keytab');
    await writeFile(garbage, 'no keytab');
    const dir = join(folder, 'lab');
    const lab = (...flags: readonly string[]) =>
      runCli(['lab', scenario, '--dir', dir, ...flags], { env: kdc.environment });
    for (const [flags, said] of [
      [[], 'fencepost lab SCENARIO --keytab'],
      [['--keytab', '/no/such.keytab'], "can't be read"],
      [['--keytab', garbage], 'klist -k'],
      [['--keytab', noKey], 'HTTP/ex01.corp.example'],
    ] as const) {
      const { exitCode, stderr } = await lab(...flags);
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining(said)]);
    }
  });
});
