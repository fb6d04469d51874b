// Programs that do not come to an end: a policy's hook and ssh-keygen are given a time, whatever they started ends with them, and neither
// allows anything.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSshKeygen } from '../../../src/cli/io/approvals/ssh-keygen.ts';
import { createPolicyHook } from '../../../src/cli/io/programs/policy-hook.ts';
import { runProgram } from '../../../src/cli/io/programs/run-program.ts';
import { failureOf } from '../../support/failure-of.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { planMemory } from '../../support/memory-run.ts';

const isWindows = process.platform === 'win32';
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-programs-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A program that starts another, notes its process and waits for it for ever. */
async function writeSleeper(name: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\nsleep 600 &\necho $! > '${join(folder, 'child')}'\nwait\n`, { mode: 0o755 });
  return file;
}

async function isChildAlive(): Promise<boolean> {
  const child = Number(await readFile(join(folder, 'child'), 'utf8'));
  for (let tries = 0; tries < 50; tries += 1) {
    try {
      // A dead child of a dead parent may wait for a moment for somebody to reap it.
      process.kill(child, 0);
      const stat = await readFile(`/proc/${child}/stat`, 'utf8').catch(() => 'R');
      if (/\) Z /.test(stat)) return false;
    } catch {
      return false;
    }
    await sleep(20);
  }
  return true;
}

test.skipIf(isWindows)(
  'a hook that does not finish in time refuses the plan, and what it started ends too',
  async () => {
    const sleeper = await writeSleeper('hook');
    const plan = await planMemory(memoryFleet([memoryMachine('ex01')]));
    const hook = createPolicyHook({ PATH: process.env['PATH'] }, 'plan', 500);
    expect(await hook([sleeper], plan)).toBe(`${sleeper} did not finish within 0.5 s`);
    expect(await isChildAlive()).toBe(false);
  },
);

test.skipIf(isWindows)('ssh-keygen that does not finish in time signs nothing', async () => {
  await writeSleeper('ssh-keygen');
  const env = { PATH: [folder, process.env['PATH'] ?? ''].join(delimiter) };
  const failure = await failureOf(createSshKeygen({ env, say: null, signMs: 500 }).sign('m', 'n@fencepost', 'key'));
  expect([failure.code, failure.message]).toEqual(['approval/ssh-keygen', 'ssh-keygen did not finish within 0.5 s']);
  expect(await isChildAlive()).toBe(false);
});

test.skipIf(isWindows)('an interrupt ends ssh-keygen at once, and one that came before lets it not run', async () => {
  await writeSleeper('ssh-keygen');
  const env = { PATH: [folder, process.env['PATH'] ?? ''].join(delimiter) };
  for (const delayMs of [0, 300]) {
    const abort = new AbortController();
    const ssh = createSshKeygen({ env, say: null, signMs: 60_000, signal: abort.signal });
    if (delayMs === 0) abort.abort();
    const signed = failureOf(ssh.sign('m', 'n@fencepost', 'key'));
    await sleep(delayMs);
    abort.abort();
    expect((await signed).message).toBe('ssh-keygen was interrupted');
  }
});

test('a program that ends, or is not there, is told apart from one that hangs', async () => {
  const call = { input: ['x'], env: {}, timeoutMs: 20_000, talk: null };
  const argv = [process.execPath, '-e', 'process.exit(7)'];
  expect(await runProgram({ ...call, argv })).toMatchObject({ kind: 'exited', exitCode: 7 });
  expect(await runProgram({ ...call, argv: [join(folder, 'nowhere')] })).toMatchObject({
    kind: 'not-started',
    isMissing: true,
  });
});
