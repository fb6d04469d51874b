// A run that is gone on with: what it did before it died is in the way back, and no host that bears it is called untouched.
import { describe, expect, test } from 'vitest';
import { withEarlierSteps } from '../../../src/workflows/resume/resumed-host.ts';
import { Failure } from '../../../src/model/failure.ts';
import { describeSkipped, judgeSkipped } from '../../../src/run/hosts/resumed-host.ts';
import type { HostJob } from '../../../src/run/hosts/host-job.ts';
import { createController } from '../../support/controller.ts';
import { essenceOf, memoryFleet, memoryMachine, type MemoryFleetOptions } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { makeHostJobs } from '../../../src/workflows/host-jobs.ts';
import { manyPorts, applyMemory, planMemory } from '../../support/memory-run.ts';
import { memoryListener, memoryLocks } from '../../support/memory-seams.ts';
import { applyJobs } from '../../../src/run/apply.ts';
import { createRecorder } from '../../../src/run/recorder.ts';
import { createStopControl } from '../../../src/run/fleet/stop.ts';
import { replayRun } from '../../support/read-journal.ts';

const lost = new Failure('connect/refused', 'nobody listens');

/** One host whose service the run had stopped when it died; then the run is gone on with. */
async function goOn(quirks: Parameters<typeof memoryMachine>[2], later: MemoryFleetOptions = {}) {
  const machine = memoryMachine('ex01', { imap: 'running' }, quirks);
  const before = essenceOf(machine);
  const controller = createController();
  const fleet = memoryFleet([machine], {
    controller,
    trouble: ({ kind, ofKind, shown }) =>
      kind === 'change' && ofKind > 0 && shown.includes('sc stop') ? { at: 'after', failure: 'killed' } : null,
  });
  const plan = await planMemory(fleet, manyPorts);
  const journal = memoryJournal({ controller });
  void applyMemory(fleet, plan, { journal });
  await controller.died;
  const history = replayRun(journal.events).hosts[0];

  const second = memoryFleet([machine], later);
  // The service has arrived by the time somebody looks.
  await planMemory(memoryFleet([machine]), manyPorts);
  const again = await planMemory(memoryFleet([machine]), manyPorts);
  const jobs = makeHostJobs(again, second.targets).map((job): HostJob => {
    const { plan: continued, doneBefore } = withEarlierSteps(job.plan, history);
    return { ...job, plan: continued, doneBefore, touched: true };
  });
  const listener = memoryListener();
  const clock = memoryClock();
  const verdicts = await applyJobs(jobs, again.policy, {
    connector: second.connector,
    locks: memoryLocks(),
    recorder: createRecorder(memoryJournal(), listener, clock),
    listener,
    clock,
    signal: new AbortController().signal,
    serviceMs: 120_000,
    stop: createStopControl(),
    settleWith: 'fencepost resume a-run',
    endsAt: null,
    confirmBatch: () => Promise.resolve(true),
  });
  return { verdict: verdicts[0]?.verdict, isAsBefore: JSON.stringify(essenceOf(machine)) === JSON.stringify(before) };
}

describe('gone on with', () => {
  test('a failure takes back what was done before the death too: the service runs again', async () => {
    const refused: MemoryFleetOptions = {
      trouble: ({ kind, line }) =>
        kind === 'change' && line.includes('startport=9933') ? { at: 'before', failure: lost } : null,
    };
    expect(await goOn({ pendingQueries: 0 }, refused)).toEqual({
      verdict: 'failed-rolled-back',
      isAsBefore: true,
    });
  });

  test('a host that cannot be reached any more is in doubt, not unreachable', async () => {
    const { verdict } = await goOn({ pendingQueries: 0 }, { trouble: () => ({ at: 'before', failure: lost }) });
    expect(verdict).toBe('in-doubt');
  });
});

describe('a host that is left alone now', () => {
  const mine = { before: true, certainty: 'sure' } as const;
  const job = (sent: boolean): HostJob =>
    ({
      doneBefore: [{ step: { number: 1 }, sent, ownership: { up: { seen: false, claim: sent ? mine : null } } }],
    }) as unknown as HostJob;

  test.each([
    ['stale', 'failed-partial'],
    ['conflict', 'failed-partial'],
    ['blocked', 'failed-partial'],
    ['unreachable', 'in-doubt'],
    ['locked', 'in-doubt'],
    ['skipped', 'in-doubt'],
  ] as const)('%s is %s when the run changed it before', (verdict, told) => {
    expect(judgeSkipped(job(true), verdict)).toBe(told);
    expect(judgeSkipped(job(false), verdict)).toBe(verdict);
    expect(describeSkipped(job(true), 'why')).toMatch(/partly changed .* now: why/);
    expect(describeSkipped(job(false), 'why')).toBe('why');
  });
});
