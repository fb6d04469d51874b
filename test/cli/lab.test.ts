// `lab` and `demo`: the simulated fleet as a command of its own, reached by another process through the files it writes.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli, startCli } from '../support/cli.ts';
import { expectExit } from '../support/expect-exit.ts';
import { findSchemaFaults } from '../support/schema-faults.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-lab-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('lab serves a fleet, writes the files to reach it, shows requests, and ends in order at Ctrl-C', async () => {
  const env = { HOME: folder };
  const lab = startCli(['lab', '--dir', join(folder, 'lab'), '--requests'], { env });
  try {
    await lab.until(/Stop with Ctrl-C/);
    expect(lab.printed()).toMatch(/^ex11 +nothing listens +/m);
    expect((await stat(join(folder, 'lab', 'password'))).mode & 0o077).toBe(0);
    const inventory = join(folder, 'lab', 'inventory.yml');
    const { exitCode, stdout } = await runCli(['verify', '-i', inventory, '-l', 'ex01:ex05'], { env });
    expect([exitCode, stdout]).toEqual([2, expect.stringMatching(/^ex05: to change$/m)]);
    expect(lab.printed()).toMatch(/^ex05 #\d+ command 200 /m);
  } finally {
    lab.kill('SIGINT');
  }
  expect((await lab.ended).exitCode).toBe(0);
});

test('what lab says to try works in any folder, and the shipped playbook is for its hosts', async () => {
  await writeFile(join(folder, 'one.yml'), 'servers:\n  - name: ex01\n');
  const here = { env: { HOME: folder }, cwd: folder };
  const lab = startCli(['lab', 'one.yml', '--dir', 'lab'], here);
  try {
    await lab.until(/Stop with Ctrl-C/);
    const [, args = ''] = /^Try: fencepost (.+)$/m.exec(lab.printed()) ?? [];
    expectExit(await runCli(args.split(' '), here), 0);
    const playbook = join(import.meta.dirname, '../../playbooks/exchange-backend-ports.yml');
    const { exitCode, stdout } = await runCli(['verify', '-i', 'lab/inventory.yml', '-p', playbook], here);
    expect([exitCode, stdout]).toEqual([2, expect.stringMatching(/^ex01: to change$/m)]);
  } finally {
    lab.kill('SIGINT');
  }
  expect((await lab.ended).exitCode).toBe(0);
});

test('lab --json prints one document while it serves', async () => {
  const lab = startCli(['lab', '--dir', folder, '--json'], { env: { HOME: folder } });
  await lab.until(/Stop with Ctrl-C/);
  lab.kill('SIGTERM');
  const { stdout, exitCode } = await lab.ended;
  const document = JSON.parse(stdout) as { schema: string; servers: readonly { name: string; url: string }[] };
  expect([exitCode, document.schema, document.servers.length]).toEqual([0, 'fencepost/lab', 12]);
  expect(findSchemaFaults('output-lab', document)).toEqual([]);
});

test('demo does the whole main job and finds every server as it was', async () => {
  const { exitCode, stdout } = await runCli(['demo', '--json'], {
    env: { HOME: folder, TMPDIR: folder },
  });
  const document = JSON.parse(stdout) as {
    schema: string;
    good: boolean;
    commands: readonly { command: string; exitCode: number; expected: number }[];
    notAsFound: readonly string[];
    report: string;
  };
  const { schema, good, commands, notAsFound, report } = document;
  expect([exitCode, schema, good, notAsFound]).toEqual([0, 'fencepost/demo', true, []]);
  expect(findSchemaFaults('output-demo', document)).toEqual([]);
  expect(commands.map((one) => one.exitCode)).toEqual(commands.map((one) => one.expected));
  const verbs = commands.map((one) => one.command.split(' ')[0]);
  for (const verb of ['collect', 'plan', 'apply', 'verify', 'rollback']) expect(verbs).toContain(verb);
  // It is all that is left, and shows the run.
  expect(await readFile(report, 'utf8')).toMatch(/^<!doctype html>[^]*ex03/i);
  expect(await readdir(dirname(report))).toEqual([basename(report)]);
  // Thirteen processes, one after the other.
});
