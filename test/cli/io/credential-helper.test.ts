// A helper that runs beside other work: it has no terminal to ask on, and is gone with the signal.
import { expect, test } from 'vitest';
import { runUnattendedHelper } from '../../../src/cli/io/credential-helper.ts';

const signal = new AbortController().signal;
const run = (script: string, until = signal) => runUnattendedHelper([process.execPath, '-e', script], until);

test('gives what it prints when it succeeds, and nothing when it does not', async () => {
  expect(await run('console.log(1)')).toEqual({ kind: 'exited', exitCode: 0, stdout: '1\n' });
  expect(await run('console.log(1); process.exitCode = 3')).toEqual({ kind: 'exited', exitCode: 3, stdout: '' });
  expect(await runUnattendedHelper(['no-such-program-at-all'], signal)).toEqual({
    kind: 'not-started',
    reason: 'ENOENT',
  });
});

test('is not told of a terminal', async () => {
  const before = process.env['GPG_TTY'];
  process.env['GPG_TTY'] = '/dev/pts/9';
  try {
    expect(await run('console.log(process.env.GPG_TTY)')).toMatchObject({ stdout: 'undefined\n' });
  } finally {
    if (before === undefined) delete process.env['GPG_TTY'];
    else process.env['GPG_TTY'] = before;
  }
});

test('is ended by the signal', async () => {
  expect(await run('setInterval(() => undefined, 1000)', AbortSignal.timeout(300))).toMatchObject({
    kind: 'timed-out',
  });
});
