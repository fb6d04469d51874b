import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintFacts } from '../../src/facts/fingerprint.ts';
import type { HostFacts, Socket } from '../../src/model/facts.ts';
import type { Exclusion } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { factsArbitrary, oneHost, desired } from './some-facts.ts';

const before = fingerprintFacts(oneHost, desired);

function withTables(
  change: (
    table: HostFacts['state']['exclusionTables'][number],
  ) => readonly HostFacts['state']['exclusionTables'][number][],
): HostFacts {
  return { ...oneHost, state: { ...oneHost.state, exclusionTables: oneHost.state.exclusionTables.flatMap(change) } };
}

function withSocket(socket: Partial<Socket>): HostFacts {
  const base: Socket = {
    family: 'ipv6',
    protocol: 'tcp',
    localAddress: '::',
    localPort: 50000,
    listening: true,
    processId: 4,
  };
  return { ...oneHost, sockets: [...oneHost.sockets, { ...base, ...socket }] };
}

function withService(
  change: Partial<{ state: 'stopped'; startType: 'disabled' | null; processId: number }>,
): HostFacts {
  const services = oneHost.services.map((one) => (one.installed ? { ...one, ...change } : one));
  return { ...oneHost, services };
}

const lastTable = (table: { readonly family: string; readonly store: string }) =>
  table.family === 'ipv6' && table.store === 'persistent';

test('is SHA-256 in hex, and stays what it was in files already written', () => {
  // Plans on disk hold this number: when it changes, so must the plan file's version.
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  expect(before).toBe('5bb2879cd3f679180c9b8b5856bc7a85980a3ee77f6d5750fc14bab7ab7ce44e');
});

describe('differs after what a plan rests on', () => {
  test.each<[string, HostFacts]>([
    ['another build of Windows', { ...oneHost, windows: { ...oneHost.windows, build: 20348 } }],
    ['no exclusion support', { ...oneHost, exclusionSupport: false }],
    ['no Exchange', { ...oneHost, exchange: null }],
    ['a gap', { ...oneHost, gaps: [{ question: 'processes', reason: 'x' }] }],
    ['a table less', withTables((table) => (lastTable(table) ? [] : [table]))],
    ['a covering row less', withTables((table) => [lastTable(table) ? { ...table, exclusions: [] } : table])],
    [
      'a foreign row over a desired port',
      withTables((table) => [
        lastTable(table)
          ? { ...table, exclusions: [...table.exclusions, { range: portRange(9955), administered: false }] }
          : table,
      ]),
    ],
    [
      'a row without its star',
      withTables((table) => [
        lastTable(table)
          ? { ...table, exclusions: table.exclusions.map((one) => ({ ...one, administered: false })) }
          : table,
      ]),
    ],
    [
      'another dynamic range',
      { ...oneHost, state: { ...oneHost.state, dynamicRanges: oneHost.state.dynamicRanges.slice(1) } },
    ],
    ['a holder on the other family', withSocket({ localPort: 9933, processId: 5210 })],
    ['another program on a desired port', withSocket({ family: 'ipv4', localPort: 9955, processId: 4 })],
    ['a holder less', { ...oneHost, sockets: oneHost.sockets.slice(1) }],
    [
      'other services in the holder',
      { ...oneHost, processes: oneHost.processes.map((one) => ({ ...one, services: [...one.services, 'x'] })) },
    ],
    ['the service stopped', withService({ state: 'stopped' })],
    ['the service disabled', withService({ startType: 'disabled' })],
    ['a start type unread', withService({ startType: null })],
    ['the service not read', { ...oneHost, services: oneHost.services.slice(1) }],
    [
      'the service not installed',
      { ...oneHost, services: oneHost.services.map((one) => ({ name: one.name, installed: false as const })) },
    ],
    ['the service listening elsewhere too', withSocket({ localPort: 1993, processId: 5210 })],
  ])('%s', (_, facts) => {
    expect(fingerprintFacts(facts, desired)).not.toBe(before);
  });
});

describe('is the same after what comes and goes', () => {
  const renumbered = new Map([
    [4, 4],
    [5210, 91],
    [7002, 92],
  ]);
  const number = (processId: number) => renumbered.get(processId) ?? processId;
  test.each<[string, HostFacts]>([
    ['a later time', { ...oneHost, collectedAt: '2027-01-01T00:00:00.000Z' }],
    ['an update of Windows', { ...oneHost, windows: { ...oneHost.windows, revision: 1 } }],
    ['an update of Exchange', { ...oneHost, exchange: { major: 15, minor: 2, build: 1700, revision: 1 } }],
    [
      'other process ids',
      {
        ...oneHost,
        sockets: oneHost.sockets.map((one) => ({ ...one, processId: number(one.processId) })),
        processes: oneHost.processes.map((one) => ({ ...one, processId: number(one.processId) })),
        services: oneHost.services.map((one) => (one.installed ? { ...one, processId: 91 } : one)),
      },
    ],
    ['a listener on another port', withSocket({ localPort: 50000 })],
    [
      'a second connection to the service',
      withSocket({ family: 'ipv4', localPort: 9933, listening: false, processId: 5210 }),
    ],
    ['a closing connection', withSocket({ family: 'ipv4', localPort: 9933, listening: false, processId: 0 })],
    ['udp on the same port', withSocket({ protocol: 'udp', localPort: 9933 })],
    [
      'rows elsewhere',
      withTables((table) => [
        { ...table, exclusions: [...table.exclusions, { range: portRange(50000, 60), administered: true }] },
      ]),
    ],
  ])('%s', (_, facts) => {
    expect(fingerprintFacts(facts, desired)).toBe(before);
  });

  test('any order of what was found', () => {
    fc.assert(
      fc.property(factsArbitrary, (facts) => {
        const turned: HostFacts = {
          ...facts,
          state: {
            exclusionTables: facts.state.exclusionTables.toReversed(),
            dynamicRanges: facts.state.dynamicRanges.toReversed(),
          },
          sockets: facts.sockets.toReversed(),
          gaps: facts.gaps.toReversed(),
        };
        expect(fingerprintFacts(turned, desired)).toBe(fingerprintFacts(facts, desired));
      }),
    );
  });
});

test('differs for a playbook that wants other ports or other services', () => {
  const [first] = desired.exclusions;
  if (first === undefined) throw new Error('the fixture has no exclusions');
  expect(fingerprintFacts(oneHost, { ...desired, exclusions: [first] })).not.toBe(before);
  expect(fingerprintFacts(oneHost, { ...desired, exclusions: [{ ...first, range: portRange(9934) }] })).not.toBe(
    before,
  );
});

test('rows of a protocol that is not desired count for nothing', () => {
  const withUdp = (exclusions: readonly Exclusion[]): HostFacts => {
    const udp = { family: 'ipv4', protocol: 'udp', store: 'active', exclusions } as const;
    return { ...oneHost, state: { ...oneHost.state, exclusionTables: [...oneHost.state.exclusionTables, udp] } };
  };
  const row = { range: portRange(9933), administered: true };
  expect(fingerprintFacts(withUdp([row]), desired)).toBe(fingerprintFacts(withUdp([]), desired));
});
