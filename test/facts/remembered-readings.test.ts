import { expect, test } from 'vitest';
import { rememberReadings } from '../../src/facts/remembered-readings.ts';

function countingReader() {
  const read: string[] = [];
  const reader = rememberReadings((text, exitCode) => {
    read.push(text);
    return { value: `${text} ${exitCode}` };
  });
  return { read, reader };
}

test('a text is read once, and its reading is one object', () => {
  const { read, reader } = countingReader();
  expect(reader('a', 0)).toEqual({ value: 'a 0' });
  expect(reader('a', 0)).toBe(reader('a', 0));
  expect(read).toEqual(['a']);
});

test('the same text with another exit code is another answer', () => {
  const { reader } = countingReader();
  reader('a', 0);
  expect(reader('a', 1)).toEqual({ value: 'a 1' });
  expect(reader('a', 0)).toEqual({ value: 'a 0' });
});

test('texts without number and texts without end are not kept', () => {
  const { read, reader } = countingReader();
  for (let index = 0; index < 200; index += 1) reader(String(index), 0);
  expect(reader('0', 0)).toEqual({ value: '0 0' });
  expect(read.filter((one) => one === '0')).toHaveLength(2);
  const long = 'x'.repeat(10_000);
  reader(long, 0);
  reader(long, 0);
  expect(read.filter((one) => one === long)).toHaveLength(2);
});
