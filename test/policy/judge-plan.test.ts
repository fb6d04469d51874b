// What a policy allows of a plan: each rule alone, all breaches at once, and against counting port by port.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FleetPlan } from '../../src/model/plan.ts';
import { covers, portRange } from '../../src/model/port-range.ts';
import type { Policy } from '../../src/model/strategy.ts';
import { judgePlan, type JudgedPlan } from '../../src/policy/judge-plan.ts';
import type { OperatorPolicy } from '../../src/policy/operator-policy.ts';
import { resolvePolicy } from '../../src/policy/resolve.ts';
import { readYaml } from '../../src/yaml/document.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { backEndPorts, planMemory, policyOf } from '../support/memory-run.ts';

const resolved = (text: string) => resolvePolicy(readYaml(text, 'policy.yml'), (path) => `/etc/${path}`);

function policyFrom(text: string): OperatorPolicy {
  const { value, issues } = resolved(text);
  if (value === null) throw new Error(issues.map((one) => one.message).join('; '));
  return value;
}

const fleet = memoryFleet(['ex01', 'ex02'].map((name) => memoryMachine(name)));
const groups: Readonly<Record<string, string>> = { ex01: 'dag1', ex02: 'dag2' };
const planWith = (policy: Partial<Policy> = {}, group?: (host: string) => string | null): Promise<FleetPlan> =>
  planMemory(fleet, backEndPorts, policyOf(policy), group);

function breaches(text: string, plan: FleetPlan, more: Partial<JudgedPlan> = {}): readonly string[] {
  const judged = { plan, purpose: 'change', variableOf: () => undefined, ...more } as const;
  return judgePlan(policyFrom(text), judged).map((one) => `${one.line}:${one.column} ${one.message}`);
}

const night = { opensAt: '2026-12-05T21:00:00Z', closesAt: '2026-12-06T01:00:00Z' };

test.each([
  { text: 'max_hosts: 2', says: [] },
  { text: 'max_hosts: 1', says: ['1:1 max_hosts: at most 1 host may be changed, the plan changes 2'] },
  { text: 'ports: [9933, 9955]', says: [] },
  { text: 'ports: [9930-9960]', says: [] },
  { text: 'ports: [9933]', says: ['1:1 ports: tcp 9955 may not be touched'] },
  { text: 'services: [msexchangeimap4be, MSExchangePOP3BE]', says: [] },
  {
    text: 'services: []',
    says: ['1:1 services: MSExchangeIMAP4BE, MSExchangePOP3BE may not be restarted'],
  },
  {
    text: 'windows: [{ opens: 2026-12-05T22:00:00+01:00, closes: 2026-12-06T02:00:00+01:00 }]',
    window: night,
    says: [],
  },
  {
    text: 'windows: [{ opens: 2026-12-05T22:00:01+01:00, closes: 2026-12-07T02:00:00+01:00 }]',
    window: night,
    says: [`1:1 windows: the plan's window ${night.opensAt} to ${night.closesAt} lies in none of them`],
  },
  {
    text: 'windows: [{ opens: 2026-12-05T22:00:00+01:00, closes: 2026-12-06T02:00:00+01:00 }]',
    says: ['1:1 windows: the plan needs a change window and has none'],
  },
  {
    text: 'one_at_a_time_by: dag',
    says: ["1:1 one_at_a_time_by: expected dag in the plan's strategy, found nothing"],
  },
  {
    text: '# all of it\nmax_hosts: 1\nports: [1]\nservices: []',
    says: [
      expect.stringMatching(/^2:1 max_hosts/),
      expect.stringMatching(/^3:1 ports/),
      expect.stringMatching(/^4:1 serv/),
    ],
  },
])('$text', async ({ text, window = null, says }) => {
  expect(breaches(text, await planWith({ window }))).toEqual(says);
});

test('a comparison is held to what is desired, not to what a run may do', async () => {
  const plan = await planWith();
  const text = 'max_hosts: 1\nwindows: [{ opens: 2026-12-05T22:00:00Z, closes: 2026-12-06T02:00:00Z }]\nports: [9933]';
  expect(breaches(text, plan, { purpose: 'compare' })).toEqual(['3:1 ports: tcp 9955 may not be touched']);
});

