// `fencepost discover` against OpenLDAP: pages, StartTLS and LDAPS, refused binds, references, names that are not ASCII; and the inventory
// that comes of it as it is, against the lab.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeOrganization } from '../support/exchange-directory.ts';
import { runCli, type CliResult } from '../support/cli.ts';
import { openLab, type TestLab } from '../support/lab.ts';
import { fiveHundred, managedCount } from './support/five-hundred.ts';
import { createSlapd, missingSlapd, reader, type Slapd } from './support/slapd.ts';

const missing = await missingSlapd();
const suite = describe.skipIf(missing !== null);
const elsewhere = 'ldap://dc9.other.example/CN=Moved,CN=Configuration,DC=other,DC=example';
let slapd: Slapd;

beforeAll(async () => {
  if (missing !== null) return;
  const domain = 'DC=corp,DC=example';
  slapd = await createSlapd([
    ...makeOrganization({ domain, computers: 'CN=Computers', servers: fiveHundred }),
    {
      dn: `CN=Moved,CN=Microsoft Exchange,CN=Services,CN=Configuration,${domain}`,
      attributes: { objectClass: ['referral', 'extensibleObject'], ref: [elsewhere] },
    },
  ]);
});

afterAll(async () => {
  if (missing === null) await (slapd as Slapd | undefined)?.dispose();
});

function discover(args: readonly string[], password: string = reader.password): Promise<CliResult> {
  const common = ['--domain', 'corp.example', '--auth', 'simple', '--user', reader.name, '--password-from', 'env:LDAP'];
  return runCli(['discover', '--no-dns', ...common, ...args], { env: { LDAP: password } });
}

const ldaps = (): readonly string[] => ['--server', `localhost:${slapd.tlsPort}`, '--ca-file', slapd.caFile];

