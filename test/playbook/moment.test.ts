import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMoment } from '../../src/playbook/moment.ts';

test.each([
  ['2026-12-05T22:00:00+01:00', '2026-12-05T21:00:00Z'],
  ['2026-12-05 22:00 +01:00', '2026-12-05T21:00:00Z'],
  ['2026-12-05T22:00Z', '2026-12-05T22:00:00Z'],
  ['2026-12-05T22:00:00.000Z', '2026-12-05T22:00:00Z'],
  ['2026-01-01T00:30:00+05:30', '2025-12-31T19:00:00Z'],
  ['2024-02-29T12:00:00-0800', '2024-02-29T20:00:00Z'],
])('%s is %s', (text, utc) => {
  expect(parseMoment(text)).toEqual({ utc, fault: null });
});

const shape = 'expected a date and time with a UTC offset, such as 2026-12-05T22:00:00+01:00';

test.each([
  ['2026-12-05', shape],
  ['2026-12-05T22:00:00.5Z', 'a moment is whole seconds; leave out the fraction'],
  ['22:00', shape],
  ['tomorrow', shape],
  ['2026-12-05T22:00', 'the offset from UTC is missing; write 2026-12-05T22:00+01:00 or 2026-12-05T22:00Z'],
  ['2026-02-30T22:00Z', 'no such date or time'],
  ['2026-13-01T22:00Z', 'no such date or time'],
  ['2026-12-05T24:00Z', 'no such date or time'],
  ['2026-12-05T23:60Z', 'no such date or time'],
  ['2026-12-05T22:00+15:00', 'an offset from UTC is at most 14 hours'],
])('%s is refused', (text, fault) => {
  expect(parseMoment(text)).toEqual({ fault });
});

test('agrees with Date on every moment and offset', () => {
  const date = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(date, fc.integer({ min: -14 * 60, max: 14 * 60 }), (moment, minutes) => {
      const whole = new Date(Math.floor(moment.getTime() / 1000) * 1000);
      const wall = new Date(whole.getTime() + minutes * 60_000).toISOString().slice(0, 19);
      const size = Math.abs(minutes);
      const offset = `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
      expect(parseMoment(`${wall}${offset}`)).toEqual({ utc: whole.toISOString().replace('.000Z', 'Z'), fault: null });
    }),
  );
});
