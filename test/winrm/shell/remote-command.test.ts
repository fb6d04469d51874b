// Back-pressure and ends of a running command's streams, with a command that gives its output by hand.
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import type { OutputAnswer } from '../../../src/winrm/shell/output.ts';
import { createRemoteCommand } from '../../../src/winrm/shell/remote-command.ts';
import { failureOf } from '../../support/failure-of.ts';

type Step = OutputAnswer | Failure;
const out = (data: string, exitCode: number | null = null): Step => ({
  chunks: data === '' ? [] : [{ stream: 'stdout', data: Buffer.from(data) }],
  exitCode,
  lost: null,
});
const err = (data: string): Step => ({
  chunks: [{ stream: 'stderr', data: Buffer.from(data) }],
  exitCode: null,
  lost: null,
});

function scripted(...steps: readonly Step[]) {
  const seen = { receives: 0, ended: 0, sent: [] as string[] };
  async function* output(): AsyncGenerator<OutputAnswer, void, undefined> {
    for (const step of steps) {
      seen.receives += 1;
      await Promise.resolve();
      if (step instanceof Failure) throw step;
      yield step;
    }
  }
  const command = createRemoteCommand(
    {
      output: output(),
      send: ({ data, end }) => {
        seen.sent.push(`${Buffer.from(data).toString()}${end ? '|' : ''}`);
        return Promise.resolve();
      },
      signal: () => Promise.resolve(),
      end: () => {
        seen.ended += 1;
        return Promise.resolve();
      },
    },
    true,
  );
  return { command, seen };
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('nothing is received before somebody wants something', async () => {
  const { command, seen } = scripted(out('a', 0));
  await turns();
  expect(seen.receives).toBe(0);
  expect(await command.exitCode).toBe(0);
});

test('a slow reader stops the receiving, and gets everything all the same', async () => {
  const big = 'x'.repeat(100_000);
  const { command, seen } = scripted(...Array.from({ length: 50 }, () => out(big)), out('', 0));
  const { stdout } = command;
  stdout.read();
  await turns();
  expect(seen.receives).toBeLessThan(4);
  expect((await text(stdout)).length).toBe(50 * big.length);
  expect(seen.receives).toBe(51);
});

test('a stream that was taken and is not read stops the other; one that was not taken does not', async () => {
  const big = 'x'.repeat(100_000);
  const steps = [...Array.from({ length: 9 }, () => err(big)), out('end', 0)];
  const ignored = scripted(...steps);
  expect(await text(ignored.command.stdout)).toBe('end');
  const held = scripted(...steps);
  const { stdout, stderr } = held.command;
  const reading = text(stdout);
  await turns();
  expect(held.seen.receives).toBeLessThan(5);
  stderr.resume();
  expect(await reading).toBe('end');
});

test('the iterator asks for more when it is read on, and lets go when it is left', async () => {
  const { command, seen } = scripted(out('a'), err('b'), out('c'), out('d', 3));
  for await (const { stream, data } of command) {
    if (stream === 'stdout') expect(Buffer.from(data).toString()).toBe('a');
    else break;
  }
  await turns();
  expect(seen.receives).toBe(2);
  expect(await command.exitCode).toBe(3);
});

test('a failure is that of the streams, the iterator and the exit code', async () => {
  const lost = new Failure('connect/lost', 'lost', { effect: 'unknown' });
  const { command } = scripted(out('a'), lost);
  const { stdout, stderr } = command;
  expect(await failureOf(text(stdout))).toBe(lost);
  expect(await failureOf(command.exitCode)).toBe(lost);
  expect(stderr.destroyed).toBe(true);
  expect(await failureOf(text(command.stdout))).toBe(lost);
  await expect(command[Symbol.asyncIterator]().next()).rejects.toBe(lost);
});

test('input is sent in order, with its end; `await using` ends what still runs', async () => {
  const { command, seen } = scripted(out('a', 0));
  command.stdin?.write('one');
  command.stdin?.end('two');
  await turns();
  expect(seen.sent).toEqual(['one', 'two', '|']);
  await command[Symbol.asyncDispose]();
  expect(seen.ended).toBe(1);
  const done = scripted(out('a', 0));
  await done.command.exitCode;
  await done.command[Symbol.asyncDispose]();
  expect(done.seen.ended).toBe(0);
});
