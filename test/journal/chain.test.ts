// Every way a journal's text can be harmed, and what is said of it: a cut last line is what a crash leaves, anything else is damage.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstPrevious, journalVersion, proveRecord, writeRecord } from '../../src/journal/record.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { readJournal } from '../support/read-journal.ts';
import { at, runStarted, someEvent } from './events.ts';

function linesOf(events: readonly RunEvent[]): readonly string[] {
  let previous = firstPrevious;
  return events.map((event, index) => {
    const { line, digest } = writeRecord(index + 1, previous, event);
    previous = digest;
    return line;
  });
}

const digestOf = (line: string): string => /"digest":"([0-9a-f]{64})"/.exec(line)?.[1] ?? '';
const reasons = (...words: readonly string[]): readonly RunEvent[] =>
  words.map((reason) => ({ at, type: 'run-stopping', reason }));
const five = linesOf([runStarted, ...reasons('one', 'two', 'three', 'vier – „nein“')]);
const [first = '', second = '', third = '', fourth = '', fifth = ''] = five;

describe('a journal', () => {
  test('reads back what was written, whatever the text of an event', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 8 }), (events) => {
        const lines = linesOf(events);
        expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
        const read = readJournal(lines.join(''));
        expect(read.events).toEqual(JSON.parse(JSON.stringify(events)));
        expect([read.records, read.tornTail, read.damage]).toEqual([events.length, false, null]);
      }),
    );
  });

  test('is the same in parts of any length', () => {
    const whole = Buffer.from([first, second, third.replace('two', 'twO'), fourth, fifth.slice(0, -9)].join(''));
    for (const journal of [whole, Buffer.from(five.join(''))]) {
      const expected = readJournal(journal);
      for (let bytes = 1; bytes < 300; bytes += 7) expect(readJournal(journal, bytes)).toEqual(expected);
    }
  });

  test('laid out by somebody else holds as long as its digests do', () => {
    const event = { type: 'run-stopping', at, reason: 'spaced' };
    const body = JSON.stringify({ sequence: 2, v: journalVersion, event, previous: digestOf(first) });
    const line = (text: string): string => {
      const open = text.slice(0, -1);
      return `${open},"digest":"${createHash('sha256').update(open).digest('hex')}"}\n`;
    };
    expect(readJournal(first + line(body)).events[1]).toEqual(event);
    for (const [text, problem] of [
      [body.replace('"v":2', '"v":1'), 'format version 1; this Fencepost reads version 2: go on with the Fencepost'],
      [body.replace('"v":2', '"v":{"toString":1}'), 'format version {"toString":1}'],
      [body.replace('"v":2', '"v":2,"more":1'), 'parts that no record has'],
      [body.replace(/"event":\{[^}]*\}/, '"event":7'), 'no event'],
      [body.replace('"v":2', '"v":'), 'not JSON'],
    ] as const) {
      expect(readJournal(first + line(text)).damage?.problem).toContain(problem);
    }
    const torn = JSON.stringify({ v: journalVersion, sequence: 2, previous: digestOf(first), event }).replace(
      '"spaced"',
      '',
    );
    expect(readJournal(first + line(torn)).damage).toEqual({ line: 2, problem: 'it is not JSON' });
  });

  test('an empty file has no records and no damage', () => {
    expect(readJournal('')).toMatchObject({ records: 0, tornTail: false, damage: null, lastDigest: firstPrevious });
  });

  test('a last line cut at any byte is a torn tail, never a record and never damage', () => {
    const whole = Buffer.from(five.join(''));
    const lastBegins = Buffer.byteLength(five.slice(0, 4).join(''));
    for (let end = lastBegins + 1; end < whole.length; end += 1) {
      const read = readJournal(whole.subarray(0, end));
      expect([read.records, read.damage, read.tornTail, read.wholeBytes]).toEqual([4, null, true, lastBegins]);
    }
    expect(readJournal(whole.subarray(0, lastBegins))).toMatchObject({ tornTail: false, damage: null });
  });

  test.each([
    {
      harm: 'a changed letter',
      text: [first, second, third.replace('two', 'twO'), fourth],
      line: 3,
      problem: 'changed',
    },
    { harm: 'a removed line', text: [first, third, fourth], line: 2, problem: 'number 3 where number 2 belongs' },
    { harm: 'the first line removed', text: [second, third], line: 1, problem: 'number 2 where number 1 belongs' },
    { harm: 'a line twice', text: [first, second, second, third], line: 3, problem: 'number 2 where number 3 belongs' },
    { harm: 'two lines swapped', text: [first, third, second, fourth], line: 2, problem: 'number 3' },
    { harm: 'an empty line', text: [first, '\n', second], line: 2, problem: 'does not end in a digest' },
    { harm: 'a line of nothing', text: [first, '{}\n'], line: 2, problem: 'does not end in a digest' },
    { harm: 'two journals one after the other', text: [first, second, first], line: 3, problem: 'number 1' },
    {
      harm: 'a blank at the end of a line',
      text: [first, second.replace('\n', ' \n'), third],
      line: 2,
      problem: 'digest',
    },
    {
      harm: 'a line cut in the middle of the file',
      text: [first, `${second.slice(0, 40)}\n`, third],
      line: 2,
      problem: 'digest',
    },
    { harm: 'Windows line ends', text: [first.replace('\n', '\r\n')], line: 1, problem: 'digest' },
  ])('$harm is damage in line $line', ({ text, line, problem }) => {
    const { damage, records } = readJournal(text.join(''));
    expect(damage?.line).toBe(line);
    expect(damage?.problem).toContain(problem);
    expect(records).toBe(line - 1);
  });

  test('a line added with a digest of its own shows in the line after it', () => {
    const { digest } = writeRecord(1, firstPrevious, runStarted);
    const added = writeRecord(2, digest, { at, type: 'run-stopping', reason: 'forged' });
    const renumbered = writeRecord(3, 'f'.repeat(64), { at, type: 'run-stopping', reason: 'x' });
    expect(readJournal([first, added.line, third].join('')).damage).toMatchObject({ line: 3 });
    expect(readJournal([first, added.line, renumbered.line].join('')).damage?.problem).toContain('does not follow');
  });

  test('any one changed byte is found', () => {
    const whole = Buffer.from([first, second, third].join(''));
    fc.assert(
      fc.property(fc.nat(whole.length - 2), fc.integer({ min: 1, max: 127 }), (index, by) => {
        const changed = Buffer.from(whole);
        changed[index] = (changed[index] ?? 0) ^ by;
        const read = readJournal(changed);
        // Only the very last newline could be taken for a crash.
        expect(read.damage).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  test('a journal of another format version says so', () => {
    const { line } = writeRecord(1, firstPrevious, runStarted);
    expect(proveRecord(Buffer.from(line.trimEnd()), 1, firstPrevious)).toHaveProperty('event');
    expect(fifth).toContain('"v":2,');
  });
});
