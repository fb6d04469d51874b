// `plan` and `verify` against a lab: the dry run as a person reads it, the plan as a file, and the exit codes that CI goes by.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetPlan } from '../../src/model/plan.ts';
import type { CliResult } from '../support/cli.ts';
import { openLab, reserved, type TestLab } from '../support/lab.ts';
import { readPlanText } from '../support/read-plan.ts';

let lab: TestLab;
let before: ReturnType<TestLab['states']>;
let inventory: readonly string[];

beforeAll(async () => {
  lab = await openLab([
    { name: 'bare-en' },
    { name: 'bare-fr', language: 'fr', windows: '2022' },
    { name: 'done', exclusions: [reserved(9933), reserved(9955)] },
    { name: 'wide', exclusions: [reserved(9900, { range: { firstPort: 9900, portCount: 100 } })] },
    { name: 'imap', imap: 'running' },
    {
      name: 'stranger',
      holders: [
        {
          port: 9955,
          protocol: 'tcp',
          image: 'svchost.exe',
          services: ['Dnscache'],
          families: ['ipv4', 'ipv6'],
          state: 'LISTENING',
        },
      ],
    },
    { name: 'old', windows: '2008r2', exchange: '2013', hotfix: false },
    { name: 'down', reachable: false },
  ]);
  before = lab.states();
  inventory = ['-i', lab.inventoryFile];
});

afterAll(async () => {
  await lab.close();
});

describe('plan', () => {
  test('shows hosts that are alike together, each kind of host with its reason, and changes nothing', async () => {
    const { exitCode, stdout } = await lab.run(['plan', ...inventory]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(
      '2 hosts: to change\n  bare-en, bare-fr\n' +
        '    + reserve tcp 9933 on ipv4 and ipv6 for MSExchangeIMAP4BE\n' +
        '    + reserve tcp 9955 on ipv4 and ipv6 for MSExchangePOP3BE\n',
    );
    expect(stdout).toContain('2 hosts: as desired\n  done, wide\n');
    expect(stdout).toMatch(
      /^imap: to change\n[^]*? {4}~ stop MSExchangeIMAP4BE[^]*? {4}~ start MSExchangeIMAP4BE again$/m,
    );
    expect(stdout).toMatch(/^stranger: blocked\n {4}! tcp 9955 is open in svchost.exe \(Dnscache\), pid \d+/m);
    expect(stdout).toMatch(/^old: blocked\n[^]*KB2665809/m);
    expect(stdout).toMatch(/^down: unreachable$/m);
    expect(stdout).toMatch(/^Summary: 3 to change, 2 as desired, 2 blocked, 1 unreachable\.$/m);
    expect(lab.changedSince(before)).toEqual([]);
    expect(lab.changesSent()).toEqual([]);
    expect(await lab.runs()).toEqual([]);
  });

  test('--verbose shows the commands word for word', async () => {
    const { stdout } = await lab.run(['plan', ...inventory, '-l', 'bare-en', '--verbose']);
    const line =
      'netsh interface ipv6 add excludedportrange protocol=tcp startport=9955 numberofports=1 store=persistent';
    expect(stdout).toContain(`\n        ${line}\n`);
  });

  test.each([
    { hosts: 'bare-en', plain: 0, detailed: 2 },
    { hosts: 'done', plain: 0, detailed: 0 },
    { hosts: 'bare-en:old', plain: 3, detailed: 3 },
  ])('exit codes for $hosts: $plain, with --detailed-exitcode $detailed', async ({ hosts, plain, detailed }) => {
    const [first, second] = await Promise.all([
      lab.run(['plan', ...inventory, '-l', hosts]),
      lab.run(['plan', ...inventory, '-l', hosts, '--detailed-exitcode']),
    ]);
    expect([first.exitCode, second.exitCode]).toEqual([plain, detailed]);
  });

  test('--out saves a plan that reads back as --json shows it, readable by its owner only, never replacing a file', async () => {
    const file = lab.path('tonight.plan');
    const first = await lab.run(['plan', ...inventory, '--out', file, '--json']);
    const text = await readFile(file, 'utf8');
    const { plan, digest } = readPlanText(text, file);
    const shown = JSON.parse(first.stdout) as FleetPlan & { digest: string; schema: string };
    expect(shown).toMatchObject({ schema: 'fencepost/plan', digest, hosts: plan.hosts });
    expect(plan.hosts.map((one) => [one.target, one.state])).toEqual([
      ['bare-en', 'changes'],
      ['bare-fr', 'changes'],
      ['done', 'ok'],
      ['wide', 'ok'],
      ['imap', 'changes'],
      ['stranger', 'blocked'],
      ['old', 'blocked'],
      ['down', 'unreachable'],
    ]);
    expect((await stat(file)).mode & 0o077).toBe(0);
    const second = await lab.run(['plan', ...inventory, '-l', 'done', '--out', file]);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/exists already[^]*only with --force/);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('--force replaces an earlier plan, and neither an approved one nor another file', async () => {
    const plan = lab.path('again.plan');
    const replace = (file: string): Promise<CliResult> =>
      lab.run(['plan', ...inventory, '-l', 'done', '--out', file, '--force']);
    expect((await replace(plan)).exitCode).toBe(0);
    const first = readPlanText(await readFile(plan, 'utf8'), plan);
    expect((await replace(plan)).exitCode).toBe(0);
    expect(readPlanText(await readFile(plan, 'utf8'), plan).plan.createdAt > first.plan.createdAt).toBe(true);
    await mkdir(`${plan}.approvals`);
    const approved = await readFile(plan, 'utf8');
    expect((await replace(plan)).stderr).toMatch(/this plan has approvals, and an\s+approved plan is not replaced/);
    expect(await readFile(plan, 'utf8')).toBe(approved);
    const other = lab.path('notes.txt');
    await writeFile(other, 'keep me');
    expect((await replace(other)).stderr).toMatch(/is\s+no\s+plan\s+of\s+Fencepost/);
    expect(await readFile(other, 'utf8')).toBe('keep me');
  });
});

describe('verify', () => {
  test.each([
    { hosts: 'done:wide', exitCode: 0 },
    { hosts: 'done:bare-fr', exitCode: 2 },
    { hosts: 'done:bare-fr:down', exitCode: 3 },
    { hosts: 'stranger', exitCode: 3 },
  ])('$hosts: exit code $exitCode', async ({ hosts, exitCode }) => {
    const result = await lab.run(['verify', ...inventory, '-l', hosts]);
    expect(result.exitCode).toBe(exitCode);
    expect(lab.changedSince(before)).toEqual([]);
  });

  test('--json holds one state per host', async () => {
    const { stdout } = await lab.run(['verify', ...inventory, '-l', 'done:bare-fr', '--json']);
    const { schema, hosts } = JSON.parse(stdout) as FleetPlan & { schema: string };
    expect(schema).toBe('fencepost/verify');
    expect(hosts.map((one) => [one.target, one.state])).toEqual([
      ['bare-fr', 'changes'],
      ['done', 'ok'],
    ]);
  });
});
