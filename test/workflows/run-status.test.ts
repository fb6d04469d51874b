// `status`: what the journal of a run that died knows of each host, held against the machines themselves; and what stands for a run's name.
import { expect, test } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import type { FailureCode } from '../../src/model/failure.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { OnFailure } from '../../src/model/strategy.ts';
import { renderRunStatus } from '../../src/report/text/status-text.ts';
import { startRun } from '../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { executeRollback, planRollback } from '../../src/workflows/roll-back.ts';
import { findRun } from '../../src/workflows/find-run.ts';
import { readRunStatus } from '../../src/workflows/run-status.ts';
import { createController } from '../support/controller.ts';
import { failureOf } from '../support/failure-of.ts';
import { applyFleet } from '../support/memory-apply.ts';
import { lost, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { manyPorts, planMemory, policyOf, resumeMemory, startMemory } from '../support/memory-run.ts';
import { memorySeams, noInventory } from '../support/memory-seams.ts';
import { memoryStore } from '../support/memory-store.ts';

/** The second host dies behind a command that the first letters name; a host at a time. */
async function diedAt(line: string, desired?: Desired) {
  const machines = ['ex01', 'ex02', 'ex03'].map((name) => memoryMachine(name, { imap: 'running' }));
  const plan = await planMemory(memoryFleet(machines), desired, policyOf({}, { concurrency: 1 }));
  const controller = createController();
  const fleet = memoryFleet(machines, {
    controller,
    trouble: ({ host, kind, shown }) =>
      host === 'ex02' && kind === 'change' && shown.includes(line) ? { at: 'after', failure: 'killed' } : null,
  });
  const run = startMemory(fleet, plan, { journal: memoryJournal({ controller }) });
  await controller.died;
  return { machines, status: await readRunStatus('a-run', memoryStore({ runs: run.saved() })) };
}

test('a run that died behind the line of an outage: the service may be down until the line has finished', async () => {
  const { machines, status } = await diedAt('sc stop');
  expect(machines[1]?.services.find((one) => one.name === 'MSExchangeIMAP4BE')?.state).toBe('running');
  const second = status.hosts[1];
  expect([second?.down, second?.inDoubt.length]).toEqual([['MSExchangeIMAP4BE'], 4]);
  expect(second?.restart?.service).toBe('MSExchangeIMAP4BE');
  const screen = renderRunStatus(status);
  expect(screen).toMatch(
    /^MAY BE DOWN NOW, its own command starts it again \(1 host\):\n +ex02:\n +MSExchangeIMAP4BE: by 2026/m,
  );
  expect(screen).not.toContain('\nDOWN NOW');
  expect(status.next).toBe('fencepost resume a-run -i inventory.yml');
});

test('a run that died right behind a stop: the service is down, the first host changed, the third never started', async () => {
  const { machines, status } = await diedAt('sc stop', manyPorts);
  const service = machines[1]?.services.find((one) => one.name === 'MSExchangeIMAP4BE');
  expect(service?.state).not.toBe('running');
  const [first, second, third] = status.hosts;
  expect([first?.verdict, first?.down, first?.inDoubt, first?.changed.length]).toEqual(['changed', [], [], 6]);
  expect([second?.verdict, second?.isStarted, second?.down]).toEqual([null, true, ['MSExchangeIMAP4BE']]);
  expect([third?.verdict, third?.isStarted]).toEqual([null, false]);
  expect([status.isFinished, status.next]).toEqual([false, 'fencepost resume a-run -i inventory.yml']);
  const screen = renderRunStatus(status);
  expect(screen).toMatch(
    /^DOWN NOW, as far as the journal knows \(1 host\):\n +ex02:\n +MSExchangeIMAP4BE: told to stop, not seen running since$/m,
  );
  expect(screen).toMatch(/^never started \(1 host\):\n +ex03$/m);
  expect(screen.trimEnd().split('\n').at(-1)).toBe('Next: fencepost resume a-run -i inventory.yml');
});

test('a run that died behind an add: that range is in doubt, and the stopped service is down', async () => {
  const { status } = await diedAt('startport=9933', manyPorts);
  const second = status.hosts[1];
  expect([second?.down, second?.inDoubt]).toEqual([
    ['MSExchangeIMAP4BE'],
    [expect.stringMatching(/^reserve tcp 9933 on ipv4/), expect.stringMatching(/^reserve tcp 9933 on ipv6/)],
  ]);
  expect(second?.changed.some((one) => one.includes('9933'))).toBe(false);
});

test.each([
  ['in one line', undefined],
  ['step by step', manyPorts],
])(
  'a service that hangs while it stops is down, also for a resume that can not ask its host: %s',
  async (_, desired) => {
    const machine = memoryMachine('ex01', { imap: 'running' }, { pendingQueries: 100_000 });
    const plan = await planMemory(memoryFleet([structuredClone(machine)]), desired);
    let isStopping = false;
    const fleet = memoryFleet([machine], {
      trouble({ kind, shown }) {
        if (isStopping) return { at: 'before', failure: lost('none') };
        isStopping = kind === 'change' && shown.includes('sc stop');
        return null;
      },
    });
    const run = startMemory(fleet, plan, { journal: memoryJournal() });
    await run.outcome;
    const service = machine.services.find((one) => one.name === 'MSExchangeIMAP4BE');
    expect(service?.state).toBe('stop-pending');
    const before = await readRunStatus('a-run', memoryStore({ runs: run.saved() }));
    expect([before.hosts[0]?.verdict, before.hosts[0]?.down]).toEqual(['in-doubt', ['MSExchangeIMAP4BE']]);
    const { verdicts, saved } = await resumeMemory(fleet, run.saved(), { journal: memoryJournal() });
    expect(verdicts[0]).toMatchObject({ verdict: 'in-doubt', detail: expect.stringContaining('DOWN NOW') as string });
    const after = await readRunStatus('a-run', memoryStore({ runs: saved }));
    expect(after.hosts[0]?.down).toEqual(['MSExchangeIMAP4BE']);
  },
);

test('a rollback that failed on one host names what is not back there', async () => {
  const machines = ['ex01', 'ex02'].map((name) => memoryMachine(name));
  const calm = memoryFleet(machines);
  const store = memoryStore();
  const plan = await planMemory(calm);
  const jobs = makeHostJobs(plan, calm.targets);
  const manners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };
  const request = { kind: 'apply', of: null, plan, planFile: null, jobs } as const;
  await startRun(request, manners, memorySeams({ connector: calm.connector, store }));
  const { connector } = memoryFleet(machines, {
    trouble: ({ host, kind, shown }) =>
      host === 'ex02' && kind === 'change' && shown.includes('startport=9933')
        ? { at: 'before', failure: lost('none') }
        : null,
  });
  const seams = memorySeams({ connector, store, run: 'back' });
  const asked = { run: 'a-run', limit: null, force: false, concurrency: 1, inventory: noInventory };
  await executeRollback(await planRollback(asked, seams), manners, seams);
  const status = await readRunStatus('back', store);
  expect(status.hosts.map((one) => one.notBack)).toEqual([
    [],
    ['release tcp 9933 on ipv6 again', 'release tcp 9933 on ipv4 again'].toSorted(),
  ]);
  expect(renderRunStatus(status)).toMatch(
    /^NOT BACK \(1 host\):\n +ex02:\n +release tcp 9933 on ipv4 and ipv6 again$/m,
  );
});

