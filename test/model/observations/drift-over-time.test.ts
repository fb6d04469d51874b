// The figures of the chart: every period counts every host once, and a time at which nobody looked is not coloured.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addObservation, type ObservedSpan } from '../../../src/model/observations/observation.ts';
import { countDriftOverTime, mostPoints } from '../../../src/model/observations/drift-over-time.ts';
import { at, drifted, historyOf, seen, unreached } from './some-observations.ts';

const limits = { now: at('30T00:00'), keepMs: 9999 * 86_400_000 };
const spansOf = (...looks: readonly ReturnType<typeof seen>[]): readonly ObservedSpan[] =>
  looks.reduce((spans: readonly ObservedSpan[], one) => addObservation(spans, one, limits), []);

test('day by day: drift from the day it was seen, unknown where two looks differ and nobody looked between', () => {
  const points = countDriftOverTime(
    [
      historyOf(spansOf(seen('01T02:00'), seen('03T02:00'), seen('05T02:00', drifted))),
      historyOf(spansOf(seen('02T02:00', drifted), seen('03T02:00', unreached), seen('05T02:00', drifted)), {
        host: 'b',
      }),
    ],
    at('05T12:00'),
  );
  expect(points.map((one) => [one.at.slice(8, 10), one.drifted, one.asDesired, one.unknown])).toEqual([
    ['01', 0, 1, 1],
    ['02', 1, 1, 0],
    ['03', 0, 1, 1],
    ['04', 0, 0, 2],
    ['05', 2, 0, 0],
  ]);
});

test('what was seen after the report was made is not in it', () => {
  const history = historyOf(spansOf(seen('01T02:00'), seen('03T02:00', drifted)));
  expect(countDriftOverTime([history], at('02T12:00')).at(-1)).toMatchObject({ drifted: 0, unknown: 1 });
  expect(countDriftOverTime([history], at('03T01:00')).at(-1)).toMatchObject({ drifted: 0 });
});

test('one day, or nobody, is no chart', () => {
  expect(countDriftOverTime([], at('05T12:00'))).toEqual([]);
  expect(countDriftOverTime([historyOf(spansOf(seen('05T02:00')))], at('05T12:00'))).toEqual([]);
});

test('however long, there are few points, each of every host', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 5 }), (days, hosts) => {
      const until = new Date(Date.parse(at('01T12:00')) + days * 86_400_000).toISOString();
      const all = Array.from({ length: hosts }, () => historyOf(spansOf(seen('01T02:00'))));
      const points = countDriftOverTime(all, until);
      expect(points.length).toBeGreaterThan(1);
      expect(points.length).toBeLessThanOrEqual(mostPoints);
      for (const one of points) expect(one.drifted + one.asDesired + one.unknown).toBe(hosts);
      expect(points[0]?.asDesired).toBe(hosts);
    }),
    { numRuns: 50 },
  );
});
