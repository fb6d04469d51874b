// What a change made of exactly one range, and which of its commands are still needed.
import { describe, expect, test } from 'vitest';
import { stores } from '../../src/model/host-state.ts';
import type { Exclusion, HostState, Store } from '../../src/model/host-state.ts';
import { portRangeFromEnds } from '../../src/model/port-range.ts';
import type { PortRange } from '../../src/model/port-range.ts';
import { isNeeded, findPresence, samePresence } from '../../src/windows/verdict.ts';

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

describe('presence of exactly one range', () => {
  test.each([
    // range, active, persistent, present in each
    ['9933', '9933*', '9933*', [true, true]],
    ['9933', '9933*', '', [true, false]],
    ['9933', '', '9933*', [false, true]],
    ['9933', '9933', '9933', [false, false]],
    ['9933', '9900-9999*', '9933*', [false, true]],
    ['9933-9940', '9933* 9934-9940*', '9933-9940*', [false, true]],
  ] as const)('%s with active %j and persistent %j', (asked, active, persistent, present) => {
    const state = stateOf({ active: rows(active), persistent: rows(persistent) });
    expect(findPresence(state, 'ipv4', 'tcp', range(asked))).toEqual({ active: present[0], persistent: present[1] });
  });

  test('a table that was not read is neither yes nor no', () => {
    for (const tables of [{}, { active: rows('9933*') }, { persistent: rows('9933*') }]) {
      expect(findPresence(stateOf(tables), 'ipv4', 'tcp', range('9933'))).toBeNull();
    }
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
