// What a run holds of every host from its start to its end, before and after it is through with it. V8 lets the heap grow to several times of
// that. V8 is asked to collect, and what stays is divided by the hosts.
import { expect, test } from 'vitest';
import type { HostPlan } from '../../src/model/plan.ts';
import { writePlanFile } from '../../src/plan/plan-file.ts';
import { createSharing } from '../../src/plan/share-alike.ts';
import { createRunMemory } from '../../src/run/run-memory.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { restoreTargets } from '../../src/workflows/saved-targets.ts';
import { heapBytes } from '../support/heap.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory } from '../support/memory-run.ts';
import { readPlanText } from '../support/read-plan.ts';

const hosts = 5000;

async function someRun() {
  const fleet = memoryFleet([memoryMachine('ex01', { imap: 'running' })]);
  const plan = await planMemory(fleet);
  const journal = memoryJournal();
  await applyMemory(fleet, plan, { journal });
  return { fleet, plan, events: journal.events };
}

test('of a host that is through, its verdict and little more', async () => {
  const { fleet, plan, events } = await someRun();
  const [job] = makeHostJobs(plan, fleet.targets);
  if (job === undefined) throw new Error('no job');
  const jobs = Array.from({ length: hosts }, (_, index) => ({
    ...job,
    plan: { ...job.plan, target: `ex${String(index)}` },
  }));
  const onHost = events.filter((event) => 'host' in event);
  const before = heapBytes();
  const memory = createRunMemory(jobs, []);
  const atStart = (heapBytes() - before) / hosts;
  const journal = memory.noting({ append: () => Promise.resolve() });
  for (const { plan: own } of jobs) {
    // Steps are the plan's.
    for (const event of onHost) await journal.append({ ...event, host: own.target });
  }
  const atEnd = (heapBytes() - before) / hosts;
  const verdicts = memory.verdicts();
  expect(verdicts.map((one) => one.verdict)).toEqual(Array.from({ length: hosts }, () => 'changed'));
  // With a set for each kind of step 10,000 hosts took 6.5 MB.
  expect(atStart).toBeLessThan(250);
  expect(atEnd).toBeLessThan(300);
});

test('of a plan that is read, each text that hosts have alike once', async () => {
  const { plan } = await someRun();
  const [host] = plan.hosts;
  if (host === undefined) throw new Error('no host');
  const text = JSON.stringify(host);
  const read = (index: number): HostPlan => ({ ...(JSON.parse(text) as HostPlan), target: `ex${String(index)}` });
  const sharing = createSharing();
  const keep = (from: number) => Array.from({ length: hosts }, (_, index) => sharing.plan(read(from + index)));
  // V8's own part of the first thousands is not theirs.
  const first = keep(0);
  const before = heapBytes();
  const second = keep(hosts);
  const bytesEach = (heapBytes() - before) / hosts;
  expect([...first, ...second].map((one) => one.fingerprint)).toEqual(
    Array.from({ length: 2 * hosts }, () => host.fingerprint),
  );
  // 580 bytes with a fingerprint and an account for each.
  expect(bytesEach).toBeLessThan(500);
});

test('a host is planned once: its job has no copy of a plan whose connection is that of the inventory', async () => {
  const { fleet, plan: made } = await someRun();
  const { plan } = readPlanText([...writePlanFile(made).text].join(''), 'tonight.plan');
  const saved = plan.hosts.map(({ target, connection }) => ({ target, connection, isReached: true }));
  const own = { load: () => Promise.resolve({ targets: fleet.targets }), canAsk: false };
  const targets = await restoreTargets({ kind: 'plan', hosts: saved, inventory: [] }, own as never);
  const [job] = makeHostJobs(plan, targets);
  expect(job?.plan === plan.hosts[0]).toBe(true);
  const [elsewhere] = makeHostJobs(
    plan,
    targets.map((one) => ({ ...one, connection: { ...one.connection, port: 1 } })),
  );
  expect(elsewhere?.plan.connection.port).toBe(1);
});
