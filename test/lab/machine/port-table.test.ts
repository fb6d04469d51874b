// What a simulated machine takes and refuses, as tables, and that a delete is the exact twin of an add.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { families, protocols } from '../../../src/model/host-state.ts';
import { highestPort, portRange } from '../../../src/model/port-range.ts';
import { reboot, captureState } from '../../../src/lab/machine/machine.ts';
import type { Machine } from '../../../src/lab/machine/machine.ts';
import { addExclusion, deleteExclusion, setDynamicRange } from '../../../src/lab/machine/port-table.ts';
import type { ExclusionRequest, PortRefusal } from '../../../src/lab/machine/port-table.ts';
import type { Quirks } from '../../../src/lab/machine/quirks.ts';
import type { ExclusionSpec, HolderSpec } from '../../../src/lab/scenario/server-spec.ts';
import { bareMachine } from '../run-line.ts';

const request = (differences: Partial<ExclusionRequest> = {}): ExclusionRequest => ({
  family: 'ipv4',
  protocol: 'tcp',
  firstPort: 9933,
  portCount: 1,
  store: 'persistent',
  ...differences,
});

const row = (first: number, count: number, differences: Partial<ExclusionSpec> = {}): ExclusionSpec => ({
  range: portRange(first, count),
  protocol: 'tcp',
  administered: true,
  stores: ['active', 'persistent'],
  families,
  ...differences,
});

const holder = (differences: Partial<HolderSpec> = {}): HolderSpec => ({
  port: 9933,
  protocol: 'tcp',
  image: 'svchost.exe',
  services: ['Dnscache'],
  families,
  state: 'LISTENING',
  ...differences,
});

/** `active persistent` of 9933 on ipv4, then on ipv6. */
function where(machine: Machine): string {
  return families
    .map((family) => {
      const { active, persistent } = machine.exclusions.tcp[family];
      const has = (rows: typeof active): string => (rows.some((one) => one.range.firstPort === 9933) ? 'yes' : 'no');
      return `${has(active)} ${has(persistent)}`;
    })
    .join(', ');
}

interface AddCase {
  readonly what: string;
  readonly exclusions?: readonly ExclusionSpec[];
  readonly holders?: readonly HolderSpec[];
  readonly quirks?: Partial<Quirks>;
  readonly ask?: Partial<ExclusionRequest>;
  readonly refusal: PortRefusal | null;
  readonly after: string;
}

