// `collect` against a lab: what it shows, what it says of a host that did not answer, and how many requests it takes.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSnapshot } from '../../src/facts/read-snapshot.ts';
import { languages } from '../../src/lab/machine/releases.ts';
import { openLab, reserved, withLab, type TestLab } from '../support/lab.ts';

interface FactsDocument {
  readonly schema: string;
  readonly version: number;
  readonly hosts: readonly {
    readonly host: string;
    readonly facts: { readonly gaps: readonly { readonly question: string }[]; readonly sockets: unknown } | null;
    readonly failure: { readonly code: string; readonly hint: string } | null;
    readonly answers: readonly { readonly question: string; readonly text: string }[];
  }[];
}

test('as many hosts at once as the concurrency allows are nothing that Node warns of', async () => {
  const names = Array.from({ length: 12 }, (_, index) => ({ name: `ex${String(index + 1).padStart(2, '0')}` }));
  await withLab(names, async (lab) => {
    const { exitCode, stderr } = await lab.run(['collect', '-i', lab.inventoryFile, '--quiet']);
    expect([exitCode, stderr]).toEqual([0, '']);
  });
});

describe('a fleet of all sorts', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await openLab([
      { name: 'ex01', exclusions: [reserved(9933)], imap: 'running' },
      {
        name: 'ex02',
        exclusions: [reserved(9933, { stores: ['active'] }), reserved(9955, { stores: ['persistent'] })],
      },
      { name: 'ex03', listener: 'https', auth: ['basic'], language: 'de' },
      { name: 'ex04', listener: 'https', auth: ['ntlm'], language: 'ja' },
      // A machine without a single socket: netstat prints no row, and that answer is not taken for "nothing listens".
      { name: 'gap', filler: false },
      { name: 'down', reachable: false },
      { name: 'secret', password: 'wrong' },
    ]);
  });
  afterAll(async () => {
    await lab.close();
  });

  test('as a table: one row per host that answered, the others with the reason and the cure; exit code 3', async () => {
    const before = lab.states();
    const { exitCode, stdout, stderr } = await lab.run(['collect', '-i', lab.inventoryFile]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^HOST +WINDOWS +EXCHANGE +DYNAMIC +TCP 9933 +TCP 9955$/m);
    expect(stdout).toMatch(/^ex01 +2019 +2019 +6005-65534 +reserved; open: Imap4Service \d+ +not reserved$/m);
    expect(stdout).toMatch(/^ex02 .* until reboot only +after reboot only$/m);
    expect(stdout).toMatch(/^ex03 .* not reserved +not reserved$/m);
    expect(stdout).toMatch(/^ex04 .* not reserved +not reserved$/m);
    expect(stdout).toMatch(/^gap: collected in part\n {4}\? the answer about listeners could not be read whole: /m);
    expect(stdout).toMatch(
      /^down: not collected\n +! .*nothing listens on this port[^]*\[connect\/refused\]\n +fix: /m,
    );
    expect(stdout).toMatch(
      /^secret: not collected\n +! .*was refused[^]*\[auth\/refused\]\n +fix: check the password/m,
    );
    expect(stderr).not.toMatch(/error|\bat .*:\d+:\d+/);
    expect(lab.changedSince(before)).toEqual([]);
    expect(lab.changesSent()).toEqual([]);
  });

  test('as JSON: one document, every host once, with facts or a failure, and each answer word for word', async () => {
    const { exitCode, stdout } = await lab.run(['collect', '-i', lab.inventoryFile, '--json']);
    const { schema, version, hosts } = JSON.parse(stdout) as FactsDocument;
    expect(exitCode).toBe(3);
    expect({ schema, version }).toEqual({ schema: 'fencepost/facts', version: 1 });
    expect(hosts.map((one) => one.host)).toEqual(lab.fleet.servers.map((one) => one.name));
    expect(hosts.filter((one) => one.facts === null).map((one) => [one.host, one.failure?.code])).toEqual([
      ['down', 'connect/refused'],
      ['secret', 'auth/refused'],
    ]);
    expect(hosts.filter((one) => (one.facts?.gaps.length ?? 0) > 0).map((one) => one.host)).toEqual(['gap']);
    const version1 = hosts[0]?.answers.find((one) => one.text.includes('10.0.17763'));
    expect(version1).toBeDefined();
  });

  test('--limit asks these hosts and no other; with all of them well the exit code is 0', async () => {
    const asked = lab.requestCount('ex01');
    const { exitCode, stdout } = await lab.run(['collect', '-i', lab.inventoryFile, '-l', 'ex0*:!ex01']);
    expect(exitCode).toBe(0);
    expect([...stdout.matchAll(/^(ex\d+) /gm)].map((one) => one[1])).toEqual(['ex02', 'ex03', 'ex04']);
    expect(lab.requestCount('ex01')).toBe(asked);
  });

  test('--out writes a snapshot that reads back, and never over another file', async () => {
    const file = lab.path('facts.json');
    const first = await lab.run(['collect', '-i', lab.inventoryFile, '-l', 'ex01:down', '--out', file]);
    expect(first.exitCode).toBe(3);
    const text = await readFile(file, 'utf8');
    const read = readSnapshot(text);
    expect('snapshot' in read && read.snapshot.hosts.map((one) => [one.target, one.facts === null])).toEqual([
      ['ex01', false],
      ['down', true],
    ]);
    const second = await lab.run(['collect', '-i', lab.inventoryFile, '-l', 'ex01', '--out', file]);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/exists already/);
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});

