// Drift, as verify tells it: hosts that differ or are blocked are news; a fleet as desired, or one that only could not be asked, is not.
import { expect, test } from 'vitest';
import type { FleetPlan, HostPlanState } from '../../../src/model/plan.ts';
import { noteDrift, noteTest, noteWindowMissed } from '../../../src/workflows/notify/other-notes.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { planMemory } from '../../support/memory-run.ts';

const origin = { from: 'operator@jump01', at: '2026-12-06T03:00:00.000Z' };

async function planOf(...states: readonly HostPlanState[]): Promise<FleetPlan> {
  const plan = await planMemory(memoryFleet(states.map((_, index) => memoryMachine(`ex${String(index + 1)}`))));
  return { ...plan, hosts: plan.hosts.map((one, index) => ({ ...one, state: states[index] ?? 'ok' })) };
}

test.each([
  [['ok', 'ok'], null],
  [['ok', 'unreachable'], null],
  [['changes', 'ok'], 'Drift: of 2 hosts, 1 not as desired, 0 blocked'],
  [['blocked'], 'Drift: of 1 host, 0 not as desired, 1 blocked'],
  [['changes', 'blocked', 'unreachable'], 'Drift: of 3 hosts, 1 not as desired, 1 blocked'],
] as const)('%j: %s', async (states, title) => {
  expect(noteDrift(await planOf(...states), '', origin)?.title ?? null).toBe(title);
});

test('each host is named in its group, with the command that shows more', async () => {
  const note = noteDrift(await planOf('changes', 'blocked', 'unreachable'), ' -i fleet.yml', origin);
  expect(note).toMatchObject({
    facts: [
      'playbook: Reserve the Exchange back-end ports',
      'not as desired: ex1',
      'blocked: ex2',
      'could not be checked: ex3',
    ],
    next: 'fencepost plan -i fleet.yml',
  });
});

test('two verifications, two misses and two tests are two notes each', async () => {
  const plan = await planOf('changes');
  const later = { ...origin, at: '2026-12-07T03:00:00.000Z' };
  const keys = [origin, later].flatMap((one) => [
    noteDrift(plan, '', one)?.key,
    noteWindowMissed(plan, 'closed', one).key,
    noteTest('room', one.at, one).key,
  ]);
  expect(new Set(keys).size).toBe(6);
});
