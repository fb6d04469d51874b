// A history stays small, in order and true: what was seen alike is one span, nothing is in a span that nobody saw, and no look is lost but those
// that a newer one has overtaken.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addObservation,
  mostSpans,
  type Observation,
  type ObservedSpan,
} from '../../../src/model/observations/observation.ts';
import { at, drifted, seen, unreached, updated } from './some-observations.ts';

const year = 365 * 86_400_000;
const limits = { now: at('20T00:00'), keepMs: year };

function addAll(observations: readonly Observation[], now = limits.now, keepMs = year): readonly ObservedSpan[] {
  return observations.reduce((spans: readonly ObservedSpan[], one) => addObservation(spans, one, { now, keepMs }), []);
}

describe('spans', () => {
  test('what is seen alike is one span, whoever looked', () => {
    const spans = addAll([seen('01T02:00'), seen('02T02:00', { by: 'collect' }), seen('03T02:00', drifted)]);
    expect(spans.map((one) => [one.at, one.lastAt, one.times, one.state])).toEqual([
      [at('01T02:00'), at('02T02:00'), 2, 'ok'],
      [at('03T02:00'), at('03T02:00'), 1, 'changes'],
    ]);
  });

  test.each<[string, Partial<Observation>]>([
    ['a state', { state: 'blocked' }],
    ['a difference', drifted],
    ['a reason', { code: 'held-by-stranger' }],
    ['a build', updated],
    ['what a run left', { verdict: 'changed', run: 'r' }],
  ])('%s of another kind starts a new one', (_, other) => {
    expect(addAll([seen('01T02:00'), seen('02T02:00', other)])).toHaveLength(2);
  });

  test('a look that a newer one has overtaken adds nothing', () => {
    expect(addAll([seen('02T02:00'), seen('01T02:00', drifted), seen('02T02:00', drifted)])).toEqual(
      addAll([seen('02T02:00')]),
    );
  });

  test('what a clock far ahead wrote does not keep later looks out', () => {
    const spans = addObservation(addAll([seen('30T00:00', drifted)], at('30T00:00')), seen('19T00:00'), limits);
    expect(spans.map((one) => one.at)).toEqual([at('19T00:00')]);
  });

  test('one that was last seen too long ago is dropped, one that was seen since stays whole', () => {
    const keepMs = 3 * 86_400_000;
    const spans = addAll([seen('01T00:00', drifted), seen('08T00:00'), seen('10T00:00')], at('10T00:00'), keepMs);
    expect(spans.map((one) => [one.at, one.lastAt, one.state])).toEqual([[at('08T00:00'), at('10T00:00'), 'ok']]);
    const later = addObservation(spans, seen('12T00:00'), { now: at('12T00:00'), keepMs });
    expect(later.map((one) => [one.at, one.lastAt])).toEqual([[at('08T00:00'), at('12T00:00')]]);
    const tooLate = addObservation(spans, seen('14T00:00'), { now: at('14T00:00'), keepMs });
    expect(tooLate.map((one) => [one.at, one.lastAt])).toEqual([[at('14T00:00'), at('14T00:00')]]);
  });
});

test('in order, apart, bounded; every look within the time is counted', () => {
  const kinds = [{}, drifted, unreached, updated];
  fc.assert(
    fc.property(fc.array(fc.nat(kinds.length - 1), { minLength: 1, maxLength: 3 * mostSpans }), (chosen) => {
      const looks = chosen.map((kind, minute) => ({
        ...seen('01T00:00', kinds[kind]),
        at: new Date(Date.parse(at('01T00:00')) + minute * 60_000).toISOString(),
      }));
      const spans = addAll(looks);
      expect(spans.length).toBeLessThanOrEqual(mostSpans);
      for (const [index, span] of spans.entries()) {
        expect(span.at <= span.lastAt).toBe(true);
        const next = spans[index + 1];
        if (next !== undefined) expect(span.lastAt < next.at).toBe(true);
      }
      const first = spans[0]?.at ?? '';
      const counted = spans.reduce((sum, one) => sum + one.times, 0);
      expect(counted).toBe(looks.filter((one) => one.at >= first).length);
      expect(spans.at(-1)?.state).toBe(looks.at(-1)?.state);
    }),
    { numRuns: 40 },
  );
});
