// `collect --cross-check` as a child process against the lab: the second way of asking, over the connection that is there already.
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { openLab, withLab, type TestLab } from '../support/lab.ts';

interface Found {
  readonly result: string;
  readonly about: string;
  readonly sentence: string;
}
interface Shown {
  readonly host: string;
  readonly crossCheck: { readonly agreed: readonly string[]; readonly findings: readonly Found[] } | null;
}

let lab: TestLab;
beforeAll(async () => {
  lab = await openLab([
    { name: 'agrees', imap: 'running', language: 'fr' },
    { name: 'one-template', quirks: { ...usualQuirks, cimRange: 'one-template' } },
    { name: 'other', quirks: { ...usualQuirks, cimRange: 'other' } },
    { name: 'stale', imap: 'running', quirks: { ...usualQuirks, cimServices: 'stale' } },
    { name: 'old', windows: '2008r2' },
    { name: 'user', rights: 'user' },
  ]);
});
afterAll(async () => lab.close());

async function collect(host: string, flags: readonly string[] = ['--cross-check']) {
  const args = ['collect', '-i', lab.inventoryFile, '--limit', host, '--json', ...flags];
  const { exitCode, stdout } = await lab.run(args);
  const [shown] = (JSON.parse(stdout) as { readonly hosts: readonly Shown[] }).hosts;
  return { exitCode, crossCheck: shown?.crossCheck ?? null };
}

test('a host that agrees: all questions, no finding, one connection, one shell', async () => {
  const server = lab.fleet.server('agrees');
  const before = server.connectionsOpened;
  const { exitCode, crossCheck } = await collect('agrees');
  expect(crossCheck).toEqual({
    agreed: ['dynamic range tcp', 'service MSExchangeIMAP4BE', 'service MSExchangePOP3BE'],
    findings: [],
  });
  expect(exitCode).toBe(0);
  expect(server.connectionsOpened - before).toBe(1);
  const asked = server.requests.map((one) => one.operation);
  expect(asked.filter((one) => one === 'create')).toHaveLength(1);
  expect(asked.filter((one) => one === 'command')).toHaveLength(1);
  expect(asked.filter((one) => one === 'enumerate')).toHaveLength(2);
  expect([server.openShells, server.openEnumerations]).toEqual([0, 0]);
});

test.each([
  [
    'one-template',
    'templates-differ',
    'dynamic range tcp',
    /6005-65534 \(.*Internet.*\), 49152-65535 \(Datacenter\)/,
    0,
  ],
  ['other', 'disagrees', 'dynamic range tcp', /netsh says ipv4 6005-65534.*CIM says 49152-65535/, 3],
  ['stale', 'disagrees', 'service MSExchangeIMAP4BE', /sc says running, pid \d+, manual; CIM says stopped, manual/, 3],
  ['old', 'not-available', 'dynamic range tcp', /does not provide it/, 0],
  ['user', 'not-read', 'dynamic range tcp', /Access is denied/, 3],
] as const)('%s: %s', async (host, result, about, sentence, code) => {
  const { exitCode, crossCheck } = await collect(host);
  expect(crossCheck?.findings[0]).toMatchObject({ result, about });
  expect(crossCheck?.findings[0]?.sentence).toMatch(sentence);
  expect(exitCode).toBe(code);
});

test('a disagreement is asked about twice before it is told; agreement once', async () => {
  const server = lab.fleet.server('other');
  const before = server.requests.length;
  await collect('other');
  const asked = server.requests.slice(before).map((one) => one.operation);
  expect(asked.filter((one) => one === 'command')).toHaveLength(2);
  expect(asked.filter((one) => one === 'create')).toHaveLength(1);
});

test('without the flag nothing is asked and nothing is said', async () => {
  const server = lab.fleet.server('other');
  const before = server.requests.length;
  const { exitCode, crossCheck } = await collect('other', []);
  expect([exitCode, crossCheck]).toEqual([0, null]);
  expect(server.requests.slice(before).some((one) => one.operation === 'enumerate')).toBe(false);
});

test('a person reads how many agree, and who does not and why', async () => {
  const limit = 'agrees,other,one-template';
  const { stdout, exitCode } = await lab.run(['collect', '-i', lab.inventoryFile, '--limit', limit, '--cross-check']);
  expect(stdout).toContain('Cross-check: CIM agrees with netsh and sc on 1 of 3 hosts\n');
  expect(stdout).toMatch(/ {2}other: DISAGREES: dynamic range tcp: netsh says/);
  expect(stdout).toMatch(/ {2}one-template: templates differ: /);
  expect(exitCode).toBe(3);
});

describe('trouble on the way', () => {
  test.each(['enumerate', 'pull'] as const)('a lost %s is asked again and the host agrees', async (operation) => {
    await withLab(
      [
        {
          name: 'ex01',
          mishaps: [{ on: { operation, nth: 1, line: null, request: null }, act: { kind: 'drop-after' }, times: 1 }],
        },
      ],
      async (own) => {
        const { exitCode, stdout } = await own.run(['collect', '-i', own.inventoryFile, '--cross-check', '--json']);
        expect((JSON.parse(stdout) as { hosts: readonly Shown[] }).hosts[0]?.crossCheck?.findings).toEqual([]);
        expect(exitCode).toBe(0);
      },
    );
  });
});