suite('of OpenLDAP', () => {
  test('500 servers are discovered page by page over LDAPS, and the inventory plans 497 of them against the lab unedited', async () => {
    const file = join(slapd.folder, 'exchange.yml');
    const found = await discover([...ldaps(), '--out', file]);
    expect(found.stderr).toBe('');
    expect(found.exitCode).toBe(0);
    expect(found.stdout).toMatch(/^500 Exchange servers of Corp Mail, from localhost:\d+\n/);
    expect(found.stdout).toContain('note: the directory refers to ldap://dc9.other.example/');
    const text = await readFile(file, 'utf8');
    expect(text).toContain('availability_group: DAG-Süd');
    expect(text).toContain('exchange_site: 東京');
    const names = fiveHundred.slice(0, managedCount).map(({ name }) => `${name.toLowerCase()}.corp.example`);
    const lab = await openLab(names.map((name) => ({ name })));
    try {
      await planAll(lab, file);
    } finally {
      await lab.close();
    }
  });

  async function planAll(lab: TestLab, file: string): Promise<void> {
    // Only where and as whom: all that is said of the servers comes from the directory.
    const hosts = lab.fleet.servers.map(({ name, port }) => `    ${name}: { winrm: { port: ${port} } }\n`).join('');
    const account = `{ address: 127.0.0.1, auth: ntlm, username: '${lab.fleet.account}', password: { env: LAB } }`;
    const reach = await lab.write('reach.yml', `all:\n  vars:\n    winrm: ${account}\n  hosts:\n${hosts}`);
    const plan = await lab.run(['plan', '-i', file, '-i', reach, '--json', '-q'], {
      env: { LAB: lab.password },
    });
    expect(plan.stderr).toBe('');
    const { hosts: planned } = JSON.parse(plan.stdout) as {
      hosts: readonly { target: string; state: string; exclusiveGroup: string | null }[];
    };
    expect(planned).toHaveLength(managedCount);
    expect(new Set(planned.map(({ state }) => state))).toEqual(new Set(['changes']));
    expect(new Set(planned.map(({ exclusiveGroup }) => exclusiveGroup))).toEqual(new Set(['DAG-Süd', 'DAG2']));
    await planOwnPorts(lab, [file, reach]);
  }

  /** The port that each server uses, as the directory says it. */
  async function planOwnPorts(lab: TestLab, inventory: readonly string[]): Promise<void> {
    const entries = ['MSExchangeIMAP4BE', 'MSExchangePOP3BE'].map((one) => `  - { port: backend, for: ${one} }\n`);
    const playbook = await lab.write('own.yml', `name: Own ports\nhosts: exchange\nexclusions:\n${entries.join('')}`);
    const args = ['plan', ...inventory.flatMap((one) => ['-i', one]), '-p', playbook, '--json', '-q'];
    const { stdout, stderr } = await lab.run(args, { env: { LAB: lab.password } });
    expect(stderr).toBe('');
    const { hosts } = JSON.parse(stdout) as {
      hosts: readonly {
        target: string;
        state: string;
        desired: { exclusions: readonly { range: { firstPort: number } }[] };
      }[];
    };
    const told = hosts.map(({ target, state, desired }) => {
      return [target, state, ...desired.exclusions.map(({ range }) => range.firstPort)];
    });
    const expected = fiveHundred
      .slice(0, managedCount)
      .map(({ name, imap4, pop3 }) => [`${name.toLowerCase()}.corp.example`, 'changes', imap4, pop3]);
    expect(told.toSorted()).toEqual(expected.toSorted());
  }

  test('StartTLS gives the same, as JSON', async () => {
    const server = ['--server', `localhost:${slapd.port}`, '--tls', 'starttls', '--ca-file', slapd.caFile];
    const { stdout, exitCode } = await discover([...server, '--json']);
    expect(exitCode).toBe(0);
    const document = JSON.parse(stdout) as { servers: readonly { marks: readonly string[]; site: string }[] };
    expect(document.servers).toHaveLength(500);
    const marked = document.servers.filter(({ marks }) => marks.length > 0).map(({ marks }) => marks);
    expect(marked).toEqual([['edge'], ['old'], ['decommissioned', 'no-logon']]);
    expect(new Set(document.servers.map(({ site }) => site))).toEqual(new Set(['Paris', 'Zürich', '東京']));
  });

  test('a refused password, a CA that is not trusted, and a controller that is down are told apart', async () => {
    const refused = await discover(ldaps(), 'wrong');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('[auth/refused]');
    const untrusted = await discover(['--server', `localhost:${slapd.tlsPort}`]);
    expect(untrusted.stderr).toContain('--ca-file PATH');
    expect(untrusted.stderr).toMatch(/\[tls\/\w+\]/);
    const next = await discover(['--server', 'localhost:1', ...ldaps()]);
    expect(next.exitCode).toBe(0);
    expect(next.stderr).toContain('[connect/refused]');
  });

  test('verify --discover fails for what is in no inventory, and names it, in JUnit and CI too', async () => {
    const lab = await openLab([{ name: 'ex001.corp.example' }]);
    try {
      const asked = [
        '--domain',
        'corp.example',
        '--auth',
        'simple',
        '--user',
        reader.name,
        '--password-from',
        'env:LDAP',
      ];
      const junit = lab.path('verify.xml');
      const summary = lab.path('summary.md');
      const files = ['--junit', junit, '--no-dns'];
      const args = ['verify', '-i', lab.inventoryFile, '-q', '--discover', ...files, ...asked, ...ldaps()];
      const env = { LDAP: reader.password, GITHUB_STEP_SUMMARY: summary };
      const { stdout, exitCode } = await lab.run(args, { env });
      expect(stdout).toContain('496 Exchange servers of the directory are in no inventory [not-in-inventory]');
      expect(stdout).toContain('  ex002.corp.example\n');
      expect(stdout).not.toContain('  ex001.corp.example\n');
      expect(stdout).not.toContain('  ex500.corp.example\n');
      expect(exitCode).toBe(3);
      const cases = (await readFile(junit, 'utf8')).match(
        /<testcase [^>]*name="ex\d+\.corp\.example"[^>]*>\s*<failure [^>]*not-in-inventory/g,
      );
      expect(cases).toHaveLength(496);
      expect(await readFile(summary, 'utf8')).toContain(
        '**496 Exchange servers of the directory are in no inventory**',
      );
    } finally {
      await lab.close();
    }
  });

  test('--update keeps what people wrote, and says what came', async () => {
    const file = join(slapd.folder, 'own.yml');
    const written = `# mine
all:
  vars:
    winrm: { username: 'CORP\\svc', password: { env: PW } } # keep
  children:
    exchange:
      hosts:
        EX001.corp.example:
          rack: 7 # ours
        retired.corp.example:
`;
    await writeFile(file, written);
    const first = await discover([...ldaps(), '--out', file, '--update']);
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toContain('retired.corp.example');
    const text = await readFile(file, 'utf8');
    for (const line of written.split('\n')) expect(text).toContain(line);
    expect(text).not.toContain(' ex001.corp.example');
    const again = await discover([...ldaps(), '--out', file, '--update']);
    expect(again.stdout).toContain(`unchanged: ${file}`);
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});
