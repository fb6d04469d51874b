// What is left of the night as numbers: assumed until measured, measured by what is recorded, and said in words that fit.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceStep } from '../../../src/model/plan.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { createTimeLeft } from '../../../src/run/fleet/time-left.ts';
import { deriveExclusionStep, deriveServiceStep, inBoth, inNone } from '../../../src/windows/steps.ts';
import { memoryClock } from '../../support/memory-clock.ts';

const service = 'MSExchangeIMAP4BE';
const range = portRange(9933);
const ofService = {
  kind: 'service',
  undoes: false,
  service,
  ranges: [{ protocol: 'tcp', range }],
  listensOn: [{ family: 'ipv4', port: 9933 }],
} as const;
const stop: ServiceStep = deriveServiceStep({ ...ofService, number: 1, verb: 'stop' });
const add = deriveExclusionStep({
  kind: 'exclusion',
  number: 2,
  undoes: false,
  family: 'ipv4',
  protocol: 'tcp',
  range,
  service,
  before: inNone,
  after: inBoth,
});
const start: ServiceStep = deriveServiceStep({ ...ofService, number: 3, verb: 'start' });
const steps = [stop, add, start];

const nightOf = (leftS: number, limit: 'window' | 'deadline' = 'window') => {
  const clock = memoryClock('2026-12-05T22:00:00.000Z');
  const at = new Date(Date.parse(clock.now()) + leftS * 1000).toISOString();
  const window = limit === 'window' ? { opensAt: clock.now(), closesAt: at } : null;
  const times = createTimeLeft({ window, endsAt: limit === 'deadline' ? at : null, serviceMs: 180_000 }, clock);
  return { clock, times };
};

type Night = ReturnType<typeof nightOf>;

function carryOut(
  { clock, times }: Night,
  step: typeof stop | typeof add,
  ms: number,
  result: 'done' | 'in-doubt' = 'done',
) {
  const about = { host: 'ex01', step: step.number, direction: 'do' } as const;
  const goal =
    step.kind === 'service'
      ? ({ kind: 'service', running: step.verb === 'start' } as const)
      : ({ kind: 'exclusion', store: 'active', present: true } as const);
  times.event({ type: 'command-planned', ...about, line: '', goal, before: null });
  clock.advance(ms);
  const told = { state: null, look: null, changedByOtherFamily: false, failure: null };
  times.event({ type: 'step-finished', ...about, result, ...told });
}

describe('an outage', () => {
  test.each([
    // stop + add + start, and undo: delete + start
    { leftS: 550, fits: true },
    { leftS: 549, fits: false },
  ])('with nothing measured and $leftS s left: $fits', ({ leftS, fits }) => {
    expect(nightOf(leftS).times.refuseOutage(steps, []) === null).toBe(fits);
  });

  test('as measured: never refused when it fits, never let through when it does not', () => {
    const ms = fc.nat(200_000);
    fc.assert(
      fc.property(ms, ms, ms, fc.nat(2000), (stopMs, addMs, startMs, leftS) => {
        const night = nightOf(leftS + (stopMs + addMs + startMs) / 1000);
        carryOut(night, stop, stopMs);
        carryOut(night, add, addMs);
        carryOut(night, start, startMs);
        const needMs = stopMs + 2 * addMs + 2 * startMs;
        expect(night.times.refuseOutage(steps, []) === null).toBe(needMs <= leftS * 1000);
      }),
    );
  });

  test('the longest counts, and how long a lost answer was waited for does not', () => {
    const night = nightOf(1000);
    carryOut(night, add, 1000);
    carryOut(night, add, 90_000, 'in-doubt');
    carryOut(night, stop, 20_000);
    carryOut(night, stop, 10_000);
    carryOut(night, start, 30_000);
    night.clock.advance(1000_000 - 151_000 - 81_000);
    expect(night.times.refuseOutage(steps, [])).toContain(
      '81 s left, and to stop MSExchangeIMAP4BE, start it again, and undo that if it fails takes 82 s',
    );
  });
});

test.each([
  {
    limit: 'window',
    says: 'before the window closes (2026-12-05T22:00:01.000Z): 1 s left',
    not: 'deadline',
    late: '2 s after the window closed',
  },
  {
    limit: 'deadline',
    says: 'before the deadline (2026-12-05T22:00:01.000Z): 1 s left',
    not: 'window',
    late: '2 s after the deadline (--deadline)',
  },
] as const)('the $limit speaks its own words', ({ limit, says, not, late }) => {
  const night = nightOf(1, limit);
  const reason = night.times.refuseHost(steps, false) ?? '';
  expect(reason).toContain(says);
  expect(reason).toContain(
    'assumed for connecting, changing a range, stopping a service, starting a service, verifying',
  );
  expect(reason).not.toContain(not);
  expect(night.times.describeLate('ex01')).toBeNull();
  carryOut(night, stop, 3000);
  expect(night.times.describeLate('ex01')).toBe(late);
});

test('without window and deadline nothing is refused or late', () => {
  const clock = memoryClock();
  const times = createTimeLeft({ window: null, endsAt: null, serviceMs: 180_000 }, clock);
  carryOut({ clock, times }, stop, 10_000_000);
  expect([times.refuseHost(steps, false), times.refuseOutage(steps, []), times.describeLate('ex01')]).toEqual([
    null,
    null,
    null,
  ]);
});
