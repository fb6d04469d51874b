// How long changes usually take here: what the newest journals tell, read as far as needed, and never a reason to fail.
import { expect, test } from 'vitest';
import { assumedPaces } from '../../../src/model/headline/paces.ts';
import type { EventOf, RunEvent } from '../../../src/model/outcome.ts';
import { readPaces } from '../../../src/workflows/forecast/read-paces.ts';
import { applyFleet } from '../../support/memory-apply.ts';
import { memoryStore, type SavedRun } from '../../support/memory-store.ts';

const { journal } = await applyFleet({ hosts: 'cc' });

/** A run of so many hosts. */
function runOf(hosts: number): SavedRun {
  const mine = (event: RunEvent): boolean => 'host' in event && event.host === first.host;
  const [head, ...rest] = journal.events;
  const own = rest.filter(mine);
  const events = Array.from({ length: hosts }, () => own).flat();
  return { planText: '', events: head === undefined ? events : [head, ...events] };
}
const first = journal.events.find((one): one is EventOf<'host-started'> => one.type === 'host-started') ?? {
  host: '',
};

function storeOf(runs: readonly (readonly [string, SavedRun])[]) {
  const store = memoryStore({ runs: new Map(runs) });
  const read: string[] = [];
  const spied: Pick<typeof store, 'listRuns' | 'readBeginning' | 'readRun'> = {
    listRuns: () => store.listRuns(),
    readBeginning: (run) => store.readBeginning(run),
    readRun: (run, visit) => {
      read.push(run);
      return store.readRun(run, visit);
    },
  };
  return { spied, read };
}

test('the newest three runs are read, newest first', async () => {
  const { spied, read } = storeOf(['a', 'b', 'c', 'd'].map((run) => [run, runOf(2)]));
  expect((await readPaces(spied)).runs).toBe(3);
  expect(read).toEqual(['d', 'c', 'b']);
});

test('one run of a large fleet is enough', async () => {
  const { spied, read } = storeOf(['a', 'b'].map((run) => [run, runOf(300)]));
  expect((await readPaces(spied)).runs).toBe(1);
  expect(read).toEqual(['b']);
});

test('a store that cannot be read leaves the paces assumed', async () => {
  const { spied } = storeOf([]);
  const broken = { ...spied, listRuns: () => Promise.reject(new Error('gone')) };
  expect(await readPaces(broken)).toEqual(assumedPaces);
  const unread = { ...storeOf([['a', runOf(2)]]).spied, readRun: () => Promise.reject(new Error('gone')) };
  expect(await readPaces(unread)).toEqual(assumedPaces);
});
