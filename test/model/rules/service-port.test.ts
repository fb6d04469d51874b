// Whether a desired port is the one its service uses, in every case; and what is said of it and of the dynamic range.
import { expect, test } from 'vitest';
import type { DesiredExclusion } from '../../../src/model/desired.ts';
import type { HostFacts, ServiceFacts, Socket } from '../../../src/model/facts.ts';
import { families } from '../../../src/model/host-state.ts';
import { portRange, type PortRange } from '../../../src/model/port-range.ts';
import { nameExchangeRow } from '../../../src/model/rules/fixed-ports.ts';
import { describePorts, judgeServicePort } from '../../../src/model/rules/service-port.ts';

const imap: DesiredExclusion = {
  range: portRange(9933),
  protocol: 'tcp',
  families,
  presence: 'present',
  service: 'MSExchangeIMAP4BE',
};
const pop: DesiredExclusion = { ...imap, range: portRange(9955), service: 'MSExchangePOP3BE' };
const repl: DesiredExclusion = { ...imap, range: portRange(64327), service: 'MSExchangeRepl' };

function service({ service: name }: DesiredExclusion, processId: number | null): ServiceFacts {
  const state = processId === null ? 'stopped' : 'running';
  return { name: name ?? '', installed: true, state, processId, startType: 'manual' };
}

function listener(localPort: number, processId: number, differences: Partial<Socket> = {}): Socket {
  const about = { family: 'ipv4', protocol: 'tcp', localAddress: '0.0.0.0', listening: true } as const;
  return { ...about, localPort, processId, ...differences };
}

function factsWith(differences: Partial<HostFacts>, dynamic: PortRange = portRange(6005, 59530)): HostFacts {
  return {
    collectedAt: '2026-11-27T13:00:00.000Z',
    rights: 'administrator',
    windows: { major: 6, minor: 3, build: 9600, revision: null },
    exchange: { major: 15, minor: 0, build: 1497, revision: 2 },
    exclusionSupport: true,
    state: {
      exclusionTables: [],
      dynamicRanges: families.map((family) => ({ family, protocol: 'tcp', range: dynamic })),
    },
    sockets: [],
    processes: [],
    services: [service(imap, null), service(pop, null)],
    gaps: [],
    ...differences,
  };
}

test.each<{ what: string; facts: Partial<HostFacts>; desired?: DesiredExclusion; judged: unknown }>([
  {
    what: 'it listens on it',
    facts: { services: [service(imap, 8)], sockets: [listener(9933, 8)] },
    judged: { kind: 'used' },
  },
  {
    what: 'its worker, started by hand, has it open',
    facts: {
      sockets: [listener(9933, 8)],
      processes: [{ processId: 8, imageName: 'Microsoft.Exchange.Imap4.exe', services: [] }],
    },
    judged: { kind: 'used' },
  },
  {
    what: 'it listens on it and on another one',
    facts: { services: [service(imap, 8)], sockets: [listener(1993, 8), listener(9933, 8, { family: 'ipv6' })] },
    judged: { kind: 'used' },
  },
  {
    what: 'it listens on others only',
    facts: { services: [service(imap, 8)], sockets: [listener(1993, 8), listener(1993, 8, { family: 'ipv6' })] },
    judged: { kind: 'elsewhere', ports: [1993] },
  },
  {
    what: 'somebody else listens there, which tells nothing',
    facts: { sockets: [listener(9933, 5)] },
    judged: { kind: 'unknown', isRunning: false },
  },
  { what: 'it is stopped', facts: {}, judged: { kind: 'unknown', isRunning: false } },
  {
    what: 'it runs and has only a connection open',
    facts: { services: [service(imap, 8)], sockets: [listener(4000, 8, { listening: false })] },
    judged: { kind: 'unknown', isRunning: true },
  },
  {
    what: 'it is not installed',
    facts: { services: [{ name: 'MSExchangeIMAP4BE', installed: false }] },
    judged: { kind: 'not-judged' },
  },
  { what: 'its state was not read', facts: { services: [] }, judged: { kind: 'not-judged' } },
  {
    what: 'open ports were not read',
    facts: { gaps: [{ question: 'listeners', reason: 'cut off' }] },
    judged: { kind: 'not-judged' },
  },
  {
    what: 'its port is no setting, and it is stopped',
    facts: { services: [service(repl, null)] },
    desired: repl,
    judged: { kind: 'not-judged' },
  },
  {
    what: 'its port is no setting, and it listens elsewhere',
    facts: { services: [service(repl, 8)], sockets: [listener(64000, 8)] },
    desired: repl,
    judged: { kind: 'elsewhere', ports: [64000] },
  },
  { what: 'no service is named', facts: {}, desired: { ...imap, service: null }, judged: { kind: 'not-judged' } },
  { what: 'it is to be absent', facts: {}, desired: { ...imap, presence: 'absent' }, judged: { kind: 'not-judged' } },
  { what: 'UDP', facts: {}, desired: { ...imap, protocol: 'udp' }, judged: { kind: 'not-judged' } },
])('$what', ({ facts, desired = imap, judged }) => {
  expect(judgeServicePort(factsWith(facts), desired)).toEqual(judged);
});

