// What a plan comes to: counts that add up, the batches that apply makes, and times with their source.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRunMs } from '../../../src/model/headline/expected-time.ts';
import { assumedPaces } from '../../../src/model/headline/paces.ts';
import { makeHeadline } from '../../../src/model/headline/plan-headline.ts';
import { createRunTimes, usualPaces } from '../../../src/model/headline/run-times.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { applyFleet, startedIn, type FleetCase } from '../../support/memory-apply.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { applyMemory, backEndPorts, planMemory, policyOf } from '../../support/memory-run.ts';

const strategy: NonNullable<FleetCase['strategy']> = {
  canary: 1,
  batches: [{ kind: 'percent', percent: 50 }],
  concurrency: 2,
};

async function planOf(hosts: string) {
  return (await applyFleet({ hosts, strategy })).plan;
}

describe('a headline', () => {
  test('counts every host once, with the first reason of those that do not change', async () => {
    const headline = makeHeadline(await planOf('ccubcco'), assumedPaces);
    const left = headline.leftOut.flatMap((one) => one.hosts);
    expect(headline.changing + left.length).toBe(headline.hosts);
    expect(new Set(left).size).toBe(left.length);
    expect(headline.leftOut.find((one) => one.state === 'unreachable')).toMatchObject({ code: 'connect/lost' });
    expect(headline.leftOut.find((one) => one.state === 'blocked')?.hosts).toHaveLength(1);
  });

  test('has the batches that the run makes, in their order', async () => {
    const { plan, journal } = await applyFleet({ hosts: 'ccccc', strategy });
    const batches = journal.events.flatMap((one) => (one.type === 'batch-started' ? [one.hosts] : []));
    const headline = makeHeadline(plan, assumedPaces);
    expect(headline.batches.map((one) => one.hosts)).toEqual(batches);
    expect(headline.batches.map((one) => one.canary)).toEqual([true, false, false]);
    expect(startedIn(journal.events).toSorted()).toEqual(headline.batches.flatMap((one) => one.hosts).toSorted());
  });

  test('names each service that is restarted, with how long it is down', async () => {
    const fleet = memoryFleet([
      memoryMachine('a', { imap: 'running' }),
      memoryMachine('b', { imap: 'running' }),
      memoryMachine('c'),
    ]);
    const headline = makeHeadline(await planMemory(fleet), assumedPaces);
    expect(headline.exclusions).toEqual({ added: 12, deleted: 0 });
    expect(headline.restarts).toEqual([
      { service: 'MSExchangeIMAP4BE', hosts: 2, isCertain: true, usualMs: 20_000, source: 'assumed' },
    ]);
  });

  test('says when the run is longer than its window', async () => {
    const fleet = memoryFleet([memoryMachine('a')]);
    const planIn = async (closesAt: string) => {
      const window = { opensAt: '2026-12-05T22:00:00.000Z', closesAt };
      return makeHeadline(await planMemory(fleet, undefined, policyOf({ window })), assumedPaces).expected.fitsWindow;
    };
    expect(await planIn('2026-12-06T02:00:00.000Z')).toBe(true);
    expect(await planIn('2026-12-05T22:00:05.000Z')).toBe(false);
  });
});

test('times are those of earlier runs: the outage and the paces come from the journal', async () => {
  const machine = memoryMachine('a', { imap: 'running' });
  const clock = memoryClock();
  let waitedMs = 0;
  const onWait = (durationMs: number): void => {
    waitedMs += durationMs;
    clock.advance(durationMs);
  };
  const fleet = memoryFleet([machine], { onWait });
  const plan = await planMemory(fleet);
  const journal = memoryJournal();
  await applyMemory(fleet, plan, { journal, clock });
  const times = createRunTimes();
  for (const event of journal.events) times.event(event);
  const [outage] = times.outages();
  expect(outage).toMatchObject({ host: 'a', service: 'MSExchangeIMAP4BE' });
  // The memory fleet answers at once; only waiting for the service takes time.
  const downMs = Date.parse(outage?.untilAt ?? '') - Date.parse(outage?.fromAt ?? '');
  expect(downMs).toBe(clock.sleeps.reduce((sum, one) => sum + one, waitedMs));
  expect(downMs).toBeGreaterThan(0);
  const paces = usualPaces([times]);
  // The other service's range was added by itself; of the outage only the whole was measured.
  expect(paces).toMatchObject({ runs: 1, measured: ['exclusion', 'verify'], shared: ['stop', 'start'] });
  const headline = makeHeadline(plan, paces);
  const [restart] = headline.restarts;
  expect(restart).toMatchObject({ source: 'partly-measured' });
  expect(restart?.usualMs).toBeLessThanOrEqual(downMs);
  expect(restart?.usualMs).toBeGreaterThan(0.8 * downMs);
  expect(headline.expected).toMatchObject({ source: 'partly-measured', runs: 1 });
});

test('an outage of which only the whole was measured is expected to last as long, and not called measured', async () => {
  const fleet = memoryFleet([memoryMachine('a', { imap: 'running' })]);
  const plan = await planMemory(fleet, { ...backEndPorts, exclusions: backEndPorts.exclusions.slice(0, 1) });
  const times = createRunTimes();
  const journal = memoryJournal();
  await applyMemory(fleet, plan, { journal, clock: memoryClock() });
  for (const event of journal.events) {
    // The line took 30 s.
    const isAfter = event.type === 'step-finished' || event.type === 'command-finished';
    const at = isAfter ? new Date(Date.parse(event.at) + 30_000).toISOString() : event.at;
    times.event({ ...event, at });
  }
  const paces = usualPaces([times]);
  expect([paces.measured, paces.shared]).toEqual([['verify'], ['exclusion', 'stop', 'start']]);
  const [restart] = makeHeadline(plan, paces).restarts;
  expect(restart?.source).toBe('partly-measured');
  expect(Math.round((restart?.usualMs ?? 0) / 1000)).toBe(30);
});

describe('the expected time', () => {
  const host = fc.record({
    durationMs: fc.integer({ min: 1, max: 1000 }),
    exclusiveGroup: fc.option(fc.constantFrom('dag1', 'dag2'), { nil: null }),
  });
  const batches = fc.array(fc.array(host, { minLength: 1, maxLength: 8 }), { maxLength: 4 });

  test('is never below the longest host or bond, nor above one after the other', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 5 }), fc.nat(50), (all, concurrency, pauseMs) => {
        const totalMs = expectRunMs(all, { concurrency, pauseMs });
        const pauses = Math.max(0, all.length - 1) * pauseMs;
        const sum = (hosts: readonly { durationMs: number }[]): number =>
          hosts.reduce((ms, one) => ms + one.durationMs, 0);
        const least = all.reduce((ms, hosts) => {
          const bonds = ['dag1', 'dag2'].map((dag) => sum(hosts.filter((one) => one.exclusiveGroup === dag)));
          return ms + Math.max(...hosts.map((one) => one.durationMs), ...bonds, sum(hosts) / concurrency);
        }, pauses);
        expect(totalMs).toBeGreaterThanOrEqual(least - 0.001);
        expect(totalMs).toBeLessThanOrEqual(pauses + all.reduce((ms, hosts) => ms + sum(hosts), 0));
      }),
    );
  });
});
