import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { families, protocols, stores } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import {
  addExclusion,
  deleteExclusion,
  lacksExclusions,
  readExclusions,
  showExclusions,
} from '../../src/windows/excluded-ports.ts';

test.each([
  [showExclusions('ipv4', 'tcp', 'active'), 'netsh interface ipv4 show excludedportrange protocol=tcp store=active'],
  [
    showExclusions('ipv6', 'udp', 'persistent'),
    'netsh interface ipv6 show excludedportrange protocol=udp store=persistent',
  ],
  [
    addExclusion('ipv4', 'tcp', portRange(9933), 'persistent'),
    'netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1 store=persistent',
  ],
  [
    deleteExclusion('ipv6', 'tcp', portRange(9900, 100), 'active'),
    'netsh interface ipv6 delete excludedportrange protocol=tcp startport=9900 numberofports=100 store=active',
  ],
])('%s', (line, expected) => {
  expect(line).toBe(expected);
});

test('a delete is the twin of its add', () => {
  const any = fc.tuple(
    fc.constantFrom(...families),
    fc.constantFrom(...protocols),
    fc.integer({ min: 1, max: 65000 }),
    fc.integer({ min: 1, max: 500 }),
    fc.constantFrom(...stores),
  );
  fc.assert(
    fc.property(any, ([family, protocol, first, count, store]) => {
      const range = portRange(first, count);
      const add = addExclusion(family, protocol, range, store);
      expect(deleteExclusion(family, protocol, range, store)).toBe(add.replace(' add ', ' delete '));
    }),
  );
});

describe('a netsh without excludedportrange', () => {
  const refusal = readExclusions('words\r\n', 1, 'active');
  const table = readExclusions('\r\n----  ----\r\n', 0, 'active');
  const other = readExclusions('words\r\n', 5, 'active');
  test.each([
    ['2008', 6, 0, [refusal, refusal], true],
    ['2008 R2', 6, 1, [refusal, refusal], true],
    ['2008 R2 with the hotfix', 6, 1, [refusal, table], false],
    ['2008 R2 that ends with another code', 6, 1, [refusal, other], false],
    ['2012', 6, 2, [refusal, refusal], false],
    ['2019', 10, 0, [refusal, refusal], false],
    ['nothing asked', 6, 1, [], false],
  ] as const)('%s', (_, major, minor, readings, lacks) => {
    expect(lacksExclusions({ major, minor }, readings)).toBe(lacks);
  });

  test('a table with exit code 1 is no refusal of the command, but a problem', () => {
    const reading = readExclusions('\r\n----------    --------\r\n  5  6\r\n', 1, 'active');
    expect(reading).toEqual({ problem: 'netsh ended with exit code 1: "---------- --------"' });
  });
});
