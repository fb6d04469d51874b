// `port: backend` on one host: its own port, never another; the same port asked for twice is one, and what contradicts it is told.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeUnresolved } from '../../../src/model/backend/unresolved-back-ends.ts';
import { pickAskedPorts, resolveRequest } from '../../../src/model/backend/back-end-ports.ts';
import type { BackEndExclusion, DesiredExclusion, DesiredRequest } from '../../../src/model/desired.ts';
import type { HostFacts } from '../../../src/model/facts.ts';
import type { Family } from '../../../src/model/host-state.ts';
import { overlaps, portRange } from '../../../src/model/port-range.ts';
import { describePorts } from '../../../src/model/rules/service-port.ts';
import { judgeHost } from '../../../src/plan/make-plan.ts';
import { oneHost } from '../../facts/some-facts.ts';

const imap = 'MSExchangeIMAP4BE';
const pop = 'MSExchangePOP3BE';

function backEnd(service: string, differences: Partial<BackEndExclusion> = {}): BackEndExclusion {
  return { port: 'backend', protocol: 'tcp', families: ['ipv4', 'ipv6'], presence: 'present', service, ...differences };
}

function literal(range: DesiredExclusion['range'], differences: Partial<DesiredExclusion> = {}): DesiredExclusion {
  return { range, protocol: 'tcp', families: ['ipv4', 'ipv6'], presence: 'present', service: imap, ...differences };
}

function request(...exclusions: DesiredRequest['exclusions']): DesiredRequest {
  return { exclusions, whenHeldByOwnService: 'block' };
}

/** `1993 on ipv4+ipv6 for IMAP4BE`, or why there is no port. */
function tell(asked: DesiredRequest, imap4: number | null, pop3: number | null): readonly string[] {
  const { exclusions, unresolved = [] } = resolveRequest(asked, { imap4, pop3 });
  return [
    ...exclusions.map(
      ({ range, families, service, presence }) =>
        `${range.firstPort}+${range.portCount} on ${families.join('+')} for ${service ?? 'none'} ${presence}`,
    ),
    ...unresolved.map((one) =>
      one.reason === 'unset' ? `${one.service} unset` : `${one.service} ${one.port} in ${one.other.firstPort}`,
    ),
  ];
}

describe('on a host', () => {
  const both = request(backEnd(imap), backEnd(pop));
  test.each<readonly [string, DesiredRequest, number | null, number | null, readonly string[]]>([
    [
      'old ports',
      both,
      9933,
      9955,
      [`9933+1 on ipv4+ipv6 for ${imap} present`, `9955+1 on ipv4+ipv6 for ${pop} present`],
    ],
    [
      'later ports',
      both,
      1993,
      1995,
      [`1993+1 on ipv4+ipv6 for ${imap} present`, `1995+1 on ipv4+ipv6 for ${pop} present`],
    ],
    ['none known', both, null, null, [`${imap} unset`, `${pop} unset`]],
    ['one known', both, null, 1995, [`1995+1 on ipv4+ipv6 for ${pop} present`, `${imap} unset`]],
    ['both the same', both, 1993, 1993, [`1993+1 on ipv4+ipv6 for ${imap} present`, `${pop} 1993 in 1993`]],
    [
      'the last port, released',
      request(backEnd(imap, { presence: 'absent', families: ['ipv6'] })),
      65_535,
      null,
      [`65535+1 on ipv6 for ${imap} absent`],
    ],
    [
      'the number of the playbook too',
      request(backEnd(imap), literal(portRange(9933))),
      9933,
      null,
      [`9933+1 on ipv4+ipv6 for ${imap} present`],
    ],
    [
      'the number of the playbook on one family',
      request(literal(portRange(9933), { families: ['ipv6'], service: imap.toLowerCase() }), backEnd(imap)),
      9933,
      null,
      [`9933+1 on ipv4+ipv6 for ${imap.toLowerCase()} present`],
    ],
    [
      'a number for each family',
      request(
        literal(portRange(9933), { families: ['ipv6'] }),
        literal(portRange(9933), { families: ['ipv4'] }),
        backEnd(imap),
      ),
      9933,
      null,
      [`9933+1 on ipv6 for ${imap} present`, `9933+1 on ipv4 for ${imap} present`],
    ],
    [
      'another port than the number',
      request(literal(portRange(9933)), backEnd(imap)),
      1993,
      null,
      [`9933+1 on ipv4+ipv6 for ${imap} present`, `1993+1 on ipv4+ipv6 for ${imap} present`],
    ],
    [
      'inside a range',
      request(literal(portRange(9900, 100)), backEnd(imap)),
      9933,
      null,
      [`9900+100 on ipv4+ipv6 for ${imap} present`, `${imap} 9933 in 9900`],
    ],
    [
      'the number of no service',
      request(literal(portRange(9933), { service: null }), backEnd(imap)),
      9933,
      null,
      ['9933+1 on ipv4+ipv6 for none present', `${imap} 9933 in 9933`],
    ],
    [
      'the number to be released',
      request(literal(portRange(9933), { presence: 'absent' }), backEnd(imap)),
      9933,
      null,
      [`9933+1 on ipv4+ipv6 for ${imap} absent`, `${imap} 9933 in 9933`],
    ],
    [
      'the same number on the other family, or as udp',
      request(
        literal(portRange(9933), { families: ['ipv6'], presence: 'absent' }),
        literal(portRange(9933), { protocol: 'udp', presence: 'absent' }),
        backEnd(imap, { families: ['ipv4'] }),
      ),
      9933,
      null,
      [
        `9933+1 on ipv6 for ${imap} absent`,
        `9933+1 on ipv4+ipv6 for ${imap} absent`,
        `9933+1 on ipv4 for ${imap} present`,
      ],
    ],
  ])('%s', (_, asked, imap4, pop3, expected) => {
    expect(tell(asked, imap4, pop3)).toEqual(expected);
  });
});

