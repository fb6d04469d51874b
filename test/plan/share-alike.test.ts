// Sharing changes nothing that a plan says, and makes one object of what two hosts have alike.
import { expect, test } from 'vitest';
import { createSharing } from '../../src/plan/share-alike.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { planMemory } from '../support/memory-run.ts';

const plan = await planMemory(
  memoryFleet([
    memoryMachine('ex01', { imap: 'running' }),
    memoryMachine('ex02', { imap: 'running' }),
    memoryMachine('ex03'),
  ]),
);

test('every host says the same as before, to the letter', () => {
  const sharing = createSharing();
  expect(plan.hosts.map((host) => JSON.stringify(sharing.plan(host)))).toEqual(
    plan.hosts.map((host) => JSON.stringify(host)),
  );
});

test('equal steps, wishes and tables of two hosts are the same objects', () => {
  const sharing = createSharing();
  const [first, second] = structuredClone(plan.hosts).map((host) => sharing.plan(host));
  expect(first?.steps).not.toEqual([]);
  expect(second?.steps).toBe(first?.steps);
  expect(second?.desired).toBe(first?.desired);
  expect(second?.connection.timeouts).toBe(first?.connection.timeouts);
  expect(second?.facts?.state).toBe(first?.facts?.state);
});
