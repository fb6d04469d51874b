// A rehearsal of a plan whose hosts get a guard: machines act by themselves while time passes, and a guard that is left is no restored host.
import { expect, test } from 'vitest';
import { assumedPaces, type Paces } from '../../../src/model/headline/paces.ts';
import { rehearsePlan } from '../../../src/workflows/rehearse/rehearse-plan.ts';
import type { MishapLevel } from '../../../src/model/rehearsal.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { planMemory, policyOf } from '../../support/memory-run.ts';

const operator = { user: 'ops', machine: 'jump', processId: 1, toolVersion: '0.1.0' };
const withinMs = 600_000;

async function rehearse(by: 'run' | 'person', mishaps: MishapLevel, paces: Paces = assumedPaces) {
  const fleet = memoryFleet([memoryMachine('ex01', { imap: 'running' }), memoryMachine('ex02')]);
  const plan = await planMemory(fleet, undefined, policyOf({ confirm: { withinMs, by } }));
  const signal = new AbortController().signal;
  return rehearsePlan({ plan, digest: 'd', mishaps, seed: 1, paces }, { operator, signal });
}

test.each(['run', 'person'] as const)(
  'by %s: changed as planned, and no guard is left behind in any night',
  async (by) => {
    const { nights, isGood } = await rehearse(by, 'worst');
    expect(nights[0]?.counts).toEqual({ changed: 2 });
    expect(nights.map((one) => one.rollback.notRestored)).toEqual(nights.map(() => []));
    expect(isGood).toBe(true);
  },
);

test('a host that is too slow for its guard is not said to be changed', async () => {
  const paces = { ...assumedPaces, usualMs: { ...assumedPaces.usualMs, verify: withinMs + 60_000 } };
  const { nights, isGood } = await rehearse('run', 'none', paces);
  expect(nights[0]?.counts.changed).toBeUndefined();
  expect(isGood).toBe(false);
});
