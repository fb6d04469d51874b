// What stands between the engine and a stream that fails: nothing throws, nothing waits, everything is in order, and one line tells of the end.
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createLiveView } from '../../src/cli/io/live-view.ts';
import { createOrderedWriter } from '../../src/cli/io/ordered-writer.ts';
import { guardStream } from '../../src/cli/io/safe-stream.ts';
import { exitCodeOfFailure } from '../../src/cli/exit-codes.ts';
import { memoryClock } from '../support/memory-clock.ts';

function failing(code: string, after = 0): Writable {
  let calls = 0;
  return new Writable({
    write(_chunk, _encoding, done) {
      calls += 1;
      done(calls > after ? Object.assign(new Error(code), { code }) : null);
    },
  });
}

describe('a standard stream', () => {
  test.each([
    ['EPIPE', true],
    ['ENOSPC', false],
    ['EIO', false],
    ['EAGAIN', false],
  ] as const)('that fails with %s is silent from then on, and says why', async (code, isReaderGone) => {
    const stream = guardStream(failing(code, 1));
    stream.write('a');
    await stream.drained();
    stream.write('b');
    await stream.drained();
    expect([stream.lost, stream.isReaderGone]).toEqual([expect.stringContaining(code), isReaderGone]);
    stream.write('c');
  });

  test('that throws at once harms nobody', () => {
    const stream = new Writable();
    stream.write = () => {
      throw Object.assign(new Error('write'), { code: 'EIO' });
    };
    const guarded = guardStream(stream);
    guarded.write('a');
    expect(guarded.lost).toContain('EIO');
  });

  test('that nobody reads is given up when too much waits, and the end waits a bounded time', async () => {
    const stream = guardStream(new Writable({ write: () => undefined }), 100);
    stream.write('x'.repeat(200));
    await stream.drained(20);
    expect(stream.lost).toBeNull();
    stream.write('y');
    expect(stream.lost).toBe('its reader stopped reading');
  });
});

describe('a long document', () => {
  const part = 'x'.repeat(100_000);

  /** 100 parts for a reader that takes one at a time; how many were made, and the most that were made before they were taken. */
  async function writeMany(taken: (count: number) => Error | null, wait = (drained: Promise<void>) => drained) {
    const seen = { made: 0, taken: 0, mostWaiting: 0 };
    const stream = guardStream(
      new Writable({
        write(_chunk, _encoding, done) {
          setImmediate(() => {
            seen.taken += 1;
            done(taken(seen.taken));
          });
        },
      }),
    );
    function* parts(): Iterable<string> {
      for (; seen.made < 100; seen.made += 1) {
        seen.mostWaiting = Math.max(seen.mostWaiting, seen.made - seen.taken);
        yield part;
      }
    }
    await stream.writeParts(parts(), wait);
    await stream.drained();
    return seen;
  }

  test('is made as its reader takes it, and all of it arrives', async () => {
    const seen = await writeMany(() => null);
    expect([seen.made, seen.taken >= 100]).toEqual([100, true]);
    // 256 KiB may wait, and one part more.
    expect(seen.mostWaiting).toBeLessThanOrEqual(4);
  });

  test('waits for no reader that is gone', async () => {
    const gone = Object.assign(new Error('gone'), { code: 'EPIPE' });
    const seen = await writeMany((count) => (count === 5 ? gone : null));
    expect(seen.made).toBe(100);
    expect(seen.taken).toBe(5);
  });

  test('is written whole when nobody wants to wait any more', async () => {
    const seen = await writeMany(
      () => null,
      () => Promise.resolve(),
    );
    expect(seen.mostWaiting).toBeGreaterThan(90);
    expect(seen.taken).toBeGreaterThanOrEqual(100);
  });
});

describe('the writer in the background', () => {
  test('writes everything in order to a target that takes little and often nothing', async () => {
    let got = '';
    let calls = 0;
    const told: string[] = [];
    const send = (bytes: Buffer): Promise<number> => {
      calls += 1;
      if (calls % 5 === 0) return Promise.resolve(0);
      const taken = bytes.subarray(0, 7);
      got += taken.toString();
      return Promise.resolve(taken.length);
    };
    const writer = createOrderedWriter({ send, close: () => Promise.resolve() }, { onLost: (why) => told.push(why) });
    const lines = Array.from({ length: 50 }, (_, index) => `line ${String(index)}\n`);
    for (const line of lines) writer.write(line);
    await writer.end();
    expect([got, told]).toEqual([lines.join(''), []]);
  });

  test.each<{ what: string; send: () => Promise<number>; limitBytes?: number; why: RegExp }>([
    {
      what: 'a full disk',
      send: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOSPC' })),
      why: /ENOSPC/,
    },
    { what: 'a reader that takes nothing', send: () => Promise.resolve(0), why: /read nothing/ },
    { what: 'a reader that hangs', send: () => new Promise(() => undefined), why: /read nothing/ },
    { what: 'too much waiting', send: () => Promise.resolve(0), limitBytes: 3, why: /too slow/ },
  ])('$what: told once, the end comes', async ({ send, why, ...limits }) => {
    const told: string[] = [];
    const options = { onLost: (reason: string) => told.push(reason), stallMs: 50, ...limits };
    const writer = createOrderedWriter({ send, close: () => Promise.resolve() }, options);
    writer.write('ab');
    writer.write('cd');
    await writer.end();
    writer.write('ef');
    await writer.end();
    expect(told).toEqual([expect.stringMatching(why)]);
  });
});

test('a live view whose terminal throws is given up once; lines that stay are written all the same', async () => {
  const stream = Object.assign(new Writable(), { columns: 80, rows: 24, isTTY: true }) as unknown as NodeJS.WriteStream;
  stream.write = () => {
    throw new Error('EIO');
  };
  const [told, stayed]: [string[], string[]] = [[], []];
  const view = createLiveView({
    stream,
    clock: memoryClock(),
    paint: (_as, text) => text,
    write: (text) => stayed.push(text),
    onBroken: (thrown) => told.push(String(thrown)),
  });
  view.progress({ host: '', doing: 'asking', total: 2 });
  view.progress({ host: 'ex01', doing: 'connecting' });
  await expect.poll(() => told, { timeout: 60_000 }).toEqual([expect.stringContaining('EIO')]);
  view.above('stays\n');
  view.progress({ host: '', doing: 'asking', over: true });
  view.dispose();
  expect([stayed, told.length]).toEqual([['stays\n'], 1]);
});

test('1 is never said when something may have been changed', () => {
  expect(exitCodeOfFailure({ code: 'journal/unwritable', effect: 'unknown' })).toBe(3);
  expect(exitCodeOfFailure({ code: 'internal/bug', effect: 'unknown' })).toBe(3);
  expect(exitCodeOfFailure({ code: 'journal/unwritable', effect: 'none' })).toBe(1);
  expect(exitCodeOfFailure({ code: 'interrupted', effect: 'none' })).toBe(130);
});
