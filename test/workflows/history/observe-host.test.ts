// What is kept of a look: as desired only where the plan says so, drift only where a difference was seen, and of a run each host before its first
// change and as it was left, whether the run came to its end or not.
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../src/model/facts.ts';
import { judgeStanding } from '../../../src/model/observations/observation.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { observeHost, observeUnreached, observeVerdict } from '../../../src/workflows/history/observe-host.ts';
import { observeRun } from '../../../src/workflows/history/observe-run.ts';
import { desired, oneHost } from '../../facts/some-facts.ts';
import { someRun } from '../../report/view/some-views.ts';
import { memoryStore } from '../../support/memory-store.ts';

const about = { host: 'ex01', connection: { address: 'EX01.corp.example', port: 5985 }, desired, playbook: 'ports' };
const tablesOf = (change: (table: HostFacts['state']['exclusionTables'][number]) => object): HostFacts => ({
  ...oneHost,
  state: {
    ...oneHost.state,
    exclusionTables: oneHost.state.exclusionTables.map((table) => ({ ...table, ...change(table) })),
  },
});
const without = (family: string, store: string): HostFacts =>
  tablesOf((table) => (table.family === family && table.store === store ? { exclusions: [] } : {}));
const look = (facts: HostFacts) => observeHost(about, 'verify', facts, null).observation;

describe('a look', () => {
  test.each([
    ['nothing missing', tablesOf(() => ({ exclusions: [{ range: portRange(9900, 100), administered: true }] })), []],
    [
      'a range that is there until the next boot',
      tablesOf(({ family, store }) => ({
        exclusions:
          family === 'ipv6' && store === 'persistent' ? [] : [{ range: portRange(9900, 100), administered: true }],
      })),
      ['active-only ipv6 9933', 'active-only ipv6 9955'],
    ],
  ] as const)('%s', (_, facts, expected) => {
    const { differences } = look(facts);
    expect(differences.map(({ is, family, range }) => `${is} ${family} ${String(range.firstPort)}`)).toEqual(expected);
  });

  test('what no table was read of, or nobody is shown, is no difference', () => {
    const unread: HostFacts = {
      ...oneHost,
      state: { ...oneHost.state, exclusionTables: [] },
      gaps: [{ question: 'exclusions ipv4 tcp active', reason: 'no answer' }],
    };
    const observation = look(unread);
    expect([observation.state, observation.differences, judgeStanding(observation)]).toEqual([
      'blocked',
      [],
      'unknown',
    ]);
    const hidden = tablesOf(({ store }) =>
      store === 'persistent'
        ? { exclusions: [], witness: 'none' }
        : { exclusions: [{ range: portRange(9900, 100), administered: true }] },
    );
    expect(judgeStanding(look(hidden))).toBe('unknown');
  });

  test('it is known by its endpoint and what was desired, in whatever order that is written', () => {
    const one = observeHost(about, 'collect', oneHost, null);
    const other = { ...desired, exclusions: desired.exclusions.toReversed(), whenHeldByOwnService: 'block' as const };
    expect(one.endpoint).toBe('ex01.corp.example:5985');
    expect(observeHost({ ...about, desired: other }, 'collect', oneHost, null).desired).toBe(one.desired);
    const less = { ...desired, exclusions: desired.exclusions.slice(1) };
    expect(observeHost({ ...about, desired: less }, 'collect', oneHost, null).desired).not.toBe(one.desired);
    expect(one.observation).toMatchObject({ exchange: oneHost.exchange, windows: oneHost.windows, by: 'collect' });
    expect(look(without('ipv4', 'active')).differences).not.toEqual([]);
  });

  test('a host that was not reached, and one that a run left in any other way than changed, is not known', () => {
    const failure = { code: 'connect/timeout', message: 'm', where: null, hint: null, retry: 'never', effect: 'none' };
    const unreached = observeUnreached(about, 'verify', failure as never, '2026-12-05T22:00:00.000Z').observation;
    expect([unreached.code, judgeStanding(unreached)]).toEqual(['connect/timeout', 'unknown']);
    for (const [by, verdict, standing] of [
      ['apply', 'changed', 'as-desired'],
      ['rollback', 'changed', 'unknown'],
      ['apply', 'failed-partial', 'unknown'],
      ['apply', 'in-doubt', 'unknown'],
    ] as const) {
      expect(judgeStanding(observeVerdict(about, { by, run: 'r', verdict }, 'x').observation)).toBe(standing);
    }
  });
});

describe('a run', () => {
  test('every started host is there before and after; of a run that died, what its journal has', async () => {
    const { events } = await someRun();
    const observe = (end: number) =>
      observeRun('r', memoryStore({ runs: new Map([['r', { planText: '', events: events.slice(0, end) }]]) }));
    const started = events.filter((one) => one.type === 'host-started').map((one) => one.host);
    const all = await observe(events.length);
    for (const host of started) {
      const [before, after] = all.filter((one) => one.host === host).map((one) => one.observation);
      expect([before?.verdict, after?.verdict === null]).toEqual([null, false]);
    }
    expect(new Set(all.map((one) => one.host))).toEqual(new Set(started));
    // What hosts have alike is one object, or the histories of a large fleet would not fit in memory.
    const alike = all.filter((one) => one.observation.differences.length > 0).map((one) => one.observation);
    expect(alike.length).toBeGreaterThan(1);
    expect(new Set(alike.map((one) => one.differences)).size).toBe(
      new Set(alike.map((one) => JSON.stringify(one.differences))).size,
    );
    const first = events.findIndex((one) => one.type === 'host-started');
    expect((await observe(first + 1)).map((one) => one.observation.verdict)).toEqual([null]);
    expect(await observe(first)).toEqual([]);
  });
});
