import { expect, test } from 'vitest';
import { readDynamicRange, showDynamicRange } from '../../src/windows/dynamic-ports.ts';

test('the question', () => {
  expect(showDynamicRange('ipv6', 'tcp')).toBe('netsh interface ipv6 show dynamicportrange protocol=tcp');
});

test.each([
  [6005, 59530, null],
  [6005, 59531, null],
  [6005, 59532, 'above 65535'],
  [0, 100, 'expected a port from 1 to 65535'],
  [49152, 0, 'expected a count of at least 1'],
])('start %i and count %i', (start, count, problem) => {
  const reading = readDynamicRange(`Title\n-----\nA : ${start}\nB : ${count}\n`, 0);
  if (problem === null) expect(reading).toEqual({ value: { firstPort: start, portCount: count } });
  else expect(reading).toMatchObject({ problem: expect.stringContaining(problem) as string });
});

test('three numbers are a problem', () => {
  expect(readDynamicRange('-----\nA : 1\nB : 2\nC : 3\n', 0)).toEqual({
    problem: 'expected two numbers, start and count, got 3',
  });
});
