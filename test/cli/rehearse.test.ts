// `rehearse PLAN` against the apply that follows, on servers in another process: order, outages and verdicts are those that were predicted,
// and no server is asked while it is rehearsed.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRunTimes } from '../../src/model/headline/run-times.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { Rehearsal } from '../../src/model/rehearsal.ts';
import { runCli, startCli, type RunningCli } from '../support/cli.ts';

let folder: string;
let lab: RunningCli;
let env: Record<string, string>;

const scenario = `servers:
  - { name: ex01, groups: [exchange], imap: running }
  - { name: ex02, groups: [exchange] }
  - { name: ex03, groups: [exchange], imap: running, pop: running, language: fr, windows: 2022, exchange: se }
  - { name: ex04, groups: [exchange], imap: running, quirks: { one_list: false } }
  - { name: ex05, groups: [exchange], exclusions: [{ port: 9933 }, { port: 9955 }] }
  - { name: ex06, groups: [exchange], holders: [{ port: 9955, image: w3wp.exe }] }
`;
const playbook = `name: Tonight
hosts: exchange
exclusions:
  - { port: 9933, protocol: tcp, families: [ipv4, ipv6], for: MSExchangeIMAP4BE }
  - { port: 9955, protocol: tcp, families: [ipv4, ipv6], for: MSExchangePOP3BE }
when_held: { by_own_service: restart, by_other: block }
strategy: { canary: 1, batches: [2], concurrency: 1 }
`;
const path = (name: string): string => join(folder, name);
const run = (...args: readonly string[]) => runCli(args, { env });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-rehearse-'));
  env = { HOME: folder, FENCEPOST_STATE_DIR: path('state') };
  await writeFile(path('scenario.yml'), scenario);
  await writeFile(path('playbook.yml'), playbook);
  const args = ['lab', path('scenario.yml'), '--dir', path('lab'), '--requests'];
  lab = startCli(args, { env: { HOME: folder } });
  await lab.until(/Stop with Ctrl-C/);
});

afterAll(async () => {
  lab.kill('SIGINT');
  await lab.ended;
  await rm(folder, { recursive: true, force: true });
});

test('predicts the night', async () => {
  const inventory = path('lab/inventory.yml');
  expect((await run('plan', '-i', inventory, '-p', path('playbook.yml'), '--out', path('tonight.plan'))).exitCode).toBe(
    3,
  );
  const asked = lab.printed();
  const rehearsed = await run('rehearse', path('tonight.plan'), '--mishaps', 'none', '--json');
  expect(lab.printed()).toBe(asked);
  const { schema, nights, notRehearsed } = JSON.parse(rehearsed.stdout) as Rehearsal & { readonly schema: string };
  expect([schema, nights.length, notRehearsed]).toEqual(['fencepost/rehearsal', 1, []]);
  const [night] = nights;
  expect(night?.rollback).toMatchObject({ changed: 4, notRestored: [] });

  const applied = await run('apply', path('tonight.plan'), '-i', inventory, '--yes', '--json');
  // One is blocked: the exit code is that of the apply.
  expect([rehearsed.exitCode, applied.exitCode]).toEqual([3, 3]);
  const { run: name, hosts } = JSON.parse(applied.stdout) as {
    readonly run: string;
    readonly hosts: readonly { readonly host: string; readonly verdict: string }[];
  };
  expect(night?.hosts.map(({ host, verdict }) => [host, verdict])).toEqual(
    hosts.map(({ host, verdict }) => [host, verdict]),
  );
  const journal = await readFile(path(`state/runs/${name}/journal.ndjson`), 'utf8');
  const times = createRunTimes();
  const order: string[] = [];
  for (const line of journal.trimEnd().split('\n')) {
    const { event } = JSON.parse(line) as { readonly event: RunEvent };
    times.event(event);
    if (event.type === 'host-started') order.push(event.host);
  }
  const changed = (night?.hosts ?? []).filter((one) => one.startedAt !== null);
  const predicted = changed.toSorted((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''));
  expect(predicted.map((one) => one.host)).toEqual(order);
  const down = times.outages().map(({ host, service }) => `${service} on ${host}`);
  expect(night?.outages.map(({ host, service }) => `${service} on ${host}`)).toEqual(down);
  expect(down).toHaveLength(4);

  // Now that a run was measured, the rehearsal of the same plan predicts how long, too.
  const again = await run('rehearse', path('tonight.plan'), '--json', '--mishaps', 'none');
  const measured = JSON.parse(again.stdout) as Rehearsal;
  // Partly: how an outage's line spends its time is not seen from outside.
  expect(measured.source).toBe('partly-measured');
  for (const [index, { fromAt, untilAt }] of times.outages().entries()) {
    const tookMs = Date.parse(untilAt ?? '') - Date.parse(fromAt);
    expect(Math.abs((measured.nights[0]?.outages[index]?.durationMs ?? 0) - tookMs)).toBeLessThan(2500);
  }
});

test('text says what the night will be like, and what is wrong with a file that is no plan', async () => {
  const { exitCode, stdout } = await run('rehearse', path('tonight.plan'), '--mishaps', 'worst');
  expect(exitCode).toBe(3);
  expect(stdout).toMatch(/^As planned\n {2}starts .* UTC\n {2}takes /m);
  expect(stdout).toMatch(/^ {2}batch 1 {3}\d\d:\d\d:\d\d to \d\d:\d\d:\d\d: ex01$/m);
  expect(stdout).toContain('does not start again');
  expect(stdout).toMatch(/a rollback restores\nevery host in every night\.$/m);
  const damaged = await run('rehearse', path('playbook.yml'));
  expect([damaged.exitCode, damaged.stdout]).toEqual([1, '']);
});