test('two stopped back ends are one finding, and it names the ports that newer servers use', () => {
  const findings = describePorts(factsWith({}), [imap, pop]);
  expect(findings).toEqual([
    {
      severity: 'info',
      code: 'port-unknown',
      sentence:
        'MSExchangeIMAP4BE and MSExchangePOP3BE are not running: not known whether they use 9933 and 9955 ' +
        'or, as installed since 2013 CU23, 1993 and 1995',
      hint:
        'see the port that is set, in the Exchange Management Shell: Get-ImapSettings | Format-List ProxyTargetPort; ' +
        'Get-PopSettings | Format-List ProxyTargetPort',
    },
  ]);
});

test('a port that needs no exclusion and one that needs its own get different advice', () => {
  const [low, high] = [1993, 9944].map((port) =>
    describePorts(factsWith({ services: [service(imap, 8)], sockets: [listener(port, 8)] }), [imap]),
  );
  expect(low?.[0]).toMatchObject({ code: 'port-elsewhere', severity: 'warning' });
  expect(low?.[0]?.sentence).toContain('listens on 1993, not on 9933: the exclusion protects nothing');
  expect(low?.[0]?.sentence).toContain('outside the dynamic range');
  expect(high?.[0]?.sentence).not.toContain('outside');
  expect(high?.[0]?.hint).toContain('{ port: 9944, for: MSExchangeIMAP4BE }');
});

test.each([
  { dynamic: portRange(6005, 59530), codes: [] },
  { dynamic: portRange(49152, 16384), codes: ['info outside-dynamic-range'] },
  { dynamic: portRange(10000, 1000), codes: ['info outside-dynamic-range', 'info unusual-dynamic-range'] },
  { dynamic: portRange(1024, 64512), codes: ['warning unusual-dynamic-range'] },
  { dynamic: portRange(1025, 64510), codes: ['warning unusual-dynamic-range'] },
])('a dynamic range from $dynamic.firstPort: $codes', ({ dynamic, codes }) => {
  const facts = factsWith({ services: [service(imap, 8)], sockets: [listener(9933, 8)] }, dynamic);
  const findings = describePorts(facts, [{ ...imap, families: ['ipv4'] }]);
  expect(findings.map((one) => `${one.severity} ${one.code}`)).toEqual(codes);
});

test.each([
  { what: 'will hold the port', found: portRange(49152, 16384), asked: portRange(6005, 59530), codes: [] },
  { what: 'held the port', found: portRange(1024, 64512), asked: portRange(49152, 16384), codes: [] },
  {
    what: 'holds it neither before nor after',
    found: portRange(20000, 1000),
    asked: portRange(49152, 16384),
    codes: ['outside-dynamic-range'],
  },
])('a dynamic range that the same playbook sets, and which $what', ({ found, asked, codes }) => {
  const dynamicRange = { protocol: 'tcp', families: ['ipv4'], range: asked } as const;
  const facts = factsWith({ services: [service(imap, 8)], sockets: [listener(9933, 8)] }, found);
  const findings = describePorts(facts, [{ ...imap, families: ['ipv4'] }], dynamicRange);
  expect(findings.map((one) => one.code)).toEqual(codes);
});

test('a port that the dynamic range of the same playbook will hold is not said to need no exclusion', () => {
  const dynamicRange = { protocol: 'tcp', families, range: portRange(6005, 59530) } as const;
  const facts = factsWith({ services: [service(imap, 8)], sockets: [listener(9944, 8)] }, portRange(49152, 16384));
  const [first] = describePorts(facts, [imap], dynamicRange);
  expect(first?.code).toBe('port-elsewhere');
  expect(first?.hint).toContain('{ port: 9944, for: MSExchangeIMAP4BE }');
});

test('without Exchange a low start is worth knowing and no more', () => {
  const findings = describePorts(factsWith({ exchange: null, services: [] }, portRange(1024, 64512)), [imap]);
  expect(findings.map((one) => `${one.severity} ${one.code}`)).toEqual(
    families.map(() => 'info unusual-dynamic-range'),
  );
});

test.each([
  [portRange(36608), "Exchange's own, for IMAP4 (143)"],
  [portRange(57603), "Exchange's own, for IMAP4 over TLS (993)"],
  [portRange(28160), "Exchange's own, for POP3 (110)"],
  [portRange(58115), "Exchange's own, for POP3 over TLS (995)"],
  [portRange(50195, 2), "Exchange's own, for Unified Messaging (5060)"],
  [portRange(50707, 7), "Exchange's own, for Unified Messaging (5062)"],
  [portRange(50000, 60), null],
  [portRange(36608, 2), null],
  [portRange(9933), null],
])('the row %o', (range, whose) => {
  expect(nameExchangeRow(range)).toBe(whose);
  const swapped = ((range.firstPort & 0xff) << 8) | (range.firstPort >> 8);
  // The table is the front ends' ports with their bytes swapped, and nothing else.
  if (whose !== null) expect(whose).toContain(`(${swapped})`);
});
