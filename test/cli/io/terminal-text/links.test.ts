// Hyperlinks: where a terminal has them, and that nobody else's text can be one.
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { guardStream } from '../../../../src/cli/io/safe-stream.ts';
import { linkFor } from '../../../../src/cli/io/colours.ts';
import { createLinkMarks, hasHyperlinks } from '../../../../src/cli/io/terminal-text/links.ts';
import { displayWidth } from '../../../../src/report/text/display-width.ts';

describe('a terminal has them', () => {
  test.each([
    [true, { VTE_VERSION: '7600' }, true],
    [true, { VTE_VERSION: '4205' }, false],
    [true, { TERM_PROGRAM: 'WezTerm' }, true],
    [true, { TERM: 'xterm-kitty' }, true],
    [true, { WT_SESSION: 'x' }, true],
    [true, { TERM: 'xterm-256color' }, false],
    [true, { TERM: 'dumb', WT_SESSION: 'x' }, false],
    [true, { CI: 'true', VTE_VERSION: '7600' }, false],
    [false, { VTE_VERSION: '7600' }, false],
    [false, { FORCE_HYPERLINK: '1' }, true],
    [true, { FORCE_HYPERLINK: '0', VTE_VERSION: '7600' }, false],
    [false, { FORCE_HYPERLINK: '' }, false],
  ])('terminal %s, %o: %s', (isTTY, env, has) => {
    expect(hasHyperlinks({ isTTY }, env)).toBe(has);
  });
});

/** Links are on while `work` runs. */
function written(text: () => string): string {
  const before = process.env['FORCE_HYPERLINK'];
  process.env['FORCE_HYPERLINK'] = '1';
  let got = '';
  try {
    const target = new Writable({
      decodeStrings: false,
      write(part: string, _encoding, done) {
        got += part;
        done();
      },
    });
    guardStream(target).write(text());
  } finally {
    if (before === undefined) delete process.env['FORCE_HYPERLINK'];
    else process.env['FORCE_HYPERLINK'] = before;
  }
  return got;
}

test('a link takes the room of its text, and what is odd in a path is escaped', () => {
  let width = 0;
  const got = written(() => {
    const text = linkFor(process.stdout)('run.html', '/tmp/a b\u001b\\ü/run.html');
    width = displayWidth(text);
    return text;
  });
  expect(width).toBe('run.html'.length);
  expect(got).toMatch(/^\u001b\]8;;file:\/\/\/[!-~]+\u001b\\run\.html\u001b\]8;;\u001b\\$/);
});

test('a link that a host printed is shown, not obeyed', () => {
  const got = written(() => '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007');
  expect(got).not.toContain('\u001b');
});

test('there are 9000 different ones at most, and the same one is the same', () => {
  const marks = createLinkMarks();
  const first = marks.mark('file:///0');
  for (let index = 1; index < 9000; index += 1) marks.mark(`file:///${index}`);
  expect(marks.mark('file:///one-more')).toBeNull();
  expect(marks.mark('file:///0')).toEqual(first);
});
