// A run as the operator's yes starts it: a plan is applied once, one process at a time, and whatever becomes of the run is in its outcome,
// never lost behind a journal that can't be closed or written.
import { describe, expect, test } from 'vitest';
import type { FleetPlan } from '../../src/model/plan.ts';
import { Failure } from '../../src/model/failure.ts';
import { startRun, type RunManners } from '../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import type { Seams } from '../../src/workflows/seams.ts';
import { failureOf } from '../support/failure-of.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { planMemory, policyOf } from '../support/memory-run.ts';
import { memoryLocks, memorySeams } from '../support/memory-seams.ts';
import { memoryStore } from '../support/memory-store.ts';

const manners: RunManners = {
  endsAt: null,
  confirmBatch: () => Promise.resolve(true),
  inventory: ['inventory/other.yml'],
};

async function begin() {
  const machines = [memoryMachine('ex01', { imap: 'running' }), memoryMachine('ex02')];
  const fleet = memoryFleet(machines);
  const plan = await planMemory(fleet, undefined, policyOf({}, { concurrency: 1 }));
  const start = (seams: Seams, what: FleetPlan = plan) =>
    startRun(
      { kind: 'apply', of: null, plan: what, planFile: null, jobs: makeHostJobs(what, fleet.targets) },
      manners,
      seams,
    );
  return { machines, fleet, plan, start };
}

describe('a run', () => {
  test('of a plan that was applied before is refused, leaves nothing behind and touches nothing', async () => {
    const { machines, fleet, start } = await begin();
    const store = memoryStore();
    const { connector } = fleet;
    const first = await start(memorySeams({ connector, store, run: 'first' }));
    expect(first.verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed']);
    const after = machines.map(essenceOf);
    const failure = await failureOf(start(memorySeams({ connector, store, run: 'second' })));
    expect([failure.code, failure.message]).toEqual(['plan/already-applied', expect.stringContaining('first')]);
    expect(await store.listRuns()).toEqual(['first']);
    expect([...store.saved().keys()]).toEqual(['first']);
    expect(machines.map(essenceOf)).toEqual(after);
  });

  test('whose name is held by a live process does not begin', async () => {
    const { machines, fleet, start } = await begin();
    const before = machines.map(essenceOf);
    const locks = memoryLocks(['run a-run']);
    const store = memoryStore();
    const failure = await failureOf(start(memorySeams({ connector: fleet.connector, store, locks })));
    expect(failure.code).toBe('run/host-locked');
    expect([...store.saved().keys()]).toEqual([]);
    expect(machines.map(essenceOf)).toEqual(before);
  });

  test('whose journal cannot be closed has its verdicts all the same, and that is told', async () => {
    const { fleet, start } = await begin();
    const inner = memorySeams({ connector: fleet.connector });
    const unclosable = new Failure('journal/unwritable', 'the disk is gone');
    const seams: Seams = {
      ...inner,
      store: {
        ...inner.store,
        createRun: async (run, text) => ({
          ...(await inner.store.createRun(run, text)),
          close: () => Promise.reject(unclosable),
        }),
      },
    };
    const outcome = await start(seams);
    expect([outcome.failure, outcome.verdicts.map((one) => one.verdict)]).toEqual([null, ['changed', 'changed']]);
    expect(inner.notices).toEqual([{ kind: 'journal-not-closed', failure: unclosable }]);
    // Not even a listener of notices that fails can change that.
    const deaf = await begin();
    const quiet = await deaf.start({
      ...seams,
      connector: deaf.fleet.connector,
      nameRun: () => 'another-run',
      store: { ...seams.store, claimPlan: () => Promise.resolve() },
      notice() {
        throw new Error('nobody listens');
      },
    });
    expect(quiet.verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed']);
  });

  test('that breaks off at any record tells of every host, and whether anything may be changed is true', async () => {
    const appends = await (async () => {
      const { fleet, start } = await begin();
      const journal = memoryJournal();
      await start(memorySeams({ connector: fleet.connector, store: memoryStore({ journal }) }));
      return journal.appends;
    })();
    expect(appends).toBeGreaterThan(20);
    for (let full = 2; full <= appends; full += 1) {
      const { machines, fleet, start } = await begin();
      const before = machines.map((one) => JSON.stringify(essenceOf(one)));
      const locks = memoryLocks();
      const journal = memoryJournal({ trouble: (_, n) => (n === full ? 'full' : null) });
      const seams = memorySeams({ connector: fleet.connector, store: memoryStore({ journal }), locks });
      const { failure, verdicts } = await start(seams);
      const isSent = fleet.requests.some((one) => one.kind === 'change');
      expect([full, failure?.code, failure?.effect]).toEqual([full, 'journal/unwritable', isSent ? 'unknown' : 'none']);
      expect(failure?.hint).toContain('fencepost resume a-run -i inventory/other.yml');
      expect(verdicts.map((one) => one.host)).toEqual(['ex01', 'ex02']);
      for (const [index, { verdict }] of verdicts.entries()) {
        const machine = machines[index];
        const isTouched = machine !== undefined && JSON.stringify(essenceOf(machine)) !== before[index];
        if (isTouched) expect([full, ['changed', 'in-doubt'].includes(verdict)]).toEqual([full, true]);
      }
      expect(locks.now.size).toBe(0);
    }
  });

  test('that cannot write its first record begins nothing and lets its name go', async () => {
    const { machines, fleet, start } = await begin();
    const before = machines.map(essenceOf);
    const locks = memoryLocks();
    const journal = memoryJournal({ trouble: () => 'full' });
    const seams = memorySeams({ connector: fleet.connector, store: memoryStore({ journal }), locks });
    expect((await failureOf(start(seams))).code).toBe('journal/unwritable');
    expect([fleet.requests.filter((one) => one.kind === 'change'), locks.now.size]).toEqual([[], 0]);
    expect(machines.map(essenceOf)).toEqual(before);
  });
});
