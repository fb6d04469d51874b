// Answers as bytes, cut anywhere and spoiled anywhere: the same bytes give the same end however they are cut, garbage ends in a word, nothing
// is waited for without a limit, and Node's own parser (another one than ours) understands by them what ours does.
import * as http from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnswerReader } from '../../../src/winrm/http/answer-reader.ts';
import type { AnswerLimits, AnswerProgress } from '../../../src/winrm/http/answer-reader.ts';
import { expectBounded } from '../../support/expect-bounded.ts';

const limits: AnswerLimits = { maxHeadBytes: 1024, maxBodyBytes: 4096 };

/** What becomes of these pieces when the server closes behind the last, and whether the end was clear before that. */
function readAll(pieces: readonly Buffer[], within = limits): { end: AnswerProgress; isClear: boolean; rest: number } {
  const reader = new AnswerReader(within);
  for (const [index, piece] of pieces.entries()) {
    const progress = reader.push(piece);
    if (progress.kind !== 'more') return { end: progress, isClear: true, rest: pieces.length - 1 - index };
  }
  return { end: reader.finish(), isClear: false, rest: 0 };
}

function readText(text: string, within = limits) {
  return readAll([Buffer.from(text, 'latin1')], within);
}

/** Without what depends on whether the rest of the bytes came with the end of the answer or after it. */
function comparable({ end, isClear, rest }: ReturnType<typeof readAll>) {
  if (end.kind !== 'whole') return { ...end, isClear };
  const { status, headers, body } = end.answer;
  const hasRest = rest > 0 || !end.isReusable;
  return { status, headers: { ...headers }, body: body.toString('latin1'), isClear, hasRest };
}

function cutAt(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const at = [0, ...shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).flatMap((to, index) => (to === at[index] ? [] : [bytes.subarray(at[index], to)]));
}

const ends = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));

// Answers that are true -----------------------------------------------------------------------------------------------------------------

const token = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '_', '!', '~'), minLength: 1, maxLength: 12 });
const value = fc.string({
  unit: fc.constantFrom('a', '0', ' ', ';', '=', '"', ',', ':', '\t', '\u00e9'),
  maxLength: 20,
});
const header = fc
  .tuple(token, value)
  .filter(([name]) => !['content-length', 'transfer-encoding', 'connection', 'keep-alive'].includes(name.toLowerCase()))
  .map(([name, text]) => `X-${name}:${text}\r\n`);
const headers = fc.array(header, { maxLength: 5 }).map((lines) => lines.join(''));
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const extension = fc.constantFrom('', '', ';a', ';a="b c"');

const chunked = fc
  .tuple(
    fc.array(
      fc.tuple(
        body.filter((text) => text !== ''),
        extension,
        fc.boolean(),
      ),
      { maxLength: 5 },
    ),
    headers,
  )
  .map(([chunks, trailers]) => {
    const written = chunks.map(([text, more, isUpper]) => {
      const size = text.length.toString(16);
      return `${isUpper ? size.toUpperCase() : size}${more}\r\n${text}\r\n`;
    });
    return `Transfer-Encoding: chunked\r\n\r\n${written.join('')}0\r\n${trailers}\r\n`;
  });
const counted = body.map((text) => `content-length:  ${text.length} \r\n\r\n${text}`);
const untilClose = body.map((text) => `\r\n${text}`);
const interim = fc.constantFrom(
  '',
  '',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 102 Processing\r\nX-A: b\r\n\r\nHTTP/1.1 103 \r\n\r\n',
);
const status = fc.constantFrom('200 OK', '200', '401 Unauthorized', '500 Inter nal', '302 Found');
const trueAnswer = fc
  .tuple(interim, status, headers, fc.oneof(counted, chunked, untilClose))
  .map(([before, line, lines, rest]) => Buffer.from(`${before}HTTP/1.1 ${line}\r\n${lines}${rest}`, 'latin1'));

// And those that are not ----------------------------------------------------------------------------------------------------------------

const pieces = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.0 200 OK\r\n',
  'HTTP/1.1 101 Switching\r\n',
  'HTTP/2 200\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 5, 5\r\n',
  'Content-Length: +5\r\n',
  'Content-Length: 99999999999999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Connection: close\r\n',
  'constructor: x\r\n',
  '__proto__: x\r\n',
  ' folded\r\n',
  ': x\r\n',
  'a b: x\r\n',
  '\r\n',
  '\r',
  '\n',
  '\0',
  '5\r\nhello\r\n',
  '0\r\n\r\n',
  'ffffffff\r\n',
  'hello',
  'x'.repeat(200),
];
const garbage = fc
  .array(fc.oneof(fc.constantFrom(...pieces), body), { maxLength: 12 })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));
const spoiled = fc
  .tuple(trueAnswer, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(5), fc.constantFrom(...pieces, ''))
  .map(([bytes, share, dropped, put]) => {
    const at = Math.floor(share * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(put, 'latin1'), bytes.subarray(at + dropped)]);
  });
const anything = fc.oneof(trueAnswer, garbage, spoiled);
const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

