import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stores } from '../../src/model/host-state.ts';
import type { Exclusion, HostState, Store } from '../../src/model/host-state.ts';
import { lastPort, portRangeFromEnds } from '../../src/model/port-range.ts';
import type { PortRange } from '../../src/model/port-range.ts';
import {
  administeredOverlap,
  coverOf,
  foreignCover,
  isNeeded,
  isReserved,
  presenceOf,
  samePresence,
} from '../../src/windows/verdict.ts';

/** `9933* 80-90` as rows. */
function rows(text: string): readonly Exclusion[] {
  return [...text.matchAll(/(\d+)(?:-(\d+))?(\*?)/g)].map(([, first, last, star]) => ({
    range: portRangeFromEnds(Number(first), Number(last ?? first)),
    administered: star === '*',
  }));
}

function stateOf(tables: Readonly<Partial<Record<Store, readonly Exclusion[]>>>): HostState {
  return {
    exclusionTables: stores.flatMap((store) => {
      const exclusions = tables[store];
      return exclusions === undefined ? [] : [{ family: 'ipv4' as const, protocol: 'tcp' as const, store, exclusions }];
    }),
    dynamicRanges: [],
  };
}

function range(text: string): PortRange {
  return rows(text)[0]?.range ?? { firstPort: 0, portCount: 0 };
}

describe('presence and cover', () => {
  test.each([
    // range, active, persistent, present in each, covered in each
    ['9933', '9933*', '9933*', [true, true], [true, true]],
    ['9933', '9933*', '', [true, false], [true, false]],
    ['9933', '', '9933*', [false, true], [false, true]],
    ['9933', '', '', [false, false], [false, false]],
    ['9933', '9933', '9933', [false, false], [false, false]],
    ['9933', '9900-9999*', '9900-9999*', [false, false], [true, true]],
    ['9933', '9900-9999*', '9933*', [false, true], [true, true]],
    ['9933', '9934*', '9932*', [false, false], [false, false]],
    ['9933-9940', '9933* 9934-9940*', '9930-9935* 9934-9950*', [false, false], [true, true]],
    ['9933-9940', '9934-9940* 9933*', '9933-9935* 9937-9940*', [false, false], [true, false]],
    ['9933-9940', '9933* 9934-9940', '9933-9940*', [false, true], [false, true]],
    ['9933-9940', '9933-9939*', '9933-9940* 9933-9940*', [false, true], [false, true]],
  ] as const)('%s with active %j and persistent %j', (asked, active, persistent, present, covered) => {
    const state = stateOf({ active: rows(active), persistent: rows(persistent) });
    expect(presenceOf(state, 'ipv4', 'tcp', range(asked))).toEqual({ active: present[0], persistent: present[1] });
    expect(coverOf(state, 'ipv4', 'tcp', range(asked))).toEqual({ active: covered[0], persistent: covered[1] });
    expect(isReserved(state, 'ipv4', 'tcp', range(asked))).toBe(covered[0] && covered[1]);
  });

  test('a table that was not read is neither yes nor no, and says nothing of other families and protocols', () => {
    for (const tables of [{}, { active: rows('9933*') }, { persistent: rows('9933*') }]) {
      const state = stateOf(tables);
      expect(presenceOf(state, 'ipv4', 'tcp', range('9933'))).toBeNull();
      expect(isReserved(state, 'ipv4', 'tcp', range('9933'))).toBeNull();
    }
    const state = stateOf({ active: rows('9933*'), persistent: rows('9933*') });
    expect(isReserved(state, 'ipv6', 'tcp', range('9933'))).toBeNull();
    expect(isReserved(state, 'ipv4', 'udp', range('9933'))).toBeNull();
  });

  test('cover is that of every single port', () => {
    const row = fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 8 }), fc.boolean())
      .map(([first, more, administered]) => ({ range: portRangeFromEnds(first, first + more), administered }));
    const table = fc.array(row, { maxLength: 8 });
    fc.assert(
      fc.property(table, table, row, (active, persistent, { range: asked }) => {
        const has = (exclusions: readonly Exclusion[], port: number) =>
          exclusions.some((one) => one.administered && one.range.firstPort <= port && port <= lastPort(one.range));
        const ports = Array.from({ length: asked.portCount }, (_, index) => asked.firstPort + index);
        const expected = ports.every((port) => has(active, port) && has(persistent, port));
        expect(isReserved(stateOf({ active, persistent }), 'ipv4', 'tcp', asked)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('rows in the way', () => {
  const state = stateOf({ active: rows('9955-9960 9900-9940 9933*'), persistent: rows('9933* 9900-9940 9950-9954') });

  test('foreign ones, by port, each once with its stores', () => {
    expect(foreignCover(state, 'ipv4', 'tcp', range('9940-9955'))).toEqual([
      { range: range('9900-9940'), stores: ['active', 'persistent'] },
      { range: range('9950-9954'), stores: ['persistent'] },
      { range: range('9955-9960'), stores: ['active'] },
    ]);
    expect(foreignCover(state, 'ipv4', 'tcp', range('9941-9949'))).toEqual([]);
    expect(foreignCover(state, 'ipv6', 'tcp', range('9933'))).toEqual([]);
  });

  test('administered ones', () => {
    expect(administeredOverlap(state, 'ipv4', 'tcp', range('9930-9935'))).toEqual([
      { range: range('9933'), stores: ['active', 'persistent'] },
    ]);
  });
});

test('a command is needed while its store does not show what it brings', () => {
  const presence = { active: true, persistent: false };
  expect(isNeeded({ line: 'x', store: 'active', present: true }, presence)).toBe(false);
  expect(isNeeded({ line: 'x', store: 'active', present: false }, presence)).toBe(true);
  expect(isNeeded({ line: 'x', store: 'persistent', present: true }, presence)).toBe(true);
  expect(isNeeded({ line: 'x', store: 'persistent', present: false }, presence)).toBe(false);
  expect(samePresence(presence, { active: true, persistent: false })).toBe(true);
  expect(samePresence(presence, { active: true, persistent: true })).toBe(false);
  expect(samePresence(presence, { active: false, persistent: false })).toBe(false);
});
