// A plan is data: whatever a forger writes into one, with its digest made again, it is refused, or means what planning makes of it.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FleetPlan } from '../../src/model/plan.ts';
import { Failure } from '../../src/model/failure.ts';
import { portRange } from '../../src/model/port-range.ts';
import { savedHost, writePlanFile } from '../../src/plan/plan-file.ts';
import { forgePlan, foreignLines, mutate, type Json } from '../support/forge.ts';
import { amount } from '../support/amount.ts';
import { lost, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { planMemory } from '../support/memory-run.ts';
import { readPlanText } from '../support/read-plan.ts';

const mutants = Number(process.env['FENCEPOST_MUTANTS'] ?? amount({ share: 240, ci: 2000 })) / 2;

const foreign = { range: portRange(9933), protocol: 'tcp', administered: false, stores: ['active'] } as const;
const fleet = memoryFleet(
  [
    memoryMachine('ex01', { imap: 'running' }),
    memoryMachine('blocked', { exclusions: [{ ...foreign, families: ['ipv4'] }] }),
    memoryMachine('gone'),
  ],
  { trouble: ({ host }) => (host === 'gone' ? { at: 'before', failure: lost('none') } : null) },
);
const plan = await planMemory(fleet);
const honest = JSON.parse(JSON.stringify({ ...plan, hosts: plan.hosts.map(savedHost) })) as Json;

/** A host of the plan, a step of the first host, as loose data to forge. */
type Loose = { [key: string]: Json };
interface Forging {
  readonly plan: Loose;
  readonly hosts: Loose[];
  readonly host: Loose;
  readonly blocked: Loose;
  readonly steps: Loose[];
}

function forging(change: (of: Forging) => void): string {
  const copy = structuredClone(honest) as Loose;
  const hosts = copy['hosts'] as Loose[];
  const [host = {}, blocked = {}] = hosts;
  change({ plan: copy, hosts, host, blocked, steps: host['steps'] as Loose[] });
  return forgePlan(copy);
}

function stepOf(steps: readonly Loose[], kind: string): Loose {
  const found = steps.find((one) => one['kind'] === kind);
  if (found === undefined) throw new Error(`no ${kind} step`);
  return found;
}

const backdoor = 'net user backdoor P4ss /add';

test('the fleet has what the forgeries need, and its plan is read, as written and forged alike', () => {
  expect(plan.hosts.map((one) => one.state)).toEqual(['changes', 'blocked', 'unreachable']);
  expect(plan.hosts[0]?.steps.map((one) => one.kind)).toContain('service');
  const read = readPlanText(forgePlan(honest), 'p');
  expect(read).toEqual({ plan, digest: writePlanFile(plan).digest });
});

test('holds no command and no sentence of a step', () => {
  const steps = JSON.stringify(plan.hosts.map((one) => savedHost(one).steps));
  expect(steps).not.toMatch(/netsh|sc stop|sc start|reserve |which holds/);
});

const forgeries: readonly (readonly [string, (of: Forging) => void])[] = [
  ['a command in a step', ({ steps }) => Object.assign(steps[0] ?? {}, { commands: [{ line: backdoor }] })],
  ['the line of a service step', ({ steps }) => Object.assign(stepOf(steps, 'service'), { line: backdoor })],
  ['the undo of a step', ({ steps }) => Object.assign(steps[0] ?? {}, { undo: [] })],
  ['the sentence of a step', ({ steps }) => Object.assign(steps[0] ?? {}, { sentence: 'nothing' })],
  [
    'a command in the name of a service',
    ({ steps }) => Object.assign(stepOf(steps, 'service'), { service: `x & ${backdoor}` }),
  ],
  [
    'another service stopped',
    ({ steps }) => Object.assign(stepOf(steps, 'service'), { service: 'MSExchangeTransport' }),
  ],
  ['a stop that is a start', ({ steps }) => Object.assign(stepOf(steps, 'service'), { verb: 'start' })],
  ['a stop for no range', ({ steps }) => Object.assign(stepOf(steps, 'service'), { ranges: [] })],
  ['no port to listen on again', ({ steps }) => Object.assign(stepOf(steps, 'service'), { listensOn: [] })],
  [
    'another port',
    ({ steps }) => Object.assign(stepOf(steps, 'exclusion'), { range: { firstPort: 25, portCount: 1 } }),
  ],
  [
    'a wider range',
    ({ steps }) => Object.assign(stepOf(steps, 'exclusion'), { range: { firstPort: 1, portCount: 65_535 } }),
  ],
  [
    'a range beyond the last port',
    ({ steps }) => Object.assign(stepOf(steps, 'exclusion'), { range: { firstPort: 65_535, portCount: 2 } }),
  ],
  [
    'half a port',
    ({ steps }) => Object.assign(stepOf(steps, 'exclusion'), { range: { firstPort: 9933.5, portCount: 1 } }),
  ],
  [
    'a port as text',
    ({ steps }) => Object.assign(stepOf(steps, 'exclusion'), { range: { firstPort: '9933', portCount: 1 } }),
  ],
  ['another family', ({ steps }) => Object.assign(stepOf(steps, 'exclusion'), { family: 'ipv4 & calc' })],
  ['another protocol', ({ steps }) => Object.assign(stepOf(steps, 'exclusion'), { protocol: 'udp' })],
  [
    'a goal that deletes',
    ({ steps }) => Object.assign(stepOf(steps, 'exclusion'), { after: { active: false, persistent: false } }),
  ],
  [
    'another state before',
    ({ steps }) => Object.assign(stepOf(steps, 'exclusion'), { before: { active: true, persistent: false } }),
  ],
  ['a step that undoes nothing of this', ({ steps }) => Object.assign(steps[0] ?? {}, { undoes: true })],
  ['a step number twice', ({ steps }) => Object.assign(steps[1] ?? {}, { number: 1 })],
  ['the steps in another order', ({ steps }) => void steps.reverse()],
  ['a step less', ({ steps }) => void steps.pop()],
  ['a step twice', ({ steps }) => void steps.push(structuredClone(steps[0] ?? {}))],
  ['no steps', ({ host }) => void (host['steps'] = [])],
  ['steps that are no list', ({ host }) => void (host['steps'] = { length: 3 })],
  [
    'a blocked host to be changed',
    ({ host, blocked }) => Object.assign(blocked, { state: 'changes', steps: host['steps'] ?? [] }),
  ],
  ['a blocked host without its blocker', ({ blocked }) => void (blocked['findings'] = [])],
  ['a host to be changed that is called unchanged', ({ host }) => Object.assign(host, { state: 'ok', steps: [] })],
  [
    'a finding of the forger',
    ({ host }) =>
      void (host['findings'] = [
        { severity: 'info', code: 'held-by-stranger', sentence: 'all is well', hint: backdoor },
      ]),
  ],
  [
    'the sentence of a finding',
    ({ blocked }) => Object.assign((blocked['findings'] as Loose[])[0] ?? {}, { sentence: 'all is well' }),
  ],
  ['another fingerprint', ({ host }) => void (host['fingerprint'] = 'f'.repeat(64))],
  ['no fingerprint', ({ host }) => void (host['fingerprint'] = null)],
  ['another Windows', ({ host }) => Object.assign(host['windows'] ?? {}, { major: 6 })],
  ['no Exchange', ({ host }) => void (host['exchange'] = null)],
  ['no facts', ({ host }) => void (host['facts'] = null)],
  ['facts that are no facts', ({ host }) => void (host['facts'] = { state: {} })],
  ['a failure of a host that answered', ({ host, hosts }) => void (host['failure'] = hosts[2]?.['failure'] ?? null)],
  ['another code of a failure', ({ hosts }) => Object.assign(hosts[2]?.['failure'] ?? {}, { code: 'all/well' })],
  [
    'an unreachable host to be changed',
    ({ host, hosts }) => Object.assign(hosts[2] ?? {}, { state: 'changes', steps: host['steps'] ?? [] }),
  ],
  ['other wishes than the steps', ({ host }) => Object.assign(host['desired'] ?? {}, { exclusions: [] })],
  ['a host twice', ({ hosts, host }) => void hosts.push(structuredClone(host))],
  ['a host that is null', ({ hosts }) => void (hosts as Json[]).push(null)],
  ['an unknown key of the plan', ({ plan: whole }) => void (whole['script'] = backdoor)],
  ['an unknown key of a host', ({ host }) => void (host['script'] = backdoor)],
  [
    'no host at the same time',
    ({ plan: whole }) => Object.assign((whole['policy'] as Loose)['strategy'] ?? {}, { concurrency: 0 }),
  ],
  [
    'a window without end',
    ({ plan: whole }) => Object.assign(whole['policy'] ?? {}, { window: { opensAt: 'now', closesAt: 'never' } }),
  ],
  [
    'a failure policy of the forger',
    ({ plan: whole }) => Object.assign(whole['policy'] ?? {}, { onFailure: 'ignore' }),
  ],
];

describe('forged, with its digest made again, it is refused:', () => {
  test.each(forgeries)('%s', (_, change) => {
    const forged = forging(change);
    expect(forged).not.toBe(forgePlan(honest));
    for (const text of [forged, JSON.stringify(JSON.parse(forged), null, 2)]) {
      expect(() => readPlanText(text, 'p')).toThrow(
        expect.objectContaining({ code: 'plan/damaged', where: 'p' }) as Error,
      );
    }
  });

  test('a command as the service of a wish, whatever the steps are', () => {
    const text = forging(({ host }) => {
      for (const one of (host['desired'] as { exclusions: Loose[] }).exclusions) one['service'] = `x&${backdoor}`;
    });
    expect(() => readPlanText(text, 'p')).toThrow('expected the short name of a service');
  });

  test.each(['__proto__', 'constructor', 'toString'])('a key called %s', (key) => {
    for (const place of ['"kind":"exclusion"', '"target":"ex01"', '"onFailure":', '"createdAt":']) {
      const json = JSON.stringify(honest).replace(place, `"${key}":{"state":"ok"},${place}`);
      const text = forgePlan(JSON.parse(json) as Json);
      expect(text).toContain(key);
      expect(() => readPlanText(text, 'p')).toThrow(expect.objectContaining({ code: 'plan/damaged' }) as Error);
    }
  });

  test('a key that is there twice, of which only the second is read', () => {
    const text = forgePlan(honest).replace('"state":"changes"', '"state":"ok","state":"changes"');
    expect(() => readPlanText(withDigestOfText(text), 'p')).toThrow('not written as Fencepost writes it');
    const whole = JSON.stringify(JSON.parse(forgePlan(honest)), null, 2);
    const twice = whole.replace('"state": "changes"', '"state": "ok", "state": "changes"');
    expect(() => readPlanText(twice, 'p')).toThrow('a duplicate key');
  });

  test('a plan of an earlier version, which says what to do', () => {
    const thrown = failureIn(forgePlan(honest, 1));
    expect(thrown?.message).toContain('format version 1, of an earlier Fencepost');
    expect(thrown?.hint).toContain('fencepost plan --out');
    expect(failureIn(forgePlan(honest, { toString: 1 }))?.code).toBe('plan/damaged');
  });

  test('what another version would plan otherwise, which names that version', () => {
    const text = forging(({ plan: whole, host }) => {
      whole['toolVersion'] = '0.0.9';
      host['fingerprint'] = 'f'.repeat(64);
    });
    expect(failureIn(text)?.message).toContain('made by Fencepost 0.0.9');
    expect(failureIn(text)?.hint).toContain('with this Fencepost');
  });

  test('JSON nested so deep that it can not be read', () => {
    expect(failureIn('['.repeat(200_000))?.code).toBe('plan/damaged');
    const deep = `{"format":"fencepost-plan","version":2,"digest":"","plan":{"hosts":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    expect(failureIn(deep)?.code).toBe('plan/damaged');
  });
});

/** The digest made again over the text itself, as it is when it is read line by line. */
function withDigestOfText(text: string): string {
  const plan = text.slice(text.indexOf('"plan":') + '"plan":'.length, -2).replaceAll('\n', '');
  const digest = createHash('sha256').update(plan).digest('hex');
  return text.replace(/"digest":"[0-9a-f]{64}"/, `"digest":"${digest}"`);
}

/** Null: it was read. Anything but a Failure is thrown on. */
function failureIn(text: string): Failure | null {
  try {
    readPlanText(text, 'p');
    return null;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
}

/** What an accepted plan may be: exactly what its text says, every command a change of what is desired. */
function expectHarmless(read: FleetPlan, text: string): void {
  const { plan: said } = JSON.parse(text) as { plan: Json };
  expect(isDeepStrictEqual({ ...read, hosts: read.hosts.map(savedHost) }, said)).toBe(true);
  for (const { steps, desired } of read.hosts) expect(foreignLines(steps, desired)).toEqual([]);
}

const strange: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, -1, 0, 1.5, 70_000, 1e400, '', [], {}, `x & ${backdoor}`, 'MSExchangeTransport'),
  fc.integer({ min: 0, max: 65_536 }),
  fc.string(),
);

test('no mutant of a plan is read with another meaning, and none is a bug', () => {
  const counts = { refused: 0, accepted: 0 };
  fc.assert(
    fc.property(
      fc.array(fc.record({ where: fc.nat(), what: fc.nat(), value: strange }), { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      (mutations, laidOut) => {
        const mutant = mutations.reduce(mutate, honest);
        const forged = forgePlan(mutant);
        const text = laidOut ? JSON.stringify(JSON.parse(forged), null, 1) : forged;
        try {
          expectHarmless(readPlanText(text, 'p').plan, text);
          counts.accepted += 1;
        } catch (thrown) {
          if (!(thrown instanceof Failure)) throw thrown;
          expect(thrown.code).toBe('plan/damaged');
          counts.refused += 1;
        }
      },
    ),
    { numRuns: mutants },
  );
  // What stays: names, addresses, times and the like, which mean what they say.
  expect(counts.refused).toBeGreaterThan(counts.accepted);
}, 7_200_000);
