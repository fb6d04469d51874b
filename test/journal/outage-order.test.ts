// The intent of an outage's line names its steps: a journal that names others than the plan's steps make an outage of is damaged.
import { expect, test } from 'vitest';
import { createEventParser, followChain } from '../../src/journal/chain.ts';
import { savedEvent } from '../../src/journal/saved-event.ts';
import { forgeJournal, type Json } from '../support/forge.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory } from '../support/memory-run.ts';

interface Intent {
  readonly type: string;
  readonly outage?: { readonly boundMs: number; readonly then: readonly { readonly step: number }[] };
}

const fleet = memoryFleet([memoryMachine('ex01', { imap: 'running' })]);
const journal = memoryJournal();
await applyMemory(fleet, await planMemory(fleet), { journal });
const honest = journal.events.map((event) => JSON.parse(JSON.stringify(savedEvent(event))) as Json);

function damageOf(change: (outage: NonNullable<Intent['outage']>) => unknown): string | null {
  const events = honest.map((event) => {
    const { outage } = event as unknown as Intent;
    return outage === undefined ? event : ({ ...(event as object), outage: change(outage) } as unknown as Json);
  });
  const reader = followChain(createEventParser(), () => undefined);
  reader.take(Buffer.from(forgeJournal(events)));
  return reader.end().damage?.problem ?? null;
}

test('an outage as it was written is read', () => {
  expect(honest.filter((one) => (one as unknown as Intent).outage !== undefined)).toHaveLength(1);
  expect(damageOf((outage) => outage)).toBeNull();
});

test.each([
  ['without its start', 0, -1],
  ['without its first range', 1, undefined],
  ['with the start alone', -1, undefined],
])('an outage %s is damage', (_, from, to) => {
  expect(damageOf((outage) => ({ ...outage, then: outage.then.slice(from, to) }))).toContain('begins no such outage');
});

test('an outage that would be waited for longer than a shell lives is damage', () => {
  const bounded = (boundMs: number) => damageOf((outage) => ({ ...outage, boundMs }));
  expect([420_000, 600_000, 900_000].map(bounded)).toEqual([null, null, null]);
  expect(bounded(900_001)).not.toBeNull();
});

test('an outage in another order, or with a step that is not its own, is damage', () => {
  expect(damageOf((outage) => ({ ...outage, then: outage.then.toReversed() }))).toContain('begins no such outage');
  const foreign = (step: number) =>
    damageOf((outage) => ({ ...outage, then: [...outage.then, { step, before: null }] }));
  expect(foreign(5)).not.toBeNull();
  expect(foreign(99)).not.toBeNull();
});