test('a plan whose groups are not those of the inventory is told host by host', async () => {
  const plan = await planWith({}, (host) => (host === 'ex01' ? null : 'dag2'));
  const variableOf = (host: string): string | null => groups[host] ?? null;
  expect(breaches('one_at_a_time_by: group', plan, { variableOf })).toEqual([
    '1:1 one_at_a_time_by: ex01 is in dag1, in the plan in none',
  ]);
  expect(breaches('one_at_a_time_by: group', await planWith({}, variableOf), { variableOf })).toEqual([]);
  // Not in the inventory: the plan's word is all there is.
  expect(breaches('one_at_a_time_by: group', plan)).toEqual([]);
});

test('a range is allowed exactly when each of its ports is, by whichever rule', async () => {
  const plan = await planWith();
  const range = fc
    .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 6 }))
    .map(([first, count]) => portRange(first, count));
  fc.assert(
    fc.property(range, fc.array(range, { minLength: 1, maxLength: 6 }), (asked, allowed) => {
      const [first] = backEndPorts.exclusions;
      if (first === undefined) throw new Error('no exclusion');
      const desired = { exclusions: [{ ...first, range: asked }], whenHeldByOwnService: 'block' } as const;
      const own = { ...plan, hosts: plan.hosts.map((one) => ({ ...one, desired })) };
      const lines = allowed.map((one) => `${one.firstPort}-${one.firstPort + one.portCount - 1}`);
      const isAllowed = Array.from({ length: asked.portCount }, (_, at) => portRange(asked.firstPort + at)).every(
        (port) => allowed.some((one) => covers(one, port)),
      );
      expect(breaches(`ports: [${lines.join(', ')}]`, own).length === 0).toBe(isAllowed);
    }),
  );
});

test.each([
  { text: 'max_host: 3', says: ['1:1 max_host: unknown key (did you mean "max_hosts"?)'] },
  { text: '{}', says: [expect.stringMatching(/expected at least one rule/)] },
  { text: '', says: [expect.stringMatching(/expected a mapping with rules/)] },
  {
    text: 'ports: [9940-9930, 70000]\nmax_hosts: 0',
    says: [
      expect.stringMatching(/^1:20 ports\[1\]: expected a port/),
      expect.stringMatching(/^2:12 max_hosts: expected/),
    ],
  },
  { text: 'ports: [9940-9930]', says: ['1:9 ports[0]: a range must not go backwards, got 9940-9930'] },
  {
    text: 'windows: [{ opens: 2026-12-05T22:00:00Z, closes: 2026-12-05T21:00:00Z }]',
    says: [expect.stringMatching(/^1:\d+ windows\[0\]\.closes: the window closes/)],
  },
  { text: 'approvals: { required: 2 }', says: [expect.stringMatching(/approvals\.signers: missing/)] },
  { text: 'policy: { command: [] }', says: [expect.stringMatching(/policy\.command: expected a program/)] },
])('refused: $text', ({ text, says }) => {
  const { value, issues } = resolved(text);
  expect([value, issues.map((one) => `${one.line}:${one.column} ${one.message}`)]).toEqual([null, says]);
});

test('a dynamic range is bounded by the ports that may be touched', async () => {
  const dynamicRange = { protocol: 'tcp', families: ['ipv4'], range: portRange(6005, 59530) } as const;
  const plan = await planMemory(fleet, { ...backEndPorts, dynamicRange });
  expect(breaches('ports: [9933, 9955]', plan)).toEqual([
    '1:1 ports: the tcp dynamic range 6005-65534 may not be touched',
  ]);
  expect(breaches('ports: [6005-65534]', plan)).toEqual([]);
});

test('a path in a policy is relative to the policy', () => {
  expect(policyFrom('approvals: { required: 2, signers: signers, not_by: planner }').approvals).toEqual({
    rule: { required: 2, notBy: 'planner' },
    signers: '/etc/signers',
  });
});
