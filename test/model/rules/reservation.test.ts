// The one judgement of "is it reserved": each state once by example, and the whole against a judgement port by port.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stores } from '../../../src/model/host-state.ts';
import type { Exclusion, HostState, Store } from '../../../src/model/host-state.ts';
import { lastPort, portRangeFromEnds, listPorts } from '../../../src/model/port-range.ts';
import type { PortRange } from '../../../src/model/port-range.ts';
import {
  isCoveredInBoth,
  judgeReservation,
  judgeTables,
  type Reservation,
} from '../../../src/model/rules/reservation.ts';

/** `9933* 80-90` as rows. */
function rows(text: string): readonly Exclusion[] {
  return [...text.matchAll(/(\d+)(?:-(\d+))?(\*?)/g)].map(([, first, last, star]) => ({
    range: portRangeFromEnds(Number(first), Number(last ?? first)),
    administered: star === '*',
  }));
}

function range(text: string): PortRange {
  return rows(text)[0]?.range ?? { firstPort: 0, portCount: 0 };
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

function judge(asked: string, active: string, persistent: string): Reservation {
  return judgeReservation(stateOf({ active: rows(active), persistent: rows(persistent) }), 'ipv4', 'tcp', range(asked));
}

describe('the state of a range', () => {
  test.each([
    // range, active, persistent, state
    ['9933', '9933*', '9933*', 'reserved'],
    ['9933', '9900-9999*', '9900-9999*', 'reserved'],
    ['9933', '9900-9999*', '9933*', 'reserved'],
    ['9933-9940', '9933* 9934-9940*', '9933* 9934-9940*', 'reserved'],
    ['9933-9940', '9934-9940* 9933*', '9930-9935* 9936-9950*', 'reserved'],
    ['9933-9940', '9933-9937* 9935-9940*', '9933-9940* 9933-9940*', 'reserved'],
    ['9933', '9933*', '', 'active-only'],
    ['9933', '', '9933*', 'persistent-only'],
    ['9933-9940', '9933* 9934-9940*', '9933*', 'active-only'],
    ['9933-9940', '9933*', '9933* 9934-9940*', 'persistent-only'],
    ['9933-9940', '9933-9935* 9937-9940*', '9933-9939*', 'partly-reserved'],
    ['9933-9940', '9940-9950*', '', 'partly-reserved'],
    ['9933', '9934*', '9932*', 'not-reserved'],
    ['9933', '', '', 'not-reserved'],
    ['9933', '9933', '9933', 'foreign'],
    ['9933', '9933* 9930-9940', '9933*', 'foreign'],
    ['9933-9940', '9933-9940*', '9933-9940* 9940', 'foreign'],
    ['9933-9940', '9933-9940* 9941', '9933-9940* 9932', 'reserved'],
  ] as const)('%s with active %j and persistent %j is %s', (asked, active, persistent, state) => {
    expect(judge(asked, active, persistent).state).toBe(state);
  });

  test('a table that was not read is neither yes nor no, and says nothing of other families and protocols', () => {
    for (const tables of [{}, { active: rows('9933*') }, { persistent: rows('9933*') }, { active: rows('9933') }]) {
      const found = judgeReservation(stateOf(tables), 'ipv4', 'tcp', range('9933'));
      expect([found.state, found.cover, isCoveredInBoth(found)]).toEqual(['not-read', null, false]);
    }
    const state = stateOf({ active: rows('9933*'), persistent: rows('9933*') });
    expect(judgeReservation(state, 'ipv6', 'tcp', range('9933')).state).toBe('not-read');
    expect(judgeReservation(state, 'ipv4', 'udp', range('9933')).state).toBe('not-read');
  });

  test('it is what every single port says', () => {
    const row = fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 8 }), fc.boolean())
      .map(([first, more, administered]) => ({ range: portRangeFromEnds(first, first + more), administered }));
    const table = fc.array(row, { maxLength: 8 });
    fc.assert(
      fc.property(table, table, row, (active, persistent, { range: asked }) => {
        const has = (exclusions: readonly Exclusion[], port: number, administered: boolean) =>
          exclusions.some(
            (one) => one.administered === administered && one.range.firstPort <= port && port <= lastPort(one.range),
          );
        const ports = listPorts(asked);
        const inActive = ports.filter((port) => has(active, port, true)).length;
        const inPersistent = ports.filter((port) => has(persistent, port, true)).length;
        const isForeign = ports.some((port) => has(active, port, false) || has(persistent, port, false));
        const found = judgeTables({ active, persistent, isPersistentShown: true }, asked);
        expect(found.cover).toEqual({
          active: inActive === ports.length,
          persistent: inPersistent === ports.length,
        });
        const expected = isForeign
          ? 'foreign'
          : inActive === ports.length && inPersistent === ports.length
            ? 'reserved'
            : inActive === ports.length
              ? 'active-only'
              : inPersistent === ports.length
                ? 'persistent-only'
                : inActive + inPersistent > 0
                  ? 'partly-reserved'
                  : 'not-reserved';
        expect(found.state).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

test('rows that have a port of the range, by port, each once with its stores', () => {
  const active = '9955-9960 9900-9940 9933*';
  const persistent = '9933* 9900-9940 9950-9954';
  expect(judge('9940-9955', active, persistent).foreign).toEqual([
    { range: range('9900-9940'), stores: ['active', 'persistent'] },
    { range: range('9950-9954'), stores: ['persistent'] },
    { range: range('9955-9960'), stores: ['active'] },
  ]);
  expect(judge('9941-9949', active, persistent).foreign).toEqual([]);
  expect(judge('9930-9935', active, persistent).administered).toEqual([
    { range: range('9933'), stores: ['active', 'persistent'] },
  ]);
});