test('without the word it is what it was, whatever the ports', () => {
  const asked = request(literal(portRange(9933)), literal(portRange(9955), { service: pop }));
  expect(resolveRequest(asked, { imap4: 1993, pop3: 1995 })).toEqual(asked);
  expect(pickAskedPorts(asked, { imap4: 1993, pop3: 1995 })).toEqual({ imap4: null, pop3: null });
  expect(pickAskedPorts(request(backEnd(pop)), { imap4: 1993, pop3: 1995 })).toEqual({ imap4: null, pop3: 1995 });
});

const somePort = fc.constantFrom(1993, 9933, 9955, 64_327);
const someFamilies = fc.constantFrom<readonly Family[]>(['ipv4'], ['ipv6'], ['ipv4', 'ipv6']);
const someEntry = fc.oneof(
  fc
    .record({
      service: fc.constantFrom(imap, pop),
      families: someFamilies,
      presence: fc.constantFrom('present', 'absent'),
    })
    .map(({ service, ...rest }) => backEnd(service, rest)),
  fc
    .record({ port: somePort, families: someFamilies, service: fc.constantFrom(null, imap, pop) })
    .map(({ port, ...rest }) => literal(portRange(port), rest)),
);

test('no two of a host overlap; every back end is at its port on all its families, or said not to be', () => {
  fc.assert(
    fc.property(
      fc.array(someEntry, { maxLength: 4 }).filter(isPlaybook),
      fc.option(somePort),
      fc.option(somePort),
      (exclusions, imap4, pop3) => {
        const desired = resolveRequest(request(...exclusions), { imap4, pop3 });
        for (const [index, one] of desired.exclusions.entries()) {
          for (const other of desired.exclusions.slice(index + 1)) expect(isClash(one, other)).toBe(false);
        }
        for (const one of exclusions) {
          if (!('port' in one)) continue;
          const port = one.service === imap ? imap4 : pop3;
          const at = desired.exclusions.filter(
            ({ range, service, presence }) =>
              range.firstPort === port && service === one.service && presence === one.presence,
          );
          const isThere = one.families.every((family) => at.some(({ families }) => families.includes(family)));
          const isSaid = desired.unresolved?.some((other) => other.service === one.service) === true;
          expect(isThere || isSaid).toBe(true);
          if (port === null) expect([at.length, isSaid]).toEqual([0, true]);
        }
      },
    ),
  );
});

/** The entries of one playbook: those that contradict by themselves are refused when it is read. */
function isPlaybook(all: DesiredRequest['exclusions']): boolean {
  return all.every((one, index) =>
    all.slice(0, index).every((other) => {
      const isShared = one.families.some((family) => other.families.includes(family));
      if ('port' in one || 'port' in other)
        return !('port' in one && 'port' in other) || one.service !== other.service || !isShared;
      return !isClash(one, other);
    }),
  );
}

function isClash(one: DesiredExclusion, other: DesiredExclusion): boolean {
  return (
    one.protocol === other.protocol &&
    overlaps(one.range, other.range) &&
    one.families.some((family) => other.families.includes(family))
  );
}

