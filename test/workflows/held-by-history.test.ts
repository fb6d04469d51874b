// What is held of each host once a run's journal is read for a rollback, a resume or a joined run's verdicts, and while it is read: V8 lets the heap
// grow to several times of that before it collects again. V8 is asked to collect, and what stays is divided by the hosts.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { restoreConnection } from '../../src/inventory/saved-connection.ts';
import { createReplay } from '../../src/journal/replay.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { SavedConnection } from '../../src/model/target.ts';
import { createSharing } from '../../src/plan/share-alike.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory } from '../support/memory-run.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const hosts = 2000;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function someRun(): Promise<readonly RunEvent[]> {
  const fleet = memoryFleet([memoryMachine('ex01', { imap: 'running' })]);
  const journal = memoryJournal();
  await applyMemory(fleet, await planMemory(fleet), { journal });
  return journal.events;
}

/** As a journal is read: no event is an object of another. */
function* manyEvents(events: readonly RunEvent[]): Generator<RunEvent> {
  const own = events.filter((event) => 'host' in event);
  const [first] = events;
  if (first?.type === 'run-started') yield first;
  for (let index = 0; index < hosts; index += 1) {
    for (const event of own) yield JSON.parse(JSON.stringify({ ...event, host: `ex${String(index)}` })) as RunEvent;
  }
}

test('of a host that was through, its facts and little more', async () => {
  const events = await someRun();
  const before = heapBytes();
  const [sharing, replay] = [createSharing(), createReplay()];
  for (const event of manyEvents(events)) replay.event(sharing.event(event));
  const read = (heapBytes() - before) / hosts;
  const history = replay.history();
  const told = (heapBytes() - before) / hosts;
  expect(history?.hosts.map((one) => [one.verdict?.verdict, one.steps.length])).toEqual(
    Array.from({ length: hosts }, () => ['changed', 6]),
  );
  // 7.6 and 9.1 kB when none of them was settled.
  expect(read).toBeLessThan(1000);
  expect(told).toBeLessThan(1100);
});

test('of how it is reached, one object of the same shape as that of every other', () => {
  const saved: SavedConnection = {
    address: 'ex01.corp.example',
    port: 5986,
    scheme: 'https',
    path: '/wsman',
    auth: 'kerberos',
    username: 'CORP\\ops',
    caFile: null,
    tlsServerName: null,
    timeouts: { connectMs: 10_000, operationMs: 20_000, requestMs: 30_000, hostMs: 300_000 },
    tls: { fingerprint: null, minVersion: '1.2', validation: 'validate' },
    credential: 'password',
    kerberos: { service: 'HTTP', hostname: null },
  };
  const own = restoreConnection(saved, null);
  const given = Array.from({ length: 2 * hosts }, (_, index) => ({ ...saved, port: index }));
  // V8's own part of the first thousands is not theirs.
  const first = given.map((one) => restoreConnection(one, own));
  const before = heapBytes();
  const restored = given.map((one) => restoreConnection(one, own));
  const bytesEach = (heapBytes() - before) / given.length;
  expect(restored).toEqual(first);
  expect(restored.map((one) => one.port)).toEqual(given.map((one) => one.port));
  // 580 bytes with a shape for each.
  expect(bytesEach).toBeLessThan(300);
});