const addCases: readonly AddCase[] = [
  { what: 'a free port', refusal: null, after: 'yes yes, yes yes' },
  { what: 'a free port, two lists', quirks: { oneList: false }, refusal: null, after: 'yes yes, no no' },
  { what: 'active only', ask: { store: 'active' }, refusal: null, after: 'yes no, yes no' },
  { what: 'effect at the next boot', quirks: { addTakesEffect: 'next-boot' }, refusal: null, after: 'no yes, no yes' },
  { what: 'a listener', holders: [holder()], refusal: 'inUse', after: 'no no, no no' },
  { what: 'a connection', holders: [holder({ state: 'ESTABLISHED' })], refusal: 'inUse', after: 'no no, no no' },
  { what: 'a TIME_WAIT', holders: [holder({ state: 'TIME_WAIT' })], refusal: 'inUse', after: 'no no, no no' },
  { what: 'a udp socket', holders: [holder({ protocol: 'udp' })], refusal: null, after: 'yes yes, yes yes' },
  {
    what: 'an IPv6 listener, one list',
    holders: [holder({ families: ['ipv6'] })],
    refusal: 'inUse',
    after: 'no no, no no',
  },
  {
    what: 'an IPv6 listener, two lists',
    holders: [holder({ families: ['ipv6'] })],
    quirks: { oneList: false },
    refusal: null,
    after: 'yes yes, no no',
  },
  { what: 'the same row', exclusions: [row(9933, 1)], refusal: 'inUse', after: 'yes yes, yes yes' },
  {
    what: 'the same row, said otherwise',
    exclusions: [row(9933, 1)],
    quirks: { duplicateAdd: 'exists' },
    refusal: 'exists',
    after: 'yes yes, yes yes',
  },
  {
    what: 'the same row, taken silently',
    exclusions: [row(9933, 1)],
    quirks: { duplicateAdd: 'ok' },
    refusal: null,
    after: 'yes yes, yes yes',
  },
  {
    what: 'an overlapping row',
    exclusions: [row(9900, 100)],
    quirks: { duplicateAdd: 'ok' },
    refusal: 'inUse',
    after: 'no no, no no',
  },
  {
    what: 'a row without star',
    exclusions: [row(9933, 1, { administered: false, stores: ['active'] })],
    refusal: 'inUse',
    after: 'yes no, yes no',
  },
  {
    what: 'persistent over active',
    exclusions: [row(9933, 1, { stores: ['active'] })],
    refusal: null,
    after: 'yes yes, yes yes',
  },
  {
    what: 'persistent over active, refused',
    exclusions: [row(9933, 1, { stores: ['active'] })],
    quirks: { addPersistentOverActive: 'refused' },
    refusal: 'inUse',
    after: 'yes no, yes no',
  },
  {
    what: 'persistent over active, in use',
    exclusions: [row(9933, 1, { stores: ['active'] })],
    holders: [holder()],
    refusal: 'inUse',
    after: 'yes no, yes no',
  },
  {
    what: 'persistent over active, in use too',
    exclusions: [row(9933, 1, { stores: ['active'] })],
    holders: [holder()],
    quirks: { addPersistentOverActive: 'in-use-too' },
    refusal: null,
    after: 'yes yes, yes yes',
  },
  {
    what: 'active beside persistent',
    exclusions: [row(9933, 1, { stores: ['persistent'] })],
    ask: { store: 'active' },
    refusal: null,
    after: 'yes yes, yes yes',
  },
  {
    what: 'active beside persistent, refused',
    exclusions: [row(9933, 1, { stores: ['persistent'] })],
    quirks: { addActiveOverPersistent: 'refused' },
    ask: { store: 'active' },
    refusal: 'inUse',
    after: 'no yes, no yes',
  },
  { what: 'a refused family', quirks: { refuseAdd: 'ipv4' }, refusal: 'inUse', after: 'no no, no no' },
  { what: 'the other family refused', quirks: { refuseAdd: 'ipv6' }, refusal: null, after: 'yes yes, yes yes' },
  { what: 'port 0', ask: { firstPort: 0 }, refusal: 'invalidParameter', after: 'no no, no no' },
  {
    what: 'a range past the end',
    ask: { firstPort: 65535, portCount: 2 },
    refusal: 'invalidParameter',
    after: 'no no, no no',
  },
  { what: 'no ports at all', ask: { portCount: 0 }, refusal: 'invalidParameter', after: 'no no, no no' },
];

describe('addExclusion', () => {
  it.each(addCases)('$what: $refusal', ({ exclusions = [], holders = [], quirks = {}, ask, refusal, after }) => {
    const machine = bareMachine({ exclusions, holders }, quirks);
    expect(addExclusion(machine, request(ask))).toBe(refusal);
    expect(where(machine)).toBe(after);
  });

  it('keeps rows sorted by port', () => {
    const machine = bareMachine({ exclusions: [row(50000, 60), row(80, 1)] });
    addExclusion(machine, request());
    expect(machine.exclusions.tcp.ipv4.active.map((one) => one.range.firstPort)).toEqual([80, 9933, 50000]);
  });
});

describe('deleteExclusion', () => {
  it.each([
    ['the row, both stores', row(9933, 1), {}, {}, null, 'no no, no no'],
    ['only from the active store', row(9933, 1), { store: 'active' }, {}, null, 'no yes, no yes'],
    ['another count', row(9933, 1), { portCount: 2 }, {}, 'fileNotFound', 'yes yes, yes yes'],
    ['part of a wider row', row(9933, 67), {}, {}, 'fileNotFound', 'yes yes, yes yes'],
    ['an active row by default', row(9933, 1, { stores: ['active'] }), {}, {}, 'fileNotFound', 'yes no, yes no'],
    [
      'a row without star',
      row(9933, 1, { administered: false, stores: ['active'] }),
      {},
      {},
      'accessDenied',
      'yes no, yes no',
    ],
    [
      'a row without star, active',
      row(9933, 1, { administered: false, stores: ['active'] }),
      { store: 'active' },
      {},
      'accessDenied',
      'yes no, yes no',
    ],
    ['effect at the next boot', row(9933, 1), {}, { deletePersistentKeepsActive: true }, null, 'yes no, yes no'],
    ['one of two lists', row(9933, 1), {}, { oneList: false }, null, 'no no, yes yes'],
    ['a count past the end', row(9933, 1), { portCount: 60000 }, {}, 'invalidParameter', 'yes yes, yes yes'],
  ] as const)('%s', (_what, exclusion, ask, quirks, refusal, after) => {
    const machine = bareMachine({ exclusions: [exclusion] }, quirks);
    expect(deleteExclusion(machine, request(ask))).toBe(refusal);
    expect(where(machine)).toBe(after);
  });
});