describe('what is said of it', () => {
  const listening = {
    ...oneHost,
    exchange: oneHost.exchange ?? { major: 15, minor: 0, build: 1497, revision: 2 },
    services: [{ name: imap, installed: true, state: 'running', processId: 8, startType: 'manual' }],
    processes: [{ processId: 8, imageName: 'Microsoft.Exchange.Imap4Service.exe', services: [imap] }],
    sockets: [
      { family: 'ipv4', protocol: 'tcp', localAddress: '0.0.0.0', localPort: 1993, listening: true, processId: 8 },
    ],
  } as const;

  test('a host without the variable is blocked, told where the service listens now, and what to do', () => {
    const { state, changes, findings } = judgeHost(listening, resolveRequest(request(backEnd(imap))));
    expect([state, changes]).toEqual(['blocked', []]);
    expect(findings.filter((one) => one.severity === 'blocker')).toEqual([
      {
        severity: 'blocker',
        code: 'backend-port-unset',
        sentence: `the playbook asks for the back-end port of ${imap}, and the inventory of this host does not say which it is; ${imap} listens on 1993 now`,
        hint: expect.stringMatching(
          /fencepost discover .*--update; or set exchange_imap4_backend_port for this host/,
        ) as string,
      },
    ]);
  });

  test('a host without the back end, or without Exchange, is told so beside it', () => {
    const codes = (facts: HostFacts) =>
      judgeHost(facts, resolveRequest(request(backEnd(imap)))).findings.map((one) => one.code);
    const bare = { ...listening, sockets: [], processes: [], services: [{ name: imap, installed: false }] } as const;
    expect(codes(bare)).toEqual(['backend-port-unset', 'service-not-installed']);
    expect(codes({ ...bare, exchange: null })).toEqual(['backend-port-unset', 'not-exchange']);
  });

  test('a conflict names the variable and the other range', () => {
    const desired = resolveRequest(request(literal(portRange(9900, 100)), backEnd(imap)), { imap4: 9933, pop3: null });
    expect(describeUnresolved(listening, desired).map((one) => [one.code, one.sentence, one.hint])).toEqual([
      [
        'backend-port-conflict',
        `the back-end port of ${imap} is 9933 on this host, and the playbook says something else of 9900-9999`,
        'check exchange_imap4_backend_port of this host in the inventory, or leave 9900-9999 out of the playbook',
      ],
    ]);
  });

  test('two back ends with one port in the inventory are told so; the playbook says nothing of that port', () => {
    const ports = { imap4: 9933, pop3: 9933 };
    const told = (asked: DesiredRequest) =>
      describeUnresolved(listening, resolveRequest(asked, ports)).map((one) => [one.code, one.sentence, one.hint]);
    const expected = [
      [
        'backend-port-conflict',
        `the inventory says the same back-end port of this host for ${imap} and ${pop}: 9933; only one of them can listen there`,
        'correct exchange_imap4_backend_port or exchange_pop3_backend_port of this host in the inventory',
      ],
    ];
    expect(told(request(backEnd(imap), backEnd(pop)))).toEqual(expected);
    expect(told(request(literal(portRange(9933)), backEnd(imap), backEnd(pop)))).toEqual(expected);
  });

  test('a stopped service has a known port where the inventory says it, and an unknown one where a person wrote it', () => {
    const stopped = {
      ...listening,
      sockets: [],
      services: [{ ...listening.services[0], state: 'stopped', processId: null }],
    } as const;
    const codes = (asked: DesiredRequest) =>
      describePorts(stopped, resolveRequest(asked, { imap4: 9933, pop3: null }).exclusions).map((one) => one.code);
    const both = { ...stopped, services: [imap, pop].map((name) => ({ ...stopped.services[0], name })) };
    const ofPop = resolveRequest(request(literal(portRange(9955), { service: pop }), backEnd(imap)), {
      imap4: 9933,
      pop3: null,
    });
    expect(
      describePorts(both, ofPop.exclusions).flatMap((one) => (one.code === 'port-unknown' ? [one.sentence] : [])),
    ).toEqual([expect.stringMatching(new RegExp(`^${pop} is not running`))]);
    expect(codes(request(literal(portRange(9933))))).toContain('port-unknown');
    expect(codes(request(backEnd(imap)))).not.toContain('port-unknown');
    expect(codes(request(literal(portRange(9933)), backEnd(imap)))).not.toContain('port-unknown');
    // Beside another number too: the inventory says which of the two it is.
    expect(codes(request(literal(portRange(64_327)), backEnd(imap)))).not.toContain('port-unknown');
  });

  test('a service that listens elsewhere than the inventory says is told so, with where to read it again', () => {
    const { exclusions } = resolveRequest(request(backEnd(imap)), { imap4: 9933, pop3: null });
    const found = describePorts(listening, exclusions).find((one) => one.code === 'port-elsewhere');
    expect(found?.sentence).toContain(
      'listens on 1993, not on 9933: the exclusion protects nothing; 9933 is what the inventory says',
    );
    expect(found?.hint).toContain('fencepost discover');
  });
});
