// Nothing that an operator can name makes a command hang: it ends by itself at a stated limit, or at the first signal.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningCli } from '../support/cli.ts';
import { openLab, type TestLab } from '../support/lab.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await openLab([{ name: 'ex01' }]);
});
afterAll(async () => {
  await lab.close();
});

describe('--state-dir', () => {
  test('may be the current folder', async () => {
    const cwd = lab.path('here');
    mkdirSync(cwd);
    const before = lab.states();
    const book = join(import.meta.dirname, '../../playbooks/exchange-backend-ports.yml');
    const applied = await lab.run(['apply', '-i', lab.inventoryFile, '-p', book, '--yes', '--state-dir', '.'], { cwd });
    expect([applied.exitCode, applied.stderr]).toEqual([0, applied.stderr]);
    expect(lab.changedSince(before)).toEqual(['ex01']);
    const [, run = ''] = /^Run (\S+)\.$/m.exec(applied.stdout) ?? [];
    const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--state-dir', '.'], { cwd });
    expect([back.exitCode, back.stderr]).toEqual([0, back.stderr]);
    expect(lab.changedSince(before)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('that can never be made is refused, and nothing is changed', async () => {
    const before = lab.states();
    const result = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--state-dir', '/proc/nope']);
    expect([result.exitCode, result.stderr]).toEqual([1, expect.stringContaining('[journal/unwritable]')]);
    expect(lab.changedSince(before)).toEqual([]);
  });
});

describe('an inventory', () => {
  test('that is a checkout with 2,000 files is refused at the limit, and the limit is named', async () => {
    const folder = lab.path('checkout');
    for (let at = 0; at < 20; at += 1) {
      mkdirSync(join(folder, `part${String(at)}`), { recursive: true });
      for (let n = 0; n < 100; n += 1) writeFileSync(join(folder, `part${String(at)}`, `${String(n)}.yml`), 'all:\n');
    }
    const { exitCode, stderr } = await lab.run(['plan', '-i', folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/more\s+than 500 files in this directory/);
    expect(stderr).toContain('fix: name inventory files');
  });

  test.runIf(process.platform !== 'win32')(
    'that is a pipe which nobody writes to ends at the first signal',
    async () => {
      const pipe = lab.path('pipe');
      execFileSync('mkfifo', [pipe]);
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
        expect(await endWhileReading(lab.start(['plan', '-i', pipe]), pipe, signal)).toMatchObject({
          exitCode: 130,
          signal: null,
        });
      }
      // Without a world of its own there is nothing to end in order.
      expect((await endWhileReading(lab.start(['inventory', '-i', pipe]), pipe, 'SIGTERM')).signal).toBe('SIGTERM');
    },
  );

  test.runIf(process.platform !== 'win32')('that comes through a pipe is read', async () => {
    const pipe = lab.path('pipe2');
    execFileSync('mkfifo', [pipe]);
    const running = lab.start(['inventory', '-i', pipe, '--json']);
    execFileSync('sh', ['-c', 'cat "$0" > "$1"', lab.inventoryFile, pipe]);
    const { exitCode, stdout } = await running.ended;
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('"ex01"')]);
  });
});

test.each(['~(a+)+$', `${'a*'.repeat(40)}c`])('the pattern %s is answered', async (pattern) => {
  const { exitCode, stderr } = await lab.run(['plan', '-i', lab.inventoryFile, '-l', pattern]);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('[inventory/no-match]')]);
});

async function endWhileReading(running: RunningCli, pipe: string, signal: NodeJS.Signals) {
  // Opens once somebody reads; nothing is written to it.
  const writer = await open(pipe, 'w');
  running.kill(signal);
  const ended = await running.ended;
  await writer.close();
  return ended;
}
