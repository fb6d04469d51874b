// What collect, report, doctor, plan and verify say of one host never contradicts, whatever the host is like: its tables, its open ports,
// its services, and what of it could not be read.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exitCodeOfPlan } from '../../src/cli/exit-codes.ts';
import type { Examination } from '../../src/facts/examine.ts';
import { fingerprintFacts } from '../../src/facts/fingerprint.ts';
import { saveConnection } from '../../src/inventory/saved-connection.ts';
import { serviceStates, startTypes, type HostFacts, type ServiceFacts } from '../../src/model/facts.ts';
import { families, stores, type Exclusion, type Family } from '../../src/model/host-state.ts';
import { resolveRequest } from '../../src/model/backend/back-end-ports.ts';
import { describeOwner, findOwners } from '../../src/model/rules/port-owners.ts';
import { overlaps, portRange } from '../../src/model/port-range.ts';
import type { Desired, DesiredExclusion } from '../../src/model/desired.ts';
import { planHost } from '../../src/plan/make-plan.ts';
import { renderCollected } from '../../src/report/text/facts-text.ts';
import type { ViewContext } from '../../src/report/view/fleet-view.ts';
import { plannedBasis } from '../../src/report/view/host-view.ts';
import { viewSnapshot } from '../../src/report/view/snapshot-view.ts';
import { makeChecks } from '../../src/run/survey/make-checks.ts';
import { oneHost } from '../facts/some-facts.ts';
import { amount } from '../support/amount.ts';
import { memoryConnection } from '../support/memory-fleet.ts';

const imap = 'MSExchangeIMAP4BE';
const pop = 'MSExchangePOP3BE';

/** What one exclusion is said to be, by all that speak. */
interface Told {
  readonly one: DesiredExclusion;
  readonly family: Family;
  readonly collect: string;
  readonly before: string;
  readonly after: string | null;
  readonly holders: readonly string[] | null;
}

const context: ViewContext = {
  windows: () => 'Windows',
  exchange: () => 'Exchange',
  origins: new Map(),
  groups: new Map(),
  placeOf: (file) => file,
};

function tell(facts: HostFacts, desired: Desired) {
  const host = { target: 'ex01', connection: saveConnection(memoryConnection), exclusiveGroup: null, desired };
  const plan = planHost(host, { facts, fingerprint: fingerprintFacts(facts, desired) });
  const view = plannedBasis(plan, context);
  const examination: Examination = {
    facts,
    windowsName: 'Windows',
    exchangeName: facts.exchange === null ? null : 'Exchange',
  };
  const checks = makeChecks(examination, { desired: desired.exclusions, findings: plan.findings });
  const told = (view.ports?.checks ?? []).map(({ desired: one, family, before, after, holders }): Told => ({
    one,
    family,
    collect: collectCell(facts, one, family),
    before,
    after: after ?? null,
    holders,
  }));
  return {
    plan,
    told,
    isInOrder: !checks.some((one) => one.state === 'failed' || one.state === 'skipped'),
    checks,
    verify: exitCodeOfPlan([plan.state], true),
  };
}

/** The cell of one range in the table of `collect`. */
function collectCell(facts: HostFacts, one: DesiredExclusion, family: Family): string {
  const desired: Desired = { exclusions: [{ ...one, families: [family] }], whenHeldByOwnService: 'block' };
  const host = { host: 'ex01', address: 'ex01', desired, facts, failure: null };
  const text = renderCollected([host], { windows: () => 'Windows', exchange: () => 'Exchange' });
  return text.split('\n')[1]?.split(/ {2,}/)[4] ?? '';
}

function reservationIn(cell: string): string {
  return cell.split(';')[0] ?? '';
}

const port = fc.integer({ min: 9930, max: 9942 });
const someRange = fc
  .tuple(port, fc.constantFrom(1, 1, 2, 4, 8))
  .map(([first, count]) => portRange(first, Math.min(count, 9943 - first)));
const row: fc.Arbitrary<Exclusion> = fc.record({
  range: someRange,
  administered: fc.constantFrom(true, true, true, false),
});
const rows = fc.oneof(
  fc.array(row, { maxLength: 4 }),
  fc.constant([{ range: portRange(9930, 13), administered: true }]),
);
/** Both stores alike, or each its own; null: not read. */
const storeRows = fc.oneof(
  { weight: 4, arbitrary: rows.map((one) => ({ active: one, persistent: one })) },
  {
    weight: 4,
    arbitrary: fc.record({
      active: fc.option(rows, { freq: 12 }),
      persistent: fc.option(rows, { freq: 12 }),
    }),
  },
);
const processIds = fc.constantFrom(0, 4, 8, 9, 10);

