// The hosts on which collect, report, doctor, plan and verify used to disagree, asked by whole commands: now all say the same.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { families, stores } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { openLab, type TestLab } from '../support/lab.ts';

const excluded = (first: number, count: number, administered: boolean) => ({
  range: portRange(first, count),
  protocol: 'tcp' as const,
  administered,
  stores,
  families,
});

let lab: TestLab;
/** What each command says of each host. */
let told: Readonly<Record<string, Told>>;

beforeAll(async () => {
  lab = await openLab([
    // 9933-9940 by two ranges that touch, and 9955 by a wider one.
    { name: 'adjacent', exclusions: [excluded(9933, 1, true), excluded(9934, 7, true), excluded(9950, 10, true)] },
    {
      name: 'worker',
      holders: [
        {
          port: 9955,
          protocol: 'tcp',
          families: ['ipv4'],
          image: 'Microsoft.Exchange.Pop3.exe',
          services: [],
          state: 'LISTENING',
        },
      ],
    },
    { name: 'winnat', exclusions: [excluded(9900, 100, false)] },
  ]);
  const playbook = await lab.write(
    'ranges.yml',
    'name: Ranges\nhosts: exchange\nwhen_held: { by_own_service: restart }\nexclusions:\n' +
      '  - { first: 9933, count: 8, for: MSExchangeIMAP4BE }\n  - { port: 9955, for: MSExchangePOP3BE }\n',
  );
  told = await askAll(['adjacent', 'worker', 'winnat'], playbook);
});

afterAll(async () => {
  await lab.close();
});

interface Told {
  /** The row of the host in the table. */
  readonly collect: string;
  readonly report: readonly string[];
  readonly holders: readonly string[];
  readonly doctor: boolean | undefined;
  readonly plan: string | undefined;
  readonly verify: string | undefined;
}

interface Judged {
  readonly hosts: readonly { readonly target: string; readonly state: string }[];
}

interface Examined {
  readonly hosts: readonly { readonly host: string; readonly inOrder: boolean }[];
}

interface Reported {
  readonly hosts: readonly {
    readonly host: string;
    readonly ports: { readonly checks: readonly { readonly before: string; readonly holders: readonly string[] }[] };
  }[];
}

async function askAll(hosts: readonly string[], playbook: string): Promise<Readonly<Record<string, Told>>> {
  const snapshot = lab.path('night.json');
  const run = (command: string, ...more: readonly string[]) =>
    lab.run([command, '-i', lab.inventoryFile, '-p', playbook, ...more]);
  const collect = (await run('collect', '--out', snapshot)).stdout.split('\n');
  const verify = await run('verify', '--json');
  expect(verify.exitCode).toBe(3);
  const verified = JSON.parse(verify.stdout) as Judged;
  const planned = JSON.parse((await run('plan', '--json')).stdout) as Judged;
  const examined = JSON.parse((await run('doctor', '--json')).stdout) as Examined;
  const report = await lab.run(['report', snapshot, '-p', playbook, '--json']);
  const reported = JSON.parse(report.stdout) as Reported;
  const stateOf = ({ hosts: judged }: Judged, host: string) => judged.find((one) => one.target === host)?.state;
  return Object.fromEntries(
    hosts.map((host) => {
      const checks = reported.hosts.find((one) => one.host === host)?.ports.checks ?? [];
      return [
        host,
        {
          collect: collect.find((line) => line.startsWith(host)) ?? '',
          report: checks.map((one) => one.before),
          holders: [...new Set(checks.flatMap((one) => one.holders.map((who) => who.replace(/\d+$/, 'N'))))],
          doctor: examined.hosts.find((one) => one.host === host)?.inOrder,
          plan: stateOf(planned, host),
          verify: stateOf(verified, host),
        },
      ];
    }),
  );
}

test('two ranges that touch and a wider one: reserved, nothing to do', () => {
  expect(told['adjacent']).toEqual({
    collect: expect.stringMatching(/ {2,}reserved {2,}reserved$/) as unknown,
    report: ['reserved', 'reserved', 'reserved', 'reserved'],
    holders: [],
    doctor: true,
    plan: 'ok',
    verify: 'ok',
  });
});

test('a worker has 9955 while its service is stopped: blocked', () => {
  expect(told['worker']).toEqual({
    collect: expect.stringMatching(/ {2,}not reserved {2,}not reserved; open: Pop3 \d+$/) as unknown,
    report: ['not reserved', 'not reserved', 'not reserved', 'not reserved'],
    holders: ['Microsoft.Exchange.Pop3.exe, pid N'],
    doctor: false,
    plan: 'blocked',
    verify: 'blocked',
  });
});

test('winnat has both ports: blocked', () => {
  expect(told['winnat']).toEqual({
    collect: expect.stringMatching(/ {2,}taken by Windows {2,}taken by Windows$/) as unknown,
    report: Array.from({ length: 4 }, () => 'taken by Windows'),
    holders: [],
    doctor: false,
    plan: 'blocked',
    verify: 'blocked',
  });
});
