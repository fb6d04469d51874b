// A simulated server made from facts shows those facts again.
import { describe, expect, it } from 'vitest';
import type { HostFacts } from '../../../src/model/facts.ts';
import { families, stores } from '../../../src/model/host-state.ts';
import type { Exclusion, Family, Store } from '../../../src/model/host-state.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { buildMachine } from '../../../src/lab/scenario/build-machine.ts';
import { describeServer } from '../../../src/lab/scenario/server-from-facts.ts';
import { runLine } from '../run-line.ts';

const starred = (port: number): Exclusion => ({ range: portRange(port), administered: true });
const plain = (port: number): Exclusion => ({ range: portRange(port), administered: false });

function facts(rows: (family: Family, store: Store) => readonly Exclusion[]): HostFacts {
  const socket = (family: Family, localPort: number, processId: number, listening = true) => ({
    family,
    protocol: 'tcp' as const,
    localAddress: family === 'ipv4' ? '0.0.0.0' : '[::]',
    localPort,
    listening,
    processId,
  });
  return {
    collectedAt: '2026-11-24T00:00:00Z',
    rights: 'administrator',
    windows: { major: 10, minor: 0, build: 14500, revision: 1 },
    exchange: { major: 15, minor: 1, build: 2000, revision: 3 },
    exclusionSupport: true,
    state: {
      exclusionTables: families.flatMap((family) =>
        stores.map((store) => ({ family, protocol: 'tcp' as const, store, exclusions: rows(family, store) })),
      ),
      dynamicRanges: families.map((family) => ({ family, protocol: 'tcp' as const, range: portRange(1025, 60000) })),
    },
    sockets: [
      socket('ipv4', 9933, 77),
      socket('ipv6', 9933, 77),
      socket('ipv4', 1993, 77),
      socket('ipv4', 9955, 0, false),
    ],
    processes: [{ processId: 77, imageName: 'Microsoft.Exchange.Imap4.exe', services: ['MSExchangeIMAP4BE'] }],
    services: [
      { name: 'MSExchangeIMAP4BE', installed: true, state: 'running', processId: 77, startType: 'manual' },
      { name: 'MSExchangePOP3BE', installed: false },
    ],
    gaps: [],
  };
}

describe('serverFromFacts', () => {
  it.each([
    [
      'one list',
      (_: Family, store: Store) => (store === 'active' ? [plain(80), starred(9933)] : [starred(9933)]),
      true,
    ],
    ['two lists', (family: Family) => (family === 'ipv4' ? [starred(9933)] : []), false],
  ] as const)('shows the tables of %s', (_what, rows, oneList) => {
    const machine = buildMachine(describeServer('ex01', facts(rows)));
    expect(machine.quirks.oneList).toBe(oneList);
    for (const family of families) {
      for (const store of stores) expect(machine.exclusions.tcp[family][store]).toEqual(rows(family, store));
    }
    expect(machine.dynamic.ipv6.tcp).toEqual(portRange(1025, 60000));
  });

  it('has the holder, its services and what stopping it frees', () => {
    const machine = buildMachine(
      describeServer(
        'ex01',
        facts(() => []),
      ),
    );
    expect({ release: machine.release, exchange: machine.exchange?.minor }).toEqual({ release: '2016', exchange: 1 });
    const ports = (): string[] => machine.sockets.map((one) => `${one.family} ${one.localPort} ${one.state}`).sort();
    expect(ports()).toEqual([
      'ipv4 1993 LISTENING',
      'ipv4 9933 LISTENING',
      'ipv4 9955 TIME_WAIT',
      'ipv6 9933 LISTENING',
    ]);
    expect(machine.services.map((one) => one.name)).toEqual(['MSExchangeIMAP4BE']);
    expect(runLine(machine, 'sc query MSExchangePOP3BE').exitCode).toBe(1060);
    runLine(machine, 'net stop MSExchangeIMAP4BE');
    expect(ports()).toEqual(['ipv4 9955 TIME_WAIT']);
  });
});