const service = (name: string): fc.Arbitrary<ServiceFacts | null> =>
  fc.oneof(
    fc.constant(null),
    fc.constant({ name, installed: false as const }),
    fc.record({
      name: fc.constant(name),
      installed: fc.constant(true as const),
      state: fc.constantFrom(...serviceStates, 'running' as const, 'stopped' as const),
      processId: fc.constantFrom(null, 8, 9),
      startType: fc.constantFrom(null, ...startTypes),
    }),
  );

const someFacts: fc.Arbitrary<HostFacts> = fc
  .record({
    tables: fc.record({ ipv4: storeRows, ipv6: storeRows }),
    dynamic: fc.constantFrom(portRange(6005, 59530), portRange(49152, 16384), portRange(1024, 100)),
    exclusionSupport: fc.constantFrom(true, true, true, true, true, true, true, false),
    exchange: fc.constantFrom(null, oneHost.exchange),
    sockets: fc.array(
      fc.record({
        family: fc.constantFrom(...families),
        protocol: fc.constantFrom('tcp' as const, 'tcp' as const, 'udp' as const),
        localAddress: fc.constant('0.0.0.0'),
        localPort: port,
        listening: fc.boolean(),
        processId: processIds,
      }),
      { maxLength: 3 },
    ),
    processes: fc.uniqueArray(
      fc.record({
        processId: processIds,
        imageName: fc.constantFrom('svchost.exe', 'Microsoft.Exchange.Imap4.exe', 'Microsoft.Exchange.Pop3.exe'),
        services: fc.constantFrom([], [], ['Dnscache'], [imap], [pop]),
      }),
      { maxLength: 5, selector: (one) => one.processId },
    ),
    services: fc.tuple(service(imap), service(pop)),
    unread: fc.constantFrom(null, null, null, null, 'listeners', 'processes', 'exchange version', 'windows version'),
  })
  .map(({ tables, dynamic, exclusionSupport, exchange, sockets, processes, services, unread }): HostFacts => {
    const asked = families.flatMap((family) =>
      stores.map((store) => ({ family, protocol: 'tcp' as const, store, exclusions: tables[family][store] })),
    );
    const missing = [
      ...asked.filter((one) => one.exclusions === null).map((one) => `exclusions ${one.family} tcp ${one.store}`),
      ...[imap, pop].filter((_, index) => services[index] === null).map((name) => `state of service ${name}`),
      ...(unread === null ? [] : [unread]),
    ];
    return {
      ...oneHost,
      exclusionSupport,
      exchange: unread === 'exchange version' ? null : exchange,
      state: {
        exclusionTables: exclusionSupport
          ? asked.flatMap(({ exclusions, ...one }) => (exclusions === null ? [] : [{ ...one, exclusions }]))
          : [],
        dynamicRanges: families.map((family) => ({ family, protocol: 'tcp' as const, range: dynamic })),
      },
      sockets: unread === 'listeners' ? [] : sockets,
      processes: unread === 'processes' ? [] : processes,
      services: services.filter((one) => one !== null),
      gaps: missing
        .filter((question) => exclusionSupport || !question.startsWith('exclusions'))
        .map((question) => ({ question, reason: 'line 3' })),
    };
  });

