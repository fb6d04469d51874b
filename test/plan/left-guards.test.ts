// The guard of another run on a host: it blocks a change, is told where nothing is to be changed, and is no business of the run that
// deals with it itself.
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../src/model/facts.ts';
import { nameGuard } from '../../src/model/rules/guard.ts';
import { describeGuards } from '../../src/model/rules/left-guards.ts';
import type { HostPlan } from '../../src/model/plan.ts';
import { guardPlan, withLeftGuards } from '../../src/plan/guarded-plan.ts';
import { compareWithPlan } from '../../src/run/hosts/compare-with-plan.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { backEndPorts, planMemory, policyOf } from '../support/memory-run.ts';

const other = nameGuard('20261127-2200-ab12');
const own = nameGuard('a-run');
const confirmed = policyOf({ confirm: { withinMs: 900_000, by: 'run' } });

async function planHost(guards: HostFacts['guards'], more: Partial<HostPlan> = {}): Promise<HostPlan> {
  const fleet = memoryFleet([memoryMachine('ex01', { imap: 'running' })]);
  const [plan] = (await planMemory(fleet, backEndPorts)).hosts;
  if (plan === undefined || plan.facts === null) throw new Error('no plan');
  return { ...plan, facts: { ...plan.facts, guards }, ...more };
}

const told = ({ state, steps, findings }: HostPlan): unknown => [
  state,
  steps.length > 0,
  findings.filter(({ code }) => code.startsWith('guard')).map(({ severity, code }) => `${severity} ${code}`),
];

describe('a change', () => {
  test.each([
    ['none left', [], policyOf({}), ['changes', true, []]],
    ['not asked, as in facts of before', undefined, policyOf({}), ['changes', true, []]],
    ['one left', [other], policyOf({}), ['blocked', false, ['blocker guard-left']]],
    ['one left, in a playbook with confirm', [other], confirmed, ['blocked', false, ['blocker guard-left']]],
    ['not known', null, policyOf({}), ['changes', true, ['warning guards-not-known']]],
    ['not known, in a playbook with confirm', null, confirmed, ['blocked', false, ['blocker guards-not-known']]],
  ])('%s', async (_, guards, policy, expected) => {
    expect(told(guardPlan(await planHost(guards), policy))).toEqual(expected);
  });

  test('its own run calls its own guard off, whatever the letters', async () => {
    const plan = await planHost([own.toUpperCase()]);
    expect(told(withLeftGuards(plan, { own }))).toEqual(['changes', true, []]);
    const both = await planHost([own, other]);
    expect(told(withLeftGuards(both, { own }))).toEqual(['blocked', false, ['blocker guard-left']]);
  });

  test('an account without rights has one finding for one cause', async () => {
    const plan = await planHost(null);
    const facts = { ...plan.facts, rights: 'plain' } as HostFacts;
    expect(told(guardPlan({ ...plan, facts }, policyOf({})))).toEqual(['changes', true, []]);
  });
});

test.each([
  ['one left', [other], ['warning guard-left']],
  ['not known', null, ['info guards-not-known']],
] as const)('where nothing is to be changed, it is told: %s', async (_, guards, expected) => {
  const plan = await planHost(guards, { state: 'ok', steps: [] });
  expect(told(guardPlan(plan, confirmed))).toEqual(['ok', false, expected]);
});

describe('between plan and apply', () => {
  test.each([
    ['appears', [], [other], 'run/stale'],
    ['appears where it was not known', null, [other], 'run/stale'],
    ['is known to be none', null, [], undefined],
    ['is not known any more', [], null, undefined],
    ['was not asked for by an older plan', undefined, [], undefined],
  ])('a guard that %s', async (_, planned, now, code) => {
    const plan = await planHost(planned);
    const facts = { ...plan.facts, guards: now } as HostFacts;
    const differs = compareWithPlan(plan, facts);
    expect(differs?.code).toBe(code);
    if (code !== undefined) expect([differs?.message, differs?.hint].join()).toContain('20261127-2200-ab12');
  });
});

test('says which runs, and a command that is safe to type', () => {
  expect(describeGuards([])).toBeNull();
  expect(describeGuards([other])).toEqual({
    sentence:
      'the guard of run 20261127-2200-ab12 is on this host: it undoes what that run changed unless it is called off',
    hint: 'keep what that run changed: fencepost confirm 20261127-2200-ab12; or delete the guard: fencepost guards clean',
  });
  const many = ['a1', 'a2', 'a3', 'a4', 'a5'].map(nameGuard);
  expect(describeGuards(many)?.sentence).toContain('a1, a2, a3 and 2 more are on this host');
  expect(describeGuards(['\\Fencepost\\--limit all & del'])?.hint).toBe('delete the guard: fencepost guards clean');
});