test('any cut of the same bytes gives the same end', () => {
  fc.assert(
    fc.property(anything, shares, (bytes, at) => {
      const whole = comparable(readAll([bytes]));
      expect(comparable(readAll(cutAt(bytes, at)))).toEqual(whole);
      expect(comparable(readAll(ends(bytes)))).toEqual(whole);
    }),
    { numRuns: 2000 },
  );
});

test('whatever comes, there is an end to it within the limits', () => {
  const most = limits.maxHeadBytes + 2 * limits.maxBodyBytes;
  fc.assert(
    fc.property(anything, fc.array(anything, { minLength: 1, maxLength: 3 }), (start, again) => {
      const reader = new AnswerReader(limits);
      let progress = reader.push(start);
      let taken = start.length;
      const rest = Buffer.concat(again);
      fc.pre(rest.length > 0);
      while (progress.kind === 'more' && taken <= most) {
        progress = reader.push(rest);
        taken += rest.length;
      }
      expect(progress.kind).not.toBe('more');
      expect(reader.finish()).toBe(progress);
    }),
    { numRuns: 1000 },
  );
});

/** What Node's parser makes of the bytes: null when it makes nothing of them. */
function readWithNode(bytes: Buffer): Promise<{ status: number; body: string } | null> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {
        // All of it is pushed below.
      },
      write(_chunk, _encoding, done) {
        done();
      },
    });
    const give = (): void => {
      wire.destroy();
      resolve(null);
    };
    const request = http.request({ method: 'POST', createConnection: () => wire }, (answer) => {
      const parts: Buffer[] = [];
      answer
        .on('data', (part: Buffer) => parts.push(part))
        .on('error', give)
        .on('aborted', give)
        .on('end', () => {
          if (answer.complete)
            resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString('latin1') });
          wire.destroy();
        });
    });
    request.on('error', give).on('upgrade', give).on('close', give).end();
    setImmediate(() => {
      wire.push(bytes);
      wire.push(null);
    });
  });
}

const large: AnswerLimits = { maxHeadBytes: 8192, maxBodyBytes: 100_000 };

test("Node's parser reads out of a true answer what ours does", async () => {
  await fc.assert(
    fc.asyncProperty(trueAnswer, async (bytes) => {
      const { end } = readAll([bytes], large);
      if (end.kind !== 'whole') throw new Error(`a true answer was ${JSON.stringify(end)}`);
      const { status: found, body: read } = end.answer;
      expect({ status: found, body: read.toString('latin1') }).toEqual(await readWithNode(bytes));
    }),
    { numRuns: 500 },
  );
});

test("what ours takes for an answer, Node's parser takes for the same, or for none", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(garbage, spoiled, spoiled, spoiled), async (bytes) => {
      const { end } = readAll([bytes], large);
      if (end.kind !== 'whole') return;
      const theirs = await readWithNode(bytes);
      if (theirs === null) return;
      taken += 1;
      expect({ status: end.answer.status, body: end.answer.body.toString('latin1') }).toEqual(theirs);
    }),
    { numRuns: 6000 },
  );
  expect(taken).toBeGreaterThan(60);
});

