// The documents that are as long as the fleet: the same JSON as in one piece, written so that no piece grows with the fleet.
import { expect, test } from 'vitest';
import type { World } from '../../src/cli/compose.ts';
import { jsonByItem, jsonDocument, jsonDocumentByItem, jsonTexts } from '../../src/cli/json.ts';
import { showPlan } from '../../src/cli/show-plan.ts';
import { digestPlan } from '../../src/plan/plan-file.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { planMemory } from '../support/memory-run.ts';

const machines = ['ex01', 'ex02', 'ex03', 'größer'].map((name) => memoryMachine(name));
const plan = await planMemory(memoryFleet(machines));

/** Only what showing needs. What is as long as the fleet goes part by part to a reader that may be slow. */
async function shown(show: (world: World) => Promise<void>): Promise<readonly string[]> {
  const parts: string[] = [];
  const world = {
    outParts(texts: Iterable<string>) {
      parts.push(...texts);
      return Promise.resolve();
    },
  };
  await show(world as unknown as World);
  return parts;
}

test.each(['plan', 'verify'] as const)('the document %s has a part for each host', async (kind) => {
  const parts = await shown((world) => showPlan(plan, { json: true, verbose: false, notReady: [] }, world, kind));
  const whole = jsonDocument(kind, { digest: digestPlan(plan), ...plan, notReady: [] });
  expect(JSON.parse(parts.join(''))).toEqual(JSON.parse(whole));
  expect(parts.join('').endsWith('}\n')).toBe(true);
  for (const { target } of plan.hosts) {
    expect(parts.filter((part) => part.includes(`"target":"${target}"`))).toHaveLength(1);
  }
  expect(parts.filter((part) => part.includes('"target":'))).toHaveLength(plan.hosts.length);
});

test('a plan for no host is a document as well', async () => {
  const parts = await shown((world) => showPlan({ ...plan, hosts: [] }, { json: true, verbose: false }, world));
  expect(JSON.parse(parts.join(''))).toMatchObject({ schema: 'fencepost/plan', version: 1, hosts: [] });
});

test('schema and version stand first, also where the list is all there is', () => {
  const [head = ''] = jsonDocumentByItem('facts', {}, 'hosts', jsonTexts([]));
  expect(head).toMatch(/^\{ "schema": "fencepost\/facts", "version": 1, "hosts":\[\n$/);
});

test('an object by items is the object', () => {
  for (const list of [[], [1], [{ a: 1 }, { a: [2] }]]) {
    const value = { b: 'x', list, c: null };
    expect(JSON.parse([...jsonByItem(value, 'list')].join(''))).toEqual(value);
    expect([...jsonByItem({ list }, 'list')].join('')).toContain('"list":[');
  }
});