test('last and the beginning of a name stand for a run; a beginning of several is refused', async () => {
  const runs = ['20261205-1-a', '20261205-1-b', '20261206-1-c'];
  const store = { place: 'here', listRuns: () => Promise.resolve(runs) };
  expect(await findRun('last', store)).toBe('20261206-1-c');
  expect(await findRun('20261206', store)).toBe('20261206-1-c');
  expect(await findRun('20261205-1-a', store)).toBe('20261205-1-a');
  expect(await findRun('2027', store)).toBe('2027');
  const failure = await failureOf(findRun('20261205', store));
  expect([failure.code, failure.message]).toEqual(['usage/invalid', '2 runs start with this name']);
  const none = await failureOf(findRun('last', { place: 'here', listRuns: () => Promise.resolve([]) }));
  expect(none.code).toBe('run/unknown');
});

test('after a failed canary the next command looks at it, and does not go on with the others', async () => {
  const { journal } = await applyFleet({ hosts: 'fcc', strategy: { canary: 1 } });
  const saved = new Map([['a-run', { planText: '', events: journal.events }]]);
  const status = await readRunStatus('a-run', memoryStore({ runs: saved }));
  expect(status.hosts.map((one) => one.verdict)).toEqual(['failed-rolled-back', 'skipped', 'skipped']);
  expect(status.next).toBe('fencepost runs show a-run');
});