/** As a playbook with numbers has it. */
const withNumbers: fc.Arbitrary<Desired> = fc.record({
  exclusions: fc
    .array(
      fc.record({
        range: someRange,
        protocol: fc.constant('tcp' as const),
        families: fc.constantFrom<readonly Family[]>(['ipv4'], ['ipv6'], families, families),
        presence: fc.constantFrom('present' as const, 'present' as const, 'present' as const, 'absent' as const),
        service: fc.constantFrom(null, imap, pop),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((all) => all.filter((one, index) => !all.slice(0, index).some((other) => overlaps(other.range, one.range)))),
  whenHeldByOwnService: fc.constantFrom('restart' as const, 'block' as const),
});

/** As a playbook with `port: backend` has it on a host whose inventory says both ports, one or none; beside a number, or without. */
const withBackEnds: fc.Arbitrary<Desired> = fc
  .record({
    services: fc.subarray([imap, pop], { minLength: 1 }),
    presence: fc.constantFrom('present' as const, 'present' as const, 'absent' as const),
    number: fc.option(port, { freq: 2 }),
    imap4: fc.option(port, { freq: 4 }),
    pop3: fc.option(port, { freq: 4 }),
    whenHeldByOwnService: fc.constantFrom('restart' as const, 'block' as const),
  })
  .map(({ services, presence, number, imap4, pop3, whenHeldByOwnService }) => {
    const about = { protocol: 'tcp', families, presence } as const;
    const literals = number === null ? [] : [{ ...about, range: portRange(number), service: imap }];
    const exclusions = [...literals, ...services.map((one) => ({ ...about, port: 'backend' as const, service: one }))];
    return resolveRequest({ exclusions, whenHeldByOwnService }, { imap4, pop3 });
  });

const someDesired = fc.oneof({ weight: 2, arbitrary: withNumbers }, withBackEnds);

/** That a back end has no port on the host, as all that speak say it; null: none of them does. */
function tellUnresolved(facts: HostFacts, desired: Desired): readonly string[] | null {
  const isAbout = ({ code }: { readonly code: string | null }): boolean => code?.startsWith('backend-port-') === true;
  const { plan, checks } = tell(facts, desired);
  const snapshot = { takenAt: facts.collectedAt, toolVersion: '0', hosts: [{ target: 'ex01', facts, failure: null }] };
  const report = viewSnapshot(snapshot, 'night.json', () => desired, context);
  const host = { host: 'ex01', address: 'ex01', desired, facts, failure: null };
  const collect = renderCollected([host], { windows: () => 'Windows', exchange: () => 'Exchange' });
  const sentences = plan.findings.filter(isAbout).map((one) => one.sentence);
  const words = sentences.join(' ');
  const reported = (report.hosts[0]?.findings ?? []).filter(isAbout).map((one) => one.sentence);
  expect(reported.join(' ')).toBe(words);
  const collected = collect.replaceAll(/\s+/g, ' ');
  for (const one of sentences) expect(collected).toContain(one);
  expect(collect.includes('back-end port')).toBe(sentences.length > 0);
  const services = checks.find((one) => one.name === 'services');
  for (const one of sentences)
    expect([services?.state, services?.detail]).toEqual(['failed', expect.stringContaining(one)]);
  expect(services?.detail.includes('back-end port')).toBe(sentences.length > 0);
  return sentences.length === 0 ? null : sentences;
}

test('collect, report, doctor, plan and verify never contradict', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(someFacts, someDesired, (facts, desired) => {
      const { plan, told, isInOrder, verify } = tell(facts, desired);
      const blockers = plan.findings.filter((one) => one.severity === 'blocker');
      seen.add(plan.state);
      const unresolved = tellUnresolved(facts, desired);
      expect(unresolved === null).toBe(desired.unresolved === undefined);
      if (unresolved !== null) {
        seen.add(desired.unresolved?.[0]?.reason ?? '');
        expect([plan.state, plan.steps]).toEqual(['blocked', []]);
      }
      // Doctor is in order exactly where nothing blocks; verify is 0 exactly where nothing is to be done.
      expect([plan.findings, isInOrder]).toEqual([plan.findings, plan.state !== 'blocked']);
      expect(verify).toBe({ ok: 0, changes: 2, blocked: 3, unreachable: 3 }[plan.state]);
      for (const { one, collect, before, after, holders } of told) {
        seen.add(`${one.presence} ${before}`);
        const said = reservationIn(collect);
        expect(said).toBe(facts.exclusionSupport ? before : 'no excludedportrange');
        const good = one.presence === 'present' ? ['reserved'] : ['not reserved', 'taken by Windows'];
        if (plan.state === 'ok') expect(good).toContain(before);
        if (plan.state === 'changes') {
          expect(good).toContain(after);
          expect([
            'not read',
            ...(one.presence === 'present' ? ['taken by Windows', 'partly reserved'] : []),
          ]).not.toContain(before);
        }
        // Whose the port is, all say alike, and by the same name.
        const owners = findOwners(facts, one);
        expect(holders === null).toBe(owners === null);
        if (!facts.exclusionSupport) continue;
        expect(collect.includes('; open: ')).toBe(owners !== null && owners.length > 0);
        expect(collect.includes('; open ports not read')).toBe(owners === null);
        for (const holder of holders ?? []) expect(owners?.map(describeOwner)).toContain(holder);
      }
      if (plan.state === 'changes') {
        const asDesired = told.every(
          ({ one, before }) => before === (one.presence === 'present' ? 'reserved' : 'not reserved'),
        );
        expect(asDesired).toBe(false);
      }
      // A process that blocks is one that the report names.
      const named = told.flatMap(({ one }) => findOwners(facts, one) ?? []).map(describeOwner);
      for (const { code, sentence } of blockers.filter((one) => one.code.startsWith('held-by'))) {
        expect([code, named.some((name) => sentence.includes(name))]).toEqual([code, true]);
      }
    }),
    { numRuns: amount({ share: 400, ci: 10_000 }) },
  );
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'ok',
      'changes',
      'blocked',
      'unset',
      'conflict',
      ...['reserved', 'until reboot only', 'after reboot only', 'partly reserved', 'not reserved'].map(
        (one) => `present ${one}`,
      ),
      'present taken by Windows',
      'present not read',
      'absent reserved',
    ]),
  );
});

