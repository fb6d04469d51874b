// The line of an outage that still runs when its answer is given up: an undo waits for it, for it would add its ranges behind the undo.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../../src/lab/cmd/console.ts';
import { Failure } from '../../../src/model/failure.ts';
import type { OpenLine } from '../../../src/model/history.ts';
import type { Answer, Clock, Session } from '../../../src/model/seams.ts';
import { awaitLine, leftOfLine } from '../../../src/run/hosts/open-line.ts';
import { createController } from '../../support/controller.ts';
import { essenceOf, lost, memoryFleet, memoryMachine, memoryTarget } from '../../support/memory-fleet.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import {
  applyMemory,
  backEndPorts,
  planMemory,
  policyOf,
  resumeMemory,
  rollBackMemory,
  startMemory,
} from '../../support/memory-run.ts';
import { notAsDesired } from '../../support/machine-state.ts';
import { replayRun } from '../../support/read-journal.ts';

const options = { codePage: 65001, elevated: true };
const service = 'MSExchangeIMAP4BE';

/** The deadlines of hosts go by it too. */
function steppingClock(): Clock {
  const clock = memoryClock();
  return {
    ...clock,
    async sleep(durationMs, signal) {
      await clock.sleep(durationMs, signal);
      await vi.advanceTimersByTimeAsync(durationMs);
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

/**
 * The answer to the outage's line is lost and the first question after it too; the host carries the line out at the n-th question behind.
 * `isDown`: all but its stop, which came at once.
 */
async function loseLine(runsAt: number, onFailure: 'rollback_host' | 'stop' = 'rollback_host', isDown = false) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const machine = memoryMachine('ex01', { imap: 'running' });
  const before = essenceOf(machine);
  let line: string | null = null;
  let asked = 0;
  const runLate = (): void => {
    if (line !== null) runCommandLine(machine, line, options);
    line = null;
  };
  const fleet = memoryFleet([machine], {
    trouble({ kind, shown, line: sent }) {
      if (kind === 'change' && shown.includes('sc stop')) {
        line = sent;
        if (isDown) runCommandLine(machine, `sc stop ${service} & sc query ${service} & sc query ${service}`, options);
        return { at: 'before', failure: lost('unknown') };
      }
      if (kind !== 'ask' || line === null) return null;
      asked += 1;
      if (asked === 1) return { at: 'before', failure: lost('none') };
      if (asked > runsAt) runLate();
      return null;
    },
  });
  const clock = steppingClock();
  const journal = memoryJournal();
  const plan = await planMemory(fleet, undefined, policyOf({ onFailure }));
  const [verdict] = await applyMemory(fleet, plan, { journal, clock });
  runLate();
  return { machine, before, verdict, clock, journal };
}

describe('an outage of which the answer was given up while its line runs', () => {
  test.each([2, 6, 20])('is undone once the line has finished, at question %i', async (runsAt) => {
    const { machine, before, verdict } = await loseLine(runsAt);
    expect(verdict?.verdict).toBe('failed-rolled-back');
    expect(essenceOf(machine)).toEqual(before);
  });

  test('is undone where its line takes longer than a stage of a host may', async () => {
    const { machine, before, verdict, clock } = await loseLine(200, 'rollback_host', true);
    expect(clock.elapsedMs()).toBeGreaterThan(300_000);
    expect(verdict).toMatchObject({ verdict: 'failed-rolled-back' });
    expect(essenceOf(machine)).toEqual(before);
  });

  test('is in doubt where nothing is undone, and the journal knows that its line may run', async () => {
    const { verdict, journal } = await loseLine(2, 'stop');
    expect(verdict?.verdict).toBe('in-doubt');
    expect(replayRun(journal.events).openLines).toMatchObject({ ex01: { service: 'MSExchangeIMAP4BE' } });
  });
});

/**
 * The host has not got the line yet when its answer is given up, and gets it after the verdict, if its shell is there then. `begins`: it gets it
 * right before its shell is deleted, and stops the service. `asksLost`: so many questions behind it are lost too.
 */
async function holdLine({ begins = false, asksLost = 0, isRefused = false } = {}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const machine = memoryMachine('ex01', { imap: 'running' });
  const before = essenceOf(machine);
  const way = { held: null as string | null };
  let asked = 0;
  const fleet = memoryFleet([machine], {
    trouble({ kind, shown, line }) {
      if (kind === 'change' && shown.includes('sc stop')) {
        way.held = line;
        return { at: 'before', failure: lost('unknown') };
      }
      if (kind === 'ask' && way.held !== null && (asked += 1) <= asksLost)
        return { at: 'before', failure: lost('none') };
      if (kind !== 'end') return null;
      if (isRefused) return { at: 'before', failure: new Failure('wire/fault', 'made', { where: 'ex01' }) };
      if (begins) runCommandLine(machine, `sc stop ${service} & sc query ${service} & sc query ${service}`, options);
      way.held = null;
      return null;
    },
  });
  const plan = await planMemory(fleet, undefined, policyOf({ onFailure: 'rollback_host' }));
  const [verdict] = await applyMemory(fleet, plan, { journal: memoryJournal(), clock: steppingClock() });
  if (way.held !== null) runCommandLine(machine, way.held, options);
  return { machine, before, verdict: verdict?.verdict };
}

describe('an outage whose line is still on its way when its answer is given up', () => {
  test.each([
    ['', {}],
    ['; the host could not be asked at first', { asksLost: 1 }],
    ['; it begins in the last moment', { begins: true }],
    ['; the host could not be asked at first, and it begins in the last moment', { begins: true, asksLost: 1 }],
  ])('finds no shell behind the verdict%s', async (_, how) => {
    const { machine, before, verdict } = await holdLine(how);
    expect(verdict).toBe('failed-rolled-back');
    expect(essenceOf(machine)).toEqual(before);
  });

  test('is in doubt where its shell may still be there', async () => {
    expect((await holdLine({ isRefused: true })).verdict).toBe('in-doubt');
  });
});

/** The controller dies as it has sent the line: the host stops its service at once, and carries out the rest at the n-th request behind. */
async function dieInLine(runsAt: number) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const machine = memoryMachine('ex01', { imap: 'running' });
  const controller = createController();
  let line: string | null = null;
  const dying = memoryFleet([machine], {
    controller,
    trouble({ kind, shown, line: sent }) {
      if (kind !== 'change' || !shown.includes('sc stop')) return null;
      line = sent;
      runCommandLine(machine, `sc stop ${service} & sc query ${service} & sc query ${service}`, options);
      return { at: 'before', failure: 'killed' };
    },
  });
  const plan = await planMemory(memoryFleet([structuredClone(machine)]));
  const before = essenceOf(machine);
  const run = startMemory(dying, plan, { journal: memoryJournal({ controller }), clock: memoryClock() });
  await controller.died;
  let asked = 0;
  const changesBefore: string[] = [];
  const fleet = memoryFleet([machine], {
    trouble({ kind, shown }) {
      asked += 1;
      if (asked === runsAt && line !== null) [line] = [null, runCommandLine(machine, line, options)];
      if (kind === 'change' && line !== null) changesBefore.push(shown);
      return null;
    },
  });
  const said: string[] = [];
  const listener = { event: () => undefined, progress: ({ doing }: { doing: string }) => void said.push(doing) };
  return { machine, before, fleet, saved: run.saved(), clock: steppingClock(), said, listener, changesBefore };
}

describe('a dead run whose line takes longer than a stage of a host may', () => {
  test('is rolled back once it has finished, and it is said on what one waits', async () => {
    const { machine, before, fleet, saved, clock, said, listener, changesBefore } = await dieInLine(200);
    const events = saved.get('a-run')?.events ?? [];
    const { verdicts } = await rollBackMemory(fleet, events, { journal: memoryJournal(), clock, listener });
    expect(verdicts.map((one) => one.verdict)).toEqual(['changed']);
    expect(clock.elapsedMs()).toBeGreaterThan(300_000);
    expect([essenceOf(machine), changesBefore]).toEqual([before, []]);
    // It was sent at 22:00, and its bound is ten minutes.
    expect(said.filter((one) => one.startsWith('waiting'))).toEqual([
      `waiting for ${service} to restart, at most until 22:10:00Z`,
    ]);
  });

  test('is resumed once it has finished', async () => {
    const { machine, fleet, saved, clock, listener, changesBefore } = await dieInLine(200);
    const { verdicts } = await resumeMemory(fleet, saved, { journal: memoryJournal(), clock, listener });
    expect(verdicts.map((one) => one.verdict)).toEqual(['changed']);
    expect([notAsDesired(machine, backEndPorts), changesBefore]).toEqual([[], []]);
    expect(machine.services.find((one) => one.name === service)?.state).toBe('running');
  });
});

/** The service's state cannot be read in it. */
function withoutState(answer: Answer): Answer {
  return { ...answer, stdout: answer.stdout.replace(/STATE +: \d/, 'STATE : x') };
}

describe('awaiting a line', () => {
  const line: OpenLine = {
    sentAt: '2026-12-05T22:00:00.000Z',
    boundMs: 420_000,
    service,
    listensOn: [{ family: 'ipv4', port: 9933 }],
  };

  async function wait(
    startsAt: string,
    imap: 'running' | 'stopped',
    change?: (asked: number) => string | null,
    unread = 0,
  ) {
    const machine = memoryMachine('ex01', { imap });
    let asked = 0;
    const fleet = memoryFleet([machine], {
      trouble() {
        asked += 1;
        const command = change?.(asked) ?? null;
        if (command !== null) runCommandLine(machine, command, options);
        // The connect is the first.
        return asked === 1 || asked > unread + 1 ? null : { at: 'answer', spoil: withoutState };
      },
    });
    const clock = memoryClock(startsAt);
    const session: Session = await fleet.connector.connect(memoryTarget('ex01'));
    await awaitLine(session, 'ex01', line, clock, {});
    return Math.round(clock.elapsedMs() / 1000);
  }

  test('lasts until the service serves again after it was down', async () => {
    const waited = await wait(line.sentAt, 'stopped', (asked) => (asked === 5 ? 'sc start MSExchangeIMAP4BE' : null));
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThan(30);
  });

  test('lasts as long as a line may take to begin where the service runs all the time', async () => {
    expect(await wait(line.sentAt, 'running')).toBe(60);
    expect(await wait('2026-12-05T22:00:50.000Z', 'running')).toBe(10);
  });

  test('takes an answer that tells no state for none', async () => {
    expect(await wait(line.sentAt, 'running', undefined, 1)).toBe(60);
  });

  test('ends with the time of the line where the service stays down, also when the dead process had a clock ahead', async () => {
    expect(await wait(line.sentAt, 'stopped')).toBe(420);
    expect(await wait('2026-12-05T22:06:00.000Z', 'stopped')).toBe(60);
    expect(leftOfLine(line, memoryClock('2026-12-05T21:00:00.000Z'))).toBe(420_000);
  });
});
