// The seam through which all text goes to a terminal or a CI log: own colours and annotations stay, those that a host wrote do not.
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paintFor } from '../../../src/cli/io/colours.ts';
import { guardStream, type SafeStream } from '../../../src/cli/io/safe-stream.ts';
import { annotate } from '../../../src/report/ci/annotations.ts';
import { hostileText, obeyed } from '../../support/hostile-text.ts';

const terminal = Object.assign(new Writable(), {
  isTTY: true,
  getColorDepth: () => 8,
}) as unknown as NodeJS.WriteStream;
const paint = paintFor(terminal);

/** What reaches the system of what `work` writes. */
function written(work: (stream: SafeStream) => void): string {
  let got = '';
  const target = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      got += text;
      done();
    },
  });
  work(guardStream(target));
  return got;
}

test('own colours reach the terminal, the same colours from a host are shown', () => {
  const text = `${paint('bad', 'ex01')}: \u001b[32mall is well\u001b[39m`;
  const got = written((stream) => {
    stream.write(text);
  });
  expect(got).toBe('\u001b[31mex01\u001b[39m: \\u001b[32mall is well\\u001b[39m');
});

test('a host that paints inside of what is painted paints nothing', () => {
  const got = written((stream) => {
    stream.write(paint('bad', '\u001b[32mgood\u001b[0m'));
  });
  expect(got).toBe('\u001b[31m\\u001b[32mgood\\u001b[0m\u001b[39m');
});

test('whatever is written, painted or not, only own colours are obeyed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hostileText, fc.boolean())), (parts) => {
      const text = parts.map(([part, isPainted]) => (isPainted ? paint('good', part) : part)).join('');
      const got = written((stream) => {
        stream.write(text);
      });
      expect(obeyed(got, true)).toEqual([]);
    }),
  );
});

test('annotations are commands, and nothing in them is', () => {
  const host = { host: 'ex01', words: 'blocked', origin: null };
  fc.assert(
    fc.property(hostileText, hostileText, (sentence, name) => {
      const lines = annotate([
        { severity: 'error', check: 'held-by-stranger', sentence, fix: sentence, host: { ...host, host: name } },
      ]);
      const got = written((stream) => {
        stream.annotate(lines);
      });
      const [own = '', ...rest] = got.split('\n');
      expect(rest).toEqual(['']);
      expect(own).toMatch(/^::error title=[^:]*::/);
      expect(obeyed(own.slice('::error '.length))).toEqual([]);
    }),
  );
});