describe('where the copies of a rule had drifted', () => {
  const desired = (range: DesiredExclusion['range'], service: string | null): Desired => ({
    exclusions: [{ range, protocol: 'tcp', families, presence: 'present', service }],
    whenHeldByOwnService: 'restart',
  });
  const factsWith = (exclusions: readonly Exclusion[], differences: Partial<HostFacts> = {}): HostFacts => ({
    ...oneHost,
    state: {
      ...oneHost.state,
      exclusionTables: oneHost.state.exclusionTables.map((table) => ({ ...table, exclusions })),
    },
    sockets: [],
    ...differences,
  });

  test('adjacent ranges that cover the desired one together', () => {
    const facts = factsWith([
      { range: portRange(9933), administered: true },
      { range: portRange(9934, 7), administered: true },
    ]);
    const { plan, told, isInOrder, verify } = tell(facts, desired(portRange(9933, 8), null));
    expect([plan.state, isInOrder, verify]).toEqual(['ok', true, 0]);
    expect(told.map((one) => [one.collect, one.before])).toEqual([
      ['reserved', 'reserved'],
      ['reserved', 'reserved'],
    ]);
  });

  test('a worker that has the port while its service is stopped', () => {
    const facts = factsWith([], {
      sockets: [
        { family: 'ipv4', protocol: 'tcp', localAddress: '0.0.0.0', localPort: 9955, listening: true, processId: 8 },
      ],
      processes: [{ processId: 8, imageName: 'Microsoft.Exchange.Pop3.exe', services: [] }],
      services: [{ name: pop, installed: true, state: 'stopped', processId: null, startType: 'manual' }],
    });
    const { plan, checks, told, verify } = tell(facts, desired(portRange(9955), pop));
    expect([plan.state, verify]).toEqual(['blocked', 3]);
    expect(checks.filter((one) => one.state === 'failed')).toEqual([
      {
        name: 'ports',
        state: 'failed',
        detail: 'tcp 9955 open in Microsoft.Exchange.Pop3.exe, a worker of its own service',
        evidence: 'pid 8',
        cure: 'end that process (taskkill /f /pid 8) or start the service, then plan again',
        code: 'held-in-doubt',
      },
    ]);
    expect(told[0]).toMatchObject({
      collect: 'not reserved; open: Pop3 8',
      holders: ['Microsoft.Exchange.Pop3.exe, pid 8'],
    });
  });

  test('a range of winnat, without *, over the port', () => {
    const facts = factsWith([{ range: portRange(9900, 100), administered: false }]);
    const { plan, checks, told, verify } = tell(facts, desired(portRange(9933), imap));
    expect([plan.state, verify]).toEqual(['blocked', 3]);
    expect(checks.filter((one) => one.state === 'failed').map((one) => [one.name, one.code])).toEqual([
      ['ports', 'foreign-range'],
    ]);
    expect(new Set(told.map((one) => one.collect))).toEqual(new Set(['taken by Windows']));
  });

  test('ports that could not be read are nowhere called free', () => {
    const facts = factsWith([], { gaps: [{ question: 'listeners', reason: 'no row of netstat' }] });
    const { plan, checks, told } = tell(facts, desired(portRange(9933), imap));
    expect([plan.state, plan.findings.map((one) => one.code)]).toEqual(['blocked', ['facts-incomplete']]);
    expect(checks.find((one) => one.name === 'ports')).toMatchObject({ state: 'failed', code: 'facts-incomplete' });
    expect(told.map((one) => [one.collect, one.holders])).toEqual([
      ['not reserved; open ports not read', null],
      ['not reserved; open ports not read', null],
    ]);
  });
});
