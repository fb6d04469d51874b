// Facts for tests: one host written out, and any host at all.
import fc from 'fast-check';
import { serviceStates, startTypes } from '../../src/model/facts.ts';
import { accountRights } from '../../src/model/rules/account-rights.ts';
import type { HostFacts } from '../../src/model/facts.ts';
import { families, protocols, stores } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Desired } from '../../src/model/desired.ts';

export const desired: Desired = {
  exclusions: [
    {
      range: portRange(9933),
      protocol: 'tcp',
      families: ['ipv4', 'ipv6'],
      presence: 'present',
      service: 'MSExchangeIMAP4BE',
    },
    {
      range: portRange(9955),
      protocol: 'tcp',
      families: ['ipv4', 'ipv6'],
      presence: 'present',
      service: 'MSExchangePOP3BE',
    },
  ],
  whenHeldByOwnService: 'restart',
};

export const oneHost: HostFacts = {
  collectedAt: '2026-12-05T21:00:00.000Z',
  rights: 'administrator',
  windows: { major: 10, minor: 0, build: 17763, revision: 5458 },
  exchange: { major: 15, minor: 2, build: 1544, revision: 9 },
  exclusionSupport: true,
  state: {
    exclusionTables: families.flatMap((family) =>
      stores.map((store) => ({
        family,
        protocol: 'tcp' as const,
        store,
        exclusions: [
          { range: portRange(5985), administered: false },
          { range: portRange(9900, 50), administered: true },
        ],
      })),
    ),
    dynamicRanges: families.map((family) => ({ family, protocol: 'tcp' as const, range: portRange(6005, 59530) })),
  },
  sockets: [
    { family: 'ipv4', protocol: 'tcp', localAddress: '0.0.0.0', localPort: 9933, listening: true, processId: 5210 },
    { family: 'ipv4', protocol: 'tcp', localAddress: '10.0.0.7', localPort: 9955, listening: false, processId: 7002 },
    { family: 'ipv6', protocol: 'tcp', localAddress: '::', localPort: 443, listening: true, processId: 4 },
  ],
  processes: [
    { processId: 4, imageName: 'System', services: [] },
    { processId: 5210, imageName: 'Microsoft.Exchange.Imap4Service.exe', services: ['MSExchangeIMAP4BE'] },
    { processId: 7002, imageName: 'svchost.exe', services: ['Dnscache', 'NlaSvc'] },
  ],
  services: [
    { name: 'MSExchangeIMAP4BE', installed: true, state: 'running', processId: 5210, startType: 'manual' },
    { name: 'MSExchangePOP3BE', installed: false },
  ],
  gaps: [],
  guards: [],
};

const port = fc.integer({ min: 1, max: 65535 });
const range = fc.tuple(port, fc.nat(99)).map(([first, more]) => portRange(first, Math.min(more + 1, 65536 - first)));
const family = fc.constantFrom(...families);
const protocol = fc.constantFrom(...protocols);
const count = fc.nat(0xffffffff);

export const factsArbitrary: fc.Arbitrary<HostFacts> = fc.record({
  collectedAt: fc
    .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  rights: fc.constantFrom(null, ...accountRights),
  windows: fc.record({ major: count, minor: count, build: count, revision: fc.option(count) }),
  exchange: fc.option(fc.record({ major: count, minor: count, build: count, revision: count })),
  exclusionSupport: fc.boolean(),
  state: fc.record({
    exclusionTables: fc.array(
      fc.record({
        family,
        protocol,
        store: fc.constantFrom(...stores),
        exclusions: fc.array(fc.record({ range, administered: fc.boolean() }), { maxLength: 4 }),
      }),
      { maxLength: 4 },
    ),
    dynamicRanges: fc.array(fc.record({ family, protocol, range }), { maxLength: 4 }),
  }),
  sockets: fc.array(
    fc.record({
      family,
      protocol,
      localAddress: fc.string(),
      localPort: port,
      listening: fc.boolean(),
      processId: count,
    }),
    { maxLength: 4 },
  ),
  processes: fc.array(
    fc.record({
      processId: count,
      imageName: fc.string({ unit: 'grapheme' }),
      services: fc.array(fc.string(), { maxLength: 3 }),
    }),
    { maxLength: 4 },
  ),
  services: fc.array(
    fc.oneof(
      fc.record({ name: fc.string(), installed: fc.constant(false as const) }),
      fc.record({
        name: fc.string(),
        installed: fc.constant(true as const),
        state: fc.constantFrom(...serviceStates),
        processId: fc.option(count),
        startType: fc.option(fc.constantFrom(...startTypes)),
      }),
    ),
    { maxLength: 3 },
  ),
  gaps: fc.array(fc.record({ question: fc.string(), reason: fc.string() }), { maxLength: 3 }),
});
