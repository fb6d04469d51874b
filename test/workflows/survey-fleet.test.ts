// Whatever asks many hosts and changes none ends the same way when it is interrupted meanwhile: with `interrupted`, never with hosts that
// are called unreachable. One set-up, and each workflow that uses it.
import { describe, expect, test } from 'vitest';
import { createStopControl } from '../../src/run/fleet/stop.ts';
import { checkPlan } from '../../src/workflows/check-plan.ts';
import { diagnoseFleet } from '../../src/workflows/diagnose.ts';
import { makeHostJobs, makeRequest } from '../../src/workflows/host-jobs.ts';
import { planFleet } from '../../src/workflows/plan-fleet.ts';
import { planResume } from '../../src/workflows/resume/resume.ts';
import { planRollback } from '../../src/workflows/roll-back.ts';
import type { Seams } from '../../src/workflows/seams.ts';
import { surveyFleet } from '../../src/workflows/survey-fleet.ts';
import { failureOf } from '../support/failure-of.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { backEndPorts, planMemory, policyOf, startMemory } from '../support/memory-run.ts';
import { memoryListener, memorySeams, noInventory } from '../support/memory-seams.ts';
import { memoryStore } from '../support/memory-store.ts';

const approach = {
  resolve: () => Promise.resolve(['127.0.0.1']),
  reachPort: () => Promise.resolve(),
  reachSecurely: () => Promise.resolve(null),
  identify: () => Promise.resolve({ product: 'WinRM', offers: null, server: null }),
};

/** Two hosts, one of them changed by a run that broke off; the interrupt comes with the first request. */
async function begin() {
  const machines = [memoryMachine('ex01'), memoryMachine('ex02')];
  const calm = memoryFleet(machines);
  const plan = await planMemory(calm);
  const full = memoryJournal({ trouble: (_, n) => (n === 10 ? 'full' : null) });
  const broken = startMemory(calm, plan, { journal: full });
  expect((await broken.outcome).failure?.code).toBe('journal/unwritable');
  const now = new AbortController();
  const stop = createStopControl();
  const fleet = memoryFleet(machines, {
    trouble() {
      stop.request('interrupted');
      now.abort();
      return null;
    },
  });
  const listener = memoryListener();
  const store = memoryStore({ runs: broken.saved() });
  const seams = memorySeams({ connector: fleet.connector, listener, store, stop, signal: now.signal });
  return { machines, fleet, plan, seams, listener };
}

const desiredOf = () => backEndPorts;
const about = { playbook: { name: 'p', file: 'p', sha256: '0' }, inventory: { files: [], sha256: '0' } };
const request = { run: 'a-run', concurrency: 2, inventory: noInventory };

type Night = Awaited<ReturnType<typeof begin>>;
const workflows: readonly [name: string, doing: string, ask: (night: Night, seams: Seams) => Promise<unknown>][] = [
  [
    'a survey (collect)',
    'asking',
    ({ fleet }, seams) => {
      const requestOf = () => makeRequest(backEndPorts);
      return surveyFleet({ targets: fleet.targets, concurrency: 2, requestOf }, seams, (one) => one);
    },
  ],
  [
    'a plan (plan, verify, apply)',
    'asking',
    ({ fleet }, seams) => planFleet({ targets: fleet.targets, desiredOf, policy: policyOf(), ...about }, seams),
  ],
  [
    'the dry run of a saved plan',
    'asking',
    ({ fleet, plan }, seams) => checkPlan(plan, makeHostJobs(plan, fleet.targets), seams),
  ],
  [
    'the planning of a rollback',
    'asking',
    (_, seams) => planRollback({ ...request, limit: null, force: false }, seams),
  ],
  ['the planning of a resume', 'asking', (_, seams) => planResume(request, seams)],
  [
    'a diagnosis',
    'checking',
    ({ fleet }, seams) => diagnoseFleet({ targets: fleet.targets, desiredOf, concurrency: 2, approach }, seams),
  ],
];

describe('interrupted while hosts are asked:', () => {
  test.each(workflows)('%s says so, and nothing was changed', async (_, doing, ask) => {
    const night = await begin();
    const before = night.machines.map(essenceOf);
    const failure = await failureOf(ask(night, night.seams));
    expect([failure.code, failure.message]).toEqual(['interrupted', expect.stringContaining('nothing was changed')]);
    expect(night.fleet.requests.length).toBeGreaterThan(0);
    expect(night.fleet.requests.filter((one) => one.kind === 'change')).toEqual([]);
    expect(night.machines.map(essenceOf)).toEqual(before);
    // The view of the stage is taken down.
    const stage = night.listener.told.filter((one) => one.host === '');
    expect(stage).toEqual([
      { host: '', doing, total: expect.any(Number) as number },
      { host: '', doing, over: true },
    ]);
  });
});