test('every language of Windows is read alike', async () => {
  const exclusions = [reserved(9933)];
  await withLab(
    languages.map((language) => ({
      name: `host-${language.toLowerCase()}`,
      language,
      exclusions,
      pop: 'running' as const,
    })),
    async (lab) => {
      const { exitCode, stdout } = await lab.run(['collect', '-i', lab.inventoryFile]);
      const [table = '', said = ''] = stdout.split('\n\n');
      const rows = table.split('\n').slice(1);
      expect(rows).toHaveLength(languages.length);
      // The one that is stopped; and once for all hosts.
      expect(said).toMatch(
        /^11 hosts: about the ports\n[^]*MSExchangeIMAP4BE is not running: not known whether it uses 9933/,
      );
      expect(new Set(rows.map((row) => row.replace(/^host-\S+ +/, '')))).toEqual(
        new Set(['2019     2019      6005-65534  reserved  not reserved; open: Pop3Service 1004']),
      );
      expect(exitCode).toBe(0);
    },
  );
});

describe('round trips', () => {
  // product.md promise 10. Sealed NTLM: negotiate, authenticate with the shell's creation, command, receive, delete.
  const ways = [
    { name: 'sealed', spec: {}, requests: 5 },
    { name: 'basic', spec: { listener: 'https' as const, auth: ['basic' as const] }, requests: 4 },
    { name: 'ntlm-tls', spec: { listener: 'https' as const }, requests: 5 },
  ];
  test('a whole collect is 5 HTTP requests over NTLM and 4 over Basic, on one connection, and --trace shows each', async () => {
    await withLab(
      ways.map(({ name, spec }) => ({ name, ...spec })),
      async (lab) => {
        const { exitCode, stderr } = await lab.run(['collect', '-i', lab.inventoryFile, '--trace']);
        expect(exitCode).toBe(0);
        for (const { name, requests } of ways) {
          const server = lab.fleet.server(name);
          expect([name, server.requests.length]).toEqual([name, requests]);
          expect([name, server.connectionsOpened]).toEqual([name, 1]);
          // The process may end before the answer to its Delete is there; that one request may be missing from the trace.
          const traced = stderr.match(new RegExp(`^trace ${name} #\\d+ `, 'gm'))?.length;
          expect([requests, requests - 1]).toContain(traced);
          expect(server.openShells).toBe(0);
        }
      },
    );
  });
});
