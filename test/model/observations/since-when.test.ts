// Since when, and what coincides: told from what was seen, through looks that could not tell.
import { describe, expect, test } from 'vitest';
import { addObservation, type Observation, type ObservedSpan } from '../../../src/model/observations/observation.ts';
import { findSinceWhen } from '../../../src/model/observations/since-when.ts';
import { at, drifted, historyOf, seen, unreached, updated } from './some-observations.ts';

function find(...looks: readonly Observation[]) {
  const limits = { now: at('30T00:00'), keepMs: 365 * 86_400_000 };
  return findSinceWhen(
    historyOf(looks.reduce((spans: readonly ObservedSpan[], one) => addObservation(spans, one, limits), [])),
  );
}

describe('since when', () => {
  test('a host that drifted with an update says both builds, both ranges and both times', () => {
    const since = find(
      seen('01T02:00'),
      seen('02T02:00'),
      seen('03T02:00', { ...drifted, ...updated }),
      seen('04T02:00', { ...drifted, ...updated }),
    );
    expect(since).toMatchObject({
      standing: 'drifted',
      from: at('03T02:00'),
      until: at('02T02:00'),
      unknownSince: null,
    });
    expect(since.latest?.lastAt).toBe(at('04T02:00'));
    expect(since.changed).toMatchObject({
      exchange: {
        before: { at: at('02T02:00'), value: { revision: 2 } },
        after: { at: at('03T02:00'), value: { revision: 48 } },
      },
      windows: null,
      dynamicRanges: [{ before: { range: { firstPort: 49152 } }, after: { range: { firstPort: 6005 } } }],
      runs: [],
    });
  });

  test('looks that could not tell are no end of what was before', () => {
    const since = find(seen('01T02:00'), seen('02T02:00', unreached), seen('03T02:00'), seen('04T02:00', unreached));
    expect(since).toMatchObject({
      standing: 'as-desired',
      from: at('01T02:00'),
      until: null,
      unknownSince: at('04T02:00'),
    });
  });

  test('a run that set it right stands between, and tells no build of its own', () => {
    const left = {
      verdict: 'changed',
      run: 'r1',
      by: 'apply',
      windows: null,
      exchange: null,
      dynamicRanges: [],
    } as const;
    const since = find(seen('01T02:00', drifted), seen('02T02:00', left), seen('03T02:00', updated));
    expect(since).toMatchObject({ standing: 'as-desired', from: at('02T02:00'), until: at('01T02:00') });
    expect(since.changed).toMatchObject({ exchange: null, dynamicRanges: [], runs: ['r1'] });
  });

  test('what a rollback left is not known until somebody looks', () => {
    const left = { verdict: 'changed', run: 'r2', by: 'rollback', state: null } as const;
    expect(find(seen('01T02:00'), seen('02T02:00', left))).toMatchObject({
      standing: 'as-desired',
      unknownSince: at('02T02:00'),
    });
    expect(find(seen('01T02:00'), seen('02T02:00', left), seen('03T02:00', drifted)).changed.runs).toEqual(['r2']);
  });

  test('nothing is known of a host that was never reached, and nothing else is said', () => {
    expect(find(seen('01T02:00', unreached))).toMatchObject({
      standing: 'unknown',
      latest: null,
      from: null,
      unknownSince: at('01T02:00'),
    });
    expect(findSinceWhen(historyOf([]))).toMatchObject({ standing: 'unknown', unknownSince: null });
  });
});
