// What a Receive gets: when, how much, and the same again when its answer was lost.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PendingOutput } from '../../../src/lab/wsman/command-output.ts';
import type { ReceiveResult } from '../../../src/lab/wsman/command-output.ts';
import { manualClock } from '../manual-clock.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const result = (stdout: string, stderr = '', exitCode = 0) => ({
  stdout: bytes(stdout),
  stderr: bytes(stderr),
  exitCode,
});

function textOf(received: ReceiveResult, stream: 'stdout' | 'stderr'): string {
  if (received.kind !== 'output') return `(${received.kind})`;
  return Buffer.concat(
    received.pieces.filter((piece) => piece.stream === stream).map((piece) => piece.bytes),
  ).toString();
}

test('a command that has ended gives output, errors and exit code in one answer', async () => {
  const output = new PendingOutput(manualClock());
  output.endWith(result('out', 'err', 7), 0);
  const received = await output.receive(1000, 10_000);
  expect([textOf(received, 'stdout'), textOf(received, 'stderr')]).toEqual(['out', 'err']);
  expect(received).toMatchObject({ kind: 'output', exitCode: 7 });
});

test('a Receive waits for the end of the command, and leaves no timer behind', async () => {
  const clock = manualClock();
  const output = new PendingOutput(clock);
  output.endWith(result('late'), 300);
  const waiting = output.receive(1000, 10_000);
  await clock.advance(299);
  expect(output.isAwaited).toBe(true);
  await clock.advance(1);
  expect(textOf(await waiting, 'stdout')).toBe('late');
  expect(clock.pending).toBe(0);
});

test('it is told when its time is over; the next one gets the output', async () => {
  const clock = manualClock();
  const output = new PendingOutput(clock);
  output.endWith(result('late'), 1500);
  const first = output.receive(1000, 10_000);
  await clock.advance(1000);
  expect(await first).toEqual({ kind: 'timed-out' });
  const second = output.receive(1000, 10_000);
  await clock.advance(500);
  expect(textOf(await second, 'stdout')).toBe('late');
});

test('the same bytes come again until their answer has left, then nothing more', async () => {
  const output = new PendingOutput(manualClock());
  output.endWith(result('once'), 0);
  const lost = await output.receive(1000, 10_000);
  const again = await output.receive(1000, 10_000);
  expect(again).toEqual(lost);
  output.delivered(again);
  output.delivered(lost);
  expect(await output.receive(1000, 10_000)).toEqual({ kind: 'completed' });
});

test('a server that minds the MessageID gives a lost part again to the same message only, and the end to any', async () => {
  const output = new PendingOutput(manualClock(), 'same-message-only');
  output.endWith(result('once', '', 7), 0);
  const lost = await output.receive(1000, 10_000, 'uuid:1');
  expect(await output.receive(1000, 10_000, 'uuid:1')).toEqual(lost);
  expect(await output.receive(1000, 10_000, 'uuid:2')).toEqual({ kind: 'output', pieces: [], exitCode: 7 });
});

test('a server that drops a lost part gives it to nobody', async () => {
  const output = new PendingOutput(manualClock(), 'gone');
  output.endWith(result('once', '', 7), 0);
  await output.receive(1000, 10_000, 'uuid:1');
  const again = await output.receive(1000, 10_000, 'uuid:1');
  expect(again).toEqual({ kind: 'output', pieces: [], exitCode: 7 });
  output.delivered(again);
  expect(await output.receive(1000, 10_000, 'uuid:1')).toEqual({ kind: 'completed' });
});

test('a second Receive takes the place of one that waits', async () => {
  const clock = manualClock();
  const output = new PendingOutput(clock);
  const first = output.receive(1000, 10_000);
  const second = output.receive(1000, 10_000);
  expect(await first).toEqual({ kind: 'aborted' });
  output.endWith(result('x'), 0);
  expect(textOf(await second, 'stdout')).toBe('x');
  expect(clock.pending).toBe(0);
});

describe('taking a command away', () => {
  test('aborts the Receive that waits, and every later one', async () => {
    const clock = manualClock();
    const output = new PendingOutput(clock);
    output.endWith(result('never'), 500);
    const waiting = output.receive(1000, 10_000);
    output.abort();
    expect(await waiting).toEqual({ kind: 'aborted' });
    expect(await output.receive(1000, 10_000)).toEqual({ kind: 'aborted' });
    expect(clock.pending).toBe(0);
  });

  test('ctrl-c ends a running one with STATUS_CONTROL_C_EXIT, and a finished one not at all', async () => {
    const running = new PendingOutput(manualClock());
    running.endWith(result('never'), 500);
    running.interrupt();
    expect(await running.receive(1000, 10_000)).toMatchObject({ kind: 'output', pieces: [], exitCode: 3221225786 });
    const finished = new PendingOutput(manualClock());
    finished.endWith(result('all', '', 3), 0);
    finished.interrupt();
    expect(await finished.receive(1000, 10_000)).toMatchObject({ kind: 'output', exitCode: 3 });
  });
});

test('however it is cut and however often an answer is lost, the bytes arrive whole and in order', async () => {
  const lengths = fc.integer({ min: 0, max: 6000 });
  await fc.assert(
    fc.asyncProperty(
      lengths,
      lengths,
      fc.integer({ min: 1, max: 5000 }),
      fc.infiniteStream(fc.boolean()),
      async (outLength, errLength, maxBytes, losses) => {
        const stdout = Uint8Array.from({ length: outLength }, (_, index) => index % 251);
        const stderr = Uint8Array.from({ length: errLength }, (_, index) => index % 241);
        const output = new PendingOutput(manualClock());
        output.endWith({ stdout, stderr, exitCode: 5 }, 0);
        const got = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
        for (;;) {
          const received = await output.receive(1000, maxBytes);
          if (received.kind !== 'output') throw new Error(`unexpected ${received.kind}`);
          const total = received.pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
          expect(total <= maxBytes || received.pieces.length === 1).toBe(true);
          if (losses.next().value) continue;
          output.delivered(received);
          for (const piece of received.pieces) got[piece.stream].push(piece.bytes);
          if (received.exitCode !== null) break;
        }
        expect(Buffer.concat(got.stdout).equals(stdout)).toBe(true);
        expect(Buffer.concat(got.stderr).equals(stderr)).toBe(true);
      },
    ),
  );
});
