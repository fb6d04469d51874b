// Every way a journal's text can be harmed, and what is said of it: a cut last line is what a crash leaves, anything else is damage.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJournal } from '../../src/journal/chain.ts';
import { firstPrevious, readRecord, writeRecord } from '../../src/journal/record.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { at, runBegun, someEvent } from './events.ts';

function linesOf(events: readonly RunEvent[]): readonly string[] {
  let previous = firstPrevious;
  return events.map((event, index) => {
    const { line, digest } = writeRecord(index + 1, previous, event);
    previous = digest;
    return line;
  });
}

const reasons = (...words: readonly string[]): readonly RunEvent[] =>
  words.map((reason) => ({ at, type: 'run-stopping', reason }));
const five = linesOf([runBegun, ...reasons('one', 'two', 'three', 'vier – „nein“')]);
const [first = '', second = '', third = '', fourth = '', fifth = ''] = five;

describe('a journal', () => {
  test('reads back what was written, whatever the text of an event', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 8 }), (events) => {
        const lines = linesOf(events);
        expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
        const read = readJournal(lines.join(''));
        expect(read.records.map((one) => one.event)).toEqual(JSON.parse(JSON.stringify(events)));
        expect([read.tornTail, read.damage]).toEqual([null, null]);
      }),
    );
  });

  test('an empty file has no records and no damage', () => {
    expect(readJournal('')).toEqual({ records: [], tornTail: null, damage: null });
  });

  test('a last line cut at any byte is a torn tail, never a record and never damage', () => {
    const whole = Buffer.from(five.join(''));
    const lastBegins = Buffer.byteLength(five.slice(0, 4).join(''));
    for (let end = lastBegins + 1; end < whole.length; end += 1) {
      const read = readJournal(whole.subarray(0, end).toString('utf8'));
      expect([read.records.length, read.damage, read.tornTail === null]).toEqual([4, null, false]);
    }
    expect(readJournal(whole.subarray(0, lastBegins).toString('utf8'))).toMatchObject({ tornTail: null, damage: null });
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
    expect(records).toHaveLength(line - 1);
  });

  test('a line added with a digest of its own shows in the line after it', () => {
    const { digest } = writeRecord(1, firstPrevious, runBegun);
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
        const read = readJournal(changed.toString('utf8'));
        // Only the very last newline could be taken for a crash.
        expect(read.damage).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  test('a journal of another format version says so', () => {
    const { line } = writeRecord(1, firstPrevious, runBegun);
    expect(readRecord(line.trimEnd(), 1, firstPrevious)).toHaveProperty('record');
    expect(fifth).toContain('"v":1,');
  });
});
