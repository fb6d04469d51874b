// `resume` of a run that rollbacks have come after: of one host, of all, and one whose process died.
import { expect, test } from 'vitest';
import { createStopControl } from '../../../src/run/fleet/stop.ts';
import { startRun, type RunManners } from '../../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../../src/workflows/host-jobs.ts';
import { executeResume, planResume } from '../../../src/workflows/resume/resume.ts';
import { executeRollback, planRollback } from '../../../src/workflows/roll-back.ts';
import { createController } from '../../support/controller.ts';
import { failureOf } from '../../support/failure-of.ts';
import { essenceOf, memoryFleet, memoryMachine, type MemoryFleetOptions } from '../../support/memory-fleet.ts';
import { planMemory, policyOf } from '../../support/memory-run.ts';
import { memorySeams, noInventory } from '../../support/memory-seams.ts';
import { memoryStore } from '../../support/memory-store.ts';

const manners: RunManners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };

/** ex01 and ex02 are changed, then the run is stopped before ex03. */
async function twoOfThree() {
  const machines = ['ex01', 'ex02', 'ex03'].map((name) => memoryMachine(name, { imap: 'running' }));
  const before = machines.map((one) => JSON.stringify(essenceOf(one)));
  const plan = await planMemory(memoryFleet(machines), undefined, policyOf({}, { concurrency: 1 }));
  const stop = createStopControl();
  const fleet = memoryFleet(machines, {
    trouble({ host, kind }) {
      if (host === 'ex02' && kind === 'change') stop.request('interrupted');
      return null;
    },
  });
  const store = memoryStore();
  const request = { kind: 'apply', of: null, plan, planFile: null, jobs: makeHostJobs(plan, fleet.targets) } as const;
  const applied = await startRun(request, manners, memorySeams({ connector: fleet.connector, store, stop }));
  expect(applied.verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed', 'skipped']);
  const seamsOf = (run: string, options: MemoryFleetOptions = {}) =>
    memorySeams({ connector: memoryFleet(machines, options).connector, store, run });
  return {
    changed: () =>
      machines.filter((one, index) => JSON.stringify(essenceOf(one)) !== before[index]).map((one) => one.name),
    async rollBack(run: string, limit: string | null, options: MemoryFleetOptions = {}) {
      const seams = seamsOf(run, options);
      const asked = { run: 'a-run', limit, force: false, concurrency: 1, inventory: noInventory };
      const planned = await planRollback(asked, seams);
      return (await executeRollback(planned, manners, seams)).verdicts.map((one) => one.verdict);
    },
    async resume(run = 'a-run') {
      const seams = seamsOf('unused');
      const planned = await planResume({ run, concurrency: 1, inventory: noInventory }, seams);
      if (planned.jobs.length === 0) return planned.earlier.settled;
      return (await executeResume(planned, manners, seams)).verdicts;
    },
  };
}

test('of one host: the run goes on with the others and leaves that host as it was before the run', async () => {
  const night = await twoOfThree();
  expect(await night.rollBack('back', 'ex02')).toEqual(['changed']);
  expect(night.changed()).toEqual(['ex01']);
  const verdicts = await night.resume();
  expect(Object.fromEntries(verdicts.map((one) => [one.host, [one.verdict, one.detail]]))).toMatchObject({
    ex01: ['changed', expect.anything()],
    ex02: ['rolled-back', 'rolled back by run back'],
    ex03: ['changed', expect.anything()],
  });
  expect(night.changed()).toEqual(['ex01', 'ex03']);
});

test('of all hosts, one by one: it was rolled back, and says by which runs', async () => {
  const night = await twoOfThree();
  await night.rollBack('back-1', 'ex02');
  await night.rollBack('back-2', 'ex01');
  const failure = await failureOf(night.resume());
  expect([failure.code, failure.message]).toEqual(['run/cannot-resume', 'this run was rolled back by back-1, back-2']);
  expect(night.changed()).toEqual([]);
});

test.each([
  { limit: null, command: 'fencepost rollback a-run -i' },
  { limit: 'ex02', command: 'fencepost rollback a-run -l ex02 -i' },
])('that died (limited to $limit): is not called rolled back, and goes on by the command named', async (one) => {
  const night = await twoOfThree();
  const controller = createController();
  void night.rollBack('died', one.limit, {
    controller,
    trouble: ({ host, kind }) => (host === 'ex02' && kind === 'change' ? { at: 'after', failure: 'killed' } : null),
  });
  await controller.died;
  const left = night.changed();
  for (const run of ['a-run', 'died']) {
    const failure = await failureOf(night.resume(run));
    expect([failure.code, failure.hint]).toEqual(['run/cannot-resume', expect.stringContaining(one.command)]);
    expect(failure.message).not.toContain('was rolled back');
  }
  expect(night.changed()).toEqual(left);
});

test('that died is rolled back on to its end, and the run goes on with the rest', async () => {
  const night = await twoOfThree();
  const controller = createController();
  void night.rollBack('died', 'ex02', {
    controller,
    trouble: ({ host, kind }) => (host === 'ex02' && kind === 'change' ? { at: 'after', failure: 'killed' } : null),
  });
  await controller.died;
  expect(await night.rollBack('died-on', 'ex02')).toEqual(['changed']);
  expect(night.changed()).toEqual(['ex01']);
  await night.resume();
  expect(night.changed()).toEqual(['ex01', 'ex03']);
});