describe('setDynamicRange', () => {
  it.each([
    [6005, 59530, null],
    [49152, 16384, null],
    [10000, 254, 'invalidParameter'],
    [10000, 255, null],
    [1024, 64512, null],
    [1023, 64513, 'invalidParameter'],
    [49153, 16384, 'invalidParameter'],
  ] as const)('start %i, count %i: %s', (firstPort, portCount, refusal) => {
    const machine = bareMachine();
    const before = structuredClone(machine.dynamic);
    expect(setDynamicRange(machine, { family: 'ipv6', protocol: 'udp', firstPort, portCount })).toBe(refusal);
    const expected = refusal === null ? { firstPort, portCount } : before.ipv6.udp;
    expect(machine.dynamic).toEqual({ ...before, ipv6: { ...before.ipv6, udp: expected } });
  });
});

const anyRequest: fc.Arbitrary<ExclusionRequest> = fc.record({
  family: fc.constantFrom(...families),
  protocol: fc.constantFrom(...protocols),
  firstPort: fc.integer({ min: 1, max: highestPort }),
  portCount: fc.integer({ min: 1, max: 300 }),
  store: fc.constantFrom('active' as const, 'persistent' as const),
});

const anyQuirks = fc.record({
  oneList: fc.boolean(),
  duplicateAdd: fc.constantFrom('in-use' as const, 'exists' as const, 'ok' as const),
  addPersistentOverActive: fc.constantFrom('ok' as const, 'refused' as const),
  addActiveOverPersistent: fc.constantFrom('ok' as const, 'refused' as const),
});

describe('properties', () => {
  it('an add and its delete leave the machine as it was', () => {
    fc.assert(
      fc.property(anyRequest, anyQuirks, (ask, quirks) => {
        const machine = bareMachine({ exclusions: [row(9900, 10), row(50000, 60)], holders: [holder()] }, quirks);
        const before = captureState(machine);
        const isThere = machine.exclusions[ask.protocol][ask.family].active.some(
          (one) => one.range.firstPort === ask.firstPort && one.range.portCount === ask.portCount,
        );
        fc.pre(!isThere);
        const refusal = addExclusion(machine, ask);
        if (refusal === null) {
          expect(captureState(machine)).not.toEqual(before);
          expect(deleteExclusion(machine, ask)).toBeNull();
        }
        expect(captureState(machine)).toEqual(before);
      }),
    );
  });

  it('a reboot makes the stores agree on starred rows, and a second one changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), anyRequest), { maxLength: 12 }), anyQuirks, (asks, quirks) => {
        const held = row(40000, 100, { administered: false, stores: ['active'] });
        const machine = bareMachine({ exclusions: [held] }, quirks);
        for (const [isAdd, ask] of asks) (isAdd ? addExclusion : deleteExclusion)(machine, ask);
        reboot(machine);
        for (const family of families) {
          const { active, persistent } = machine.exclusions.tcp[family];
          expect(active.filter((one) => one.administered)).toEqual(persistent);
          expect(active.filter((one) => !one.administered)).toHaveLength(1);
        }
        const once = captureState(machine);
        reboot(machine);
        expect(captureState(machine)).toEqual(once);
      }),
    );
  });

  it('with one list both families always agree', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), anyRequest), { maxLength: 12 }), (asks) => {
        const machine = bareMachine();
        for (const [isAdd, ask] of asks) (isAdd ? addExclusion : deleteExclusion)(machine, ask);
        for (const protocol of protocols) {
          expect(machine.exclusions[protocol].ipv4).toEqual(machine.exclusions[protocol].ipv6);
        }
      }),
    );
  });
});