/** The second host's runner died behind a change, the others named it and ended the run; `code`: of the host's verdict. */
async function endedBehind(code: FailureCode, onFailure: OnFailure = 'rollback_host') {
  const machines = ['ex01', 'ex02', 'ex03'].map((name) => memoryMachine(name));
  const calm = memoryFleet(machines);
  const plan = await planMemory(calm, undefined, policyOf({}, { concurrency: 1 }));
  const controller = createController();
  const { targets, connector } = memoryFleet(machines, {
    controller,
    trouble: ({ host, kind }) => (host === 'ex02' && kind === 'change' ? { at: 'after', failure: 'killed' } : null),
  });
  const run = startMemory({ targets, connector }, plan, { journal: memoryJournal({ controller }) });
  await controller.died;
  const saved = run.saved().get('a-run');
  const failure = { code, message: 'gone', where: 'ex02', hint: null };
  const at = saved?.events.at(-1)?.at ?? '';
  const events: readonly RunEvent[] = [
    ...(saved?.events ?? []).map((one) => (one.type === 'run-started' ? { ...one, onFailure } : one)),
    { at, type: 'run-stopping', reason: 'more hosts failed than max_failed allows (1 of this batch)' },
    { at, type: 'host-finished', host: 'ex02', verdict: 'in-doubt', detail: 'gone', failure, findings: [] },
    { at, type: 'host-finished', host: 'ex03', verdict: 'skipped', detail: 'not started', failure: null, findings: [] },
    { at, type: 'run-finished', counts: { changed: 1, 'in-doubt': 1, skipped: 1 } },
  ];
  const runs = new Map([['a-run', { planText: saved?.planText ?? '', events }]]);
  return { machines, calm, runs, status: await readRunStatus('a-run', memoryStore({ runs })) };
}

test('a host of a shared run whose runner was lost is left to resume, which finds out how it stands and finishes it', async () => {
  const { machines, calm, runs, status } = await endedBehind('run/lease-lost');
  expect(status).toMatchObject({ isFinished: true, next: 'fencepost resume a-run -i inventory.yml' });
  expect(renderRunStatus(status).trimEnd().split('\n').at(-1)).toBe('Next: fencepost resume a-run -i inventory.yml');

  const { verdicts } = await resumeMemory(calm, runs, { journal: memoryJournal() });
  expect(verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed', 'changed']);
  const [first, ...others] = machines.map((one) => one.exclusions);
  expect(first).not.toEqual(memoryMachine('ex01').exclusions);
  expect(others).toEqual([first, first]);
});

test('a host whose runner was lost in a run that rolls back what it changed is rolled back too', async () => {
  const { status } = await endedBehind('run/lease-lost', 'rollback_run');
  expect(status.next).toBe('fencepost rollback a-run -l ex02 -i inventory.yml');
});

test('a host in doubt because a change failed there is rolled back', async () => {
  const { status } = await endedBehind('connect/lost');
  expect(status.next).toBe('fencepost rollback a-run -l ex02 -i inventory.yml');
});
