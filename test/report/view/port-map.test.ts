// Tables of two stores laid over each other, what steps did to them, and what a desired range is called then.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../src/model/facts.ts';
import { families, stores, type Store } from '../../../src/model/host-state.ts';
import { portRange, sameRange } from '../../../src/model/port-range.ts';
import { listPortOwners, buildPortMaps, reservationIn, withChanges } from '../../../src/report/view/port-map.ts';
import { factsArbitrary, oneHost } from '../../facts/some-facts.ts';

const wish = { protocol: 'tcp' as const, range: portRange(9933) };

function withTables(rows: Partial<Record<Store, readonly (readonly [number, number, boolean])[] | null>>): HostFacts {
  const exclusionTables = stores.flatMap((store) => {
    const own = rows[store] === undefined ? [] : rows[store];
    if (own === null) return [];
    const exclusions = own.map(([first, count, administered]) => ({ range: portRange(first, count), administered }));
    return [{ family: 'ipv4' as const, protocol: 'tcp' as const, store, exclusions }];
  });
  return { ...oneHost, state: { ...oneHost.state, exclusionTables } };
}

describe('what a desired range is called', () => {
  const one = [[9933, 1, true]] as const;
  test.each([
    ['reserved', { active: one, persistent: one }],
    ['reserved', { active: [[9900, 100, true]], persistent: one }],
    ['until reboot only', { active: one }],
    ['after reboot only', { persistent: one }],
    ['not reserved', {}],
    ['not reserved', { active: [[9934, 1, true]], persistent: [[9900, 33, true]] }],
    ['reserved', { active: [[9930, 4, true]], persistent: one }],
    ['taken by Windows', { active: [[9900, 100, false]], persistent: one }],
    ['not read', { active: one, persistent: null }],
  ] as const)('%s: %j', (expected, rows) => {
    expect(reservationIn(buildPortMaps(withTables(rows)), wish, 'ipv4')).toBe(expected);
  });

  test('ranges that are adjacent count together, and some of the ports are not all of them', () => {
    const both = { protocol: 'tcp' as const, range: portRange(9933, 8) };
    const adjacent = [
      [9933, 1, true],
      [9934, 7, true],
    ] as const;
    const called = (active: typeof adjacent | readonly (typeof adjacent)[number][]) =>
      reservationIn(buildPortMaps(withTables({ active, persistent: adjacent })), both, 'ipv4');
    expect(called(adjacent)).toBe('reserved');
    expect(called(adjacent.slice(1))).toBe('after reboot only');
    const parts = withTables({ active: adjacent.slice(1), persistent: adjacent.slice(0, 1) });
    expect(reservationIn(buildPortMaps(parts), both, 'ipv4')).toBe('partly reserved');
  });

  test('a family of which nothing was read is not read, never "not reserved"', () => {
    const state = { exclusionTables: [], dynamicRanges: [] };
    expect(reservationIn(buildPortMaps({ ...oneHost, state }), wish, 'ipv6')).toBe('not read');
  });
});

test('one exclusion in both stores is one bar that says so; the star tells two apart', () => {
  const [map] = buildPortMaps(
    withTables({
      active: [
        [80, 1, true],
        [80, 1, false],
      ],
      persistent: [[80, 1, true]],
    }),
  );
  expect(map?.exclusions).toEqual([
    { range: portRange(80), administered: true, presence: { active: true, persistent: true } },
    { range: portRange(80), administered: false, presence: { active: true, persistent: false } },
  ]);
});

test('a change brings in exactly its range, and its inverse takes exactly that out again', () => {
  fc.assert(
    fc.property(
      factsArbitrary,
      fc.integer({ min: 1, max: 65000 }),
      fc.integer({ min: 1, max: 500 }),
      (facts, first, count) => {
        const before = buildPortMaps(facts);
        const range = portRange(first, count);
        const change = { family: 'ipv4' as const, protocol: 'tcp' as const, range };
        const added = withChanges(before, [{ ...change, presence: { active: true, persistent: true } }]);
        const removed = withChanges(added, [{ ...change, presence: { active: false, persistent: false } }]);
        const isOther = (one: { administered: boolean; range: typeof range }): boolean =>
          !(one.administered && sameRange(one.range, range));
        for (const [index, map] of before.entries()) {
          const touched = map.family === 'ipv4' && map.protocol === 'tcp';
          const own = added[index]?.exclusions.filter((one) => one.administered && sameRange(one.range, range)) ?? [];
          if (touched) expect(own).toHaveLength(1);
          else expect(added[index]).toEqual(map);
          expect(new Set(removed[index]?.exclusions)).toEqual(
            new Set(touched ? map.exclusions.filter(isOther) : map.exclusions),
          );
        }
      },
    ),
  );
});

test('every open port has its holder, with image, services and pid', () => {
  expect(listPortOwners(oneHost).map((one) => [one.port, one.who])).toEqual([
    [9933, 'Microsoft.Exchange.Imap4Service.exe (MSExchangeIMAP4BE), pid 5210'],
    [9955, 'svchost.exe (Dnscache, NlaSvc), pid 7002'],
    [443, 'System, pid 4'],
  ]);
  expect(buildPortMaps(oneHost).map((one) => one.family)).toEqual([...families]);
});
