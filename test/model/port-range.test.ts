// The only arithmetic on ranges in the house, against counting ports one by one.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  containsPort,
  covers,
  formatRange,
  highestPort,
  isPort,
  lastPort,
  overlaps,
  portRange,
  portRangeFromEnds,
  sameRange,
  type PortRange,
} from '../../src/model/port-range.ts';

const small = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }))
  .map(([first, count]) => portRange(first, count));

function portsOf(range: PortRange): readonly number[] {
  return Array.from({ length: range.portCount }, (_, index) => range.firstPort + index);
}

describe('a range of ports', () => {
  test('of 6005 and 59530 ends at 65534: the second number is a count', () => {
    expect(lastPort(portRange(6005, 59530))).toBe(65534);
    expect(formatRange(portRange(6005, 59530))).toBe('6005-65534');
    expect(formatRange(portRange(9933))).toBe('9933');
  });

  test.each([
    [0, 1],
    [-1, 1],
    [65536, 1],
    [1.5, 1],
    [Number.NaN, 1],
    [9933, 0],
    [9933, -1],
    [9933, 1.5],
    [65535, 2],
    [1, 65536],
  ])('of %s and %s is refused with both numbers or the bound named', (first, count) => {
    expect(() => portRange(first, count)).toThrow(RangeError);
  });

  test.each([
    [65535, 1],
    [1, 65535],
    [49152, 16384],
  ])('of %s and %s lies within the bounds', (first, count) => {
    expect(portRange(first, count)).toEqual({ firstPort: first, portCount: count });
  });

  test('backwards is refused', () => {
    expect(() => portRangeFromEnds(9955, 9933)).toThrow(RangeError);
    expect(portRangeFromEnds(9933, 9955)).toEqual({ firstPort: 9933, portCount: 23 });
  });

  test('contains, covers, overlaps and equals as its ports do', () => {
    fc.assert(
      fc.property(small, small, fc.integer({ min: 1, max: 60 }), (a, b, port) => {
        const [inA, inB] = [portsOf(a), portsOf(b)];
        expect(lastPort(a)).toBe(inA.at(-1));
        expect(containsPort(a, port)).toBe(inA.includes(port));
        expect(covers(a, b)).toBe(inB.every((one) => inA.includes(one)));
        expect(overlaps(a, b)).toBe(inB.some((one) => inA.includes(one)));
        expect(sameRange(a, b)).toBe(inA.join() === inB.join());
        expect(portRangeFromEnds(a.firstPort, lastPort(a))).toEqual(a);
      }),
    );
  });

  test('has ports from 1 to 65535', () => {
    expect([0, 1, highestPort, highestPort + 1, 2.5].map(isPort)).toEqual([false, true, true, false, false]);
  });
});