describe('one by one', () => {
  const ok = 'HTTP/1.1 200 OK\r\n';

  test.each<[string, string, string, boolean]>([
    ['a length', `${ok}Content-Length: 2\r\n\r\nab`, 'ab', true],
    ['nothing', `${ok}Content-Length: 0\r\n\r\n`, '', true],
    ['chunks', `${ok}Transfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`, 'ab', true],
    ['a status without a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', '', true],
    ['Connection: close', `${ok}Connection: x, Close\r\nContent-Length: 1\r\n\r\na`, 'a', false],
    ['an old server', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', 'a', false],
    [
      'an old server that goes on',
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na',
      'a',
      true,
    ],
    ['a second answer behind it', `${ok}Content-Length: 1\r\n\r\na${ok}Content-Length: 1\r\n\r\nb`, 'a', false],
    ['a line end behind it', `${ok}Content-Length: 1\r\n\r\na\r\n`, 'a', false],
    ['no more than is asked to continue', `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 1\r\n\r\na`, 'a', true],
  ])('%s', (_what, text, read, isReusable) => {
    const { end } = readText(text);
    expect(end).toMatchObject({ kind: 'whole', isReusable });
    expect(end.kind === 'whole' ? end.answer.body.toString() : '').toBe(read);
  });

  test.each<[string, string, string]>([
    ['another protocol', '220 mail', 'not-http'],
    ['a start in between', '\r\nHTTP/1.1 200 OK\r\n', 'not-http'],
    ['HTTP/2', 'HTTP/2 200\r\n', 'not-http'],
    ['another protocol nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\n', 'not-http'],
    ['a status of two digits', 'HTTP/1.1 20\r\n', 'not-http'],
    ['a status of nought', 'HTTP/1.1 000 x\r\n', 'not-http'],
    ['a line end of LF alone', 'HTTP/1.1 200 OK\n', 'not-http'],
    ['a CR inside a header', `${ok}A: b\rC: d\r\n`, 'not-http'],
    ['a NUL inside a header', `${ok}A: \0\r\n`, 'not-http'],
    ['a folded header', `${ok}A: b\r\n c\r\n`, 'not-http'],
    ['a space before the colon', `${ok}Content-Length : 1\r\n`, 'not-http'],
    ['a header without a colon', `${ok}Content-Length\r\n`, 'not-http'],
    ['two lengths', `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 'conflicting-lengths'],
    ['the same length twice', `${ok}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`, 'conflicting-lengths'],
    ['a list of lengths', `${ok}Content-Length: 1, 1\r\n\r\n`, 'not-http'],
    ['a length with a sign', `${ok}Content-Length: +1\r\n\r\n`, 'not-http'],
    ['a length in hexadecimal', `${ok}Content-Length: 0x1\r\n\r\n`, 'not-http'],
    ['an empty length', `${ok}Content-Length:\r\n\r\n`, 'not-http'],
    ['a length and chunks', `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 'conflicting-lengths'],
    ['chunks twice', `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, 'not-http'],
    ['another coding', `${ok}Transfer-Encoding: gzip\r\n\r\n`, 'not-http'],
    ['chunks of an old server', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'not-http'],
    ['a chunk with a sign', `${ok}Transfer-Encoding: chunked\r\n\r\n-1\r\n`, 'not-http'],
    ['a chunk of no size', `${ok}Transfer-Encoding: chunked\r\n\r\n\r\n`, 'not-http'],
    ['a chunk that is longer than it says', `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nab`, 'not-http'],
    ['a trailer that is none', `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\nno trailer\r\n`, 'not-http'],
    ['a length beyond any', `${ok}Content-Length: 4097\r\n\r\n`, 'too-large'],
    ['a length beyond all numbers', `${ok}Content-Length: ${'9'.repeat(400)}\r\n\r\n`, 'too-large'],
    ['a chunk beyond any', `${ok}Transfer-Encoding: chunked\r\n\r\nffff\r\n`, 'too-large'],
    [
      'chunks beyond any',
      `${ok}Transfer-Encoding: chunked\r\n\r\n${`800\r\n${'x'.repeat(2048)}\r\n`.repeat(3)}`,
      'too-large',
    ],
    ['a body beyond any', `${ok}\r\n${'x'.repeat(4097)}`, 'too-large'],
    ['a head beyond any', `${ok}A: ${'x'.repeat(1024)}`, 'too-large'],
    ['interim answers without an end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50), 'too-large'],
    ['trailers without an end', `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n${'A: b\r\n'.repeat(300)}`, 'too-large'],
    ['chunk extensions without an end', `${ok}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(4096)}`, 'too-large'],
  ])('%s is no answer, and shows it at once', (_what, text, problem) => {
    expect(readText(text)).toMatchObject({ end: { kind: 'unreadable', problem }, isClear: true });
  });

  test.each([
    ['in the status line', 'HTTP/1.1 2'],
    ['in the headers', `${ok}Content-Length: 2\r\n`],
    ['in the body', `${ok}Content-Length: 2\r\n\r\na`],
    ['in a chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\na`],
    ['before the last chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n`],
    ['in the trailers', `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n`],
    ['before anything', ''],
  ])('an end %s is a cut', (_what, text) => {
    expect(readText(text).end).toEqual({ kind: 'cut' });
  });

  test('a name that every object has is a header like others', () => {
    const { end } = readText(`${ok}Constructor: a\r\n__proto__: b\r\nContent-Length: 0\r\n\r\n`);
    if (end.kind !== 'whole') throw new Error(end.kind);
    expect(end.answer.headers['constructor']).toEqual(['a']);
    expect(end.answer.headers['__proto__']).toEqual(['b']);
    expect('valueOf' in end.answer.headers).toBe(false);
  });

  test('how long the server keeps an idle connection', () => {
    const keep = (header: string): AnswerProgress => readText(`${ok}${header}Content-Length: 0\r\n\r\n`).end;
    expect(keep('Keep-Alive: timeout=5, max=10\r\n')).toMatchObject({ keepAliveMs: 5000 });
    expect(keep('Keep-Alive: max=10\r\n')).toMatchObject({ keepAliveMs: null });
    expect(keep('')).toMatchObject({ keepAliveMs: null });
  });

  test('a body that comes byte by byte takes a few copies, not one for each', () => {
    const reader = new AnswerReader({ maxHeadBytes: 1024, maxBodyBytes: 1024 * 1024 });
    reader.push(Buffer.from(`${ok}\r\n`));
    const startedMs = performance.now();
    const byte = Buffer.from('x');
    for (let index = 0; index < 1024 * 1024; index += 1) reader.push(byte);
    const end = reader.finish();
    expect(end.kind === 'whole' && end.answer.body.length).toBe(1024 * 1024);
    expect(end.kind === 'whole' && end.answer.body.buffer.byteLength).toBeLessThanOrEqual(2 * 1024 * 1024);
    expectBounded(startedMs);
  });
});
