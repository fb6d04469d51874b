// The dry run of a saved plan: which of its hosts apply would leave alone as they are now. It asks the hosts to change, and no other.
import { expect, test } from 'vitest';
import { addExclusion } from '../../src/lab/machine/port-table.ts';
import { checkPlan } from '../../src/workflows/check-plan.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { essenceOf, lost, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { applyFleet } from '../support/memory-apply.ts';
import { planMemory } from '../support/memory-run.ts';
import { memorySeams } from '../support/memory-seams.ts';

test('names the hosts that changed since and those that are gone, with what they are now in the plan', async () => {
  const machines = ['ex01', 'ex02', 'ex03'].map((name) => memoryMachine(name));
  const plan = await planMemory(memoryFleet(machines));
  const [first] = machines;
  if (first !== undefined) {
    addExclusion(first, { family: 'ipv4', protocol: 'tcp', firstPort: 9933, portCount: 1, store: 'persistent' });
  }
  const before = machines.map(essenceOf);
  const fleet = memoryFleet(machines, {
    trouble: ({ host }) => (host === 'ex02' ? { at: 'before', failure: lost('none') } : null),
  });
  const seams = memorySeams({ connector: fleet.connector });
  const { notReady, asOfNow } = await checkPlan(plan, makeHostJobs(plan, fleet.targets), seams);
  expect(notReady.map((one) => [one.host, one.state, one.failure?.code ?? null])).toEqual([
    ['ex01', 'stale', null],
    ['ex02', 'unreachable', 'connect/lost'],
  ]);
  expect(asOfNow.hosts.map((one) => [one.target, one.state, one.steps.length > 0])).toEqual([
    ['ex01', 'blocked', false],
    ['ex02', 'unreachable', false],
    ['ex03', 'changes', true],
  ]);
  expect(plan.hosts.map((one) => one.state)).toEqual(['changes', 'changes', 'changes']);
  expect(machines.map(essenceOf)).toEqual(before);
});

test('of a plan whose hosts are as it found them nobody is named; a host without a change is not asked', async () => {
  const { plan, fleet } = await applyFleet({ hosts: 'cob' });
  // Planned again: the first is as desired by now.
  const again = await planMemory(fleet);
  const asked = memoryFleet([...fleet.machines.values()]);
  const seams = memorySeams({ connector: asked.connector });
  expect((await checkPlan(again, makeHostJobs(again, asked.targets), seams)).notReady).toEqual([]);
  expect(asked.requests).toEqual([]);
  expect((await checkPlan(plan, makeHostJobs(plan, asked.targets), seams)).notReady.map((one) => one.host)).toEqual([
    'ex01',
  ]);
  expect(new Set(asked.requests.map((one) => one.host))).toEqual(new Set(['ex01']));
});
