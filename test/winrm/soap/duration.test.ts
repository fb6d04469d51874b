import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDuration, writeDuration } from '../../../src/winrm/soap/duration.ts';

test.each([
  ['PT20S', 20_000],
  ['PT60.000S', 60_000],
  ['PT7200.000S', 7_200_000],
  ['PT1.5S', 1500],
  ['P0DT0H0M0S', 0],
  ['P1DT2H3M4.5S', 93_784_500],
  ['PT5M', 300_000],
  [' PT1S\n', 1000],
  ['-PT1S', -1000],
])('%s is %i ms', (text, milliseconds) => {
  expect(readDuration(text)).toBe(milliseconds);
});

test.each(['', 'P', 'PT', 'P1DT', '20', '20S', 'PT-1S', 'P1Y', 'P1M', 'PT1.S', 'PT1S2M', 'pt1s'])(
  '"%s" is refused',
  (text) => {
    expect(() => readDuration(text)).toThrow(expect.objectContaining({ code: 'wire/invalid' }));
  },
);

test('what is written is read back', () => {
  expect(writeDuration(20_000)).toBe('PT20.000S');
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (milliseconds) => {
      expect(readDuration(writeDuration(milliseconds)) + 0).toBe(milliseconds);
    }),
  );
  expect(() => writeDuration(0.5)).toThrow(RangeError);
});
