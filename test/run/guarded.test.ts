// Confirmed commit: a host whose guard nobody calls off is as it was, by itself, whatever becomes of the controller; one that is confirmed
// stays changed. What counts is what the simulated machines are like in the end.
import { describe, expect, test } from 'vitest';
import { reboot, type Machine } from '../../src/lab/machine/machine.ts';
import { findService, finishPending } from '../../src/lab/machine/service-control.ts';
import { runDueTasks } from '../../src/lab/tasks/run-due-tasks.ts';
import type { EventOf, RunEvent } from '../../src/model/outcome.ts';
import { createController } from '../support/controller.ts';
import { memoryClock } from '../support/memory-clock.ts';
import {
  essenceOf,
  lost,
  memoryFleet,
  memoryMachine,
  type MemoryRequest,
  type Trouble,
} from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import {
  backEndPorts,
  planMemory,
  policyOf,
  resumeMemory,
  rollBackMemory,
  startMemory,
} from '../support/memory-run.ts';
import { notAsDesired } from '../support/machine-state.ts';

const minutes = (count: number): number => count * 60_000;
const withinMs = minutes(15);
const imap = 'MSExchangeIMAP4BE';

type By = 'run' | 'person';
type Doing = (request: MemoryRequest, clock: ReturnType<typeof memoryClock>) => Trouble | null;

async function begin(by: By = 'run', quirks: Parameters<typeof memoryMachine>[2] = {}, within = withinMs) {
  const machine = memoryMachine('ex01', { imap: 'running' }, quirks);
  const plan = await planMemory(
    memoryFleet([structuredClone(machine)]),
    backEndPorts,
    policyOf({ confirm: { withinMs: within, by } }),
  );
  return { machine, plan, before: essenceOf(machine) };
}

async function apply({ machine, plan }: Awaited<ReturnType<typeof begin>>, doing: Doing = () => null) {
  const clock = memoryClock();
  const controller = createController();
  const fleet = memoryFleet([machine], { clock, controller, trouble: (request) => doing(request, clock) });
  const journal = memoryJournal({ controller });
  const run = startMemory(fleet, plan, { journal, clock });
  const outcome = await Promise.race([run.outcome, controller.died]);
  const saved = run.saved();
  const events = saved.get('a-run')?.events ?? [];
  return { clock, fleet, saved, events, outcome, verdict: outcome?.verdicts[0], changes: changesOf(fleet.requests) };
}

const changesOf = (requests: readonly MemoryRequest[]): readonly MemoryRequest[] =>
  requests.filter((one) => one.kind === 'change');

const guardStates = (events: readonly RunEvent[]): readonly string[] =>
  events.filter((one): one is EventOf<'guard'> => one.type === 'guard').map((one) => one.state);

/** Nobody comes any more; services arrive where they were sent. */
function wait(machine: Machine, byMs: number): void {
  const service = findService(machine, imap);
  if (service === undefined) throw new Error('no such service');
  finishPending(machine, service);
  runDueTasks(machine, machine.nowMs + byMs);
  finishPending(machine, service);
}

const dieAt =
  (nth: number, at: 'before' | 'after'): Doing =>
  ({ number }) =>
    number === nth ? { at, failure: 'killed' } : null;

test('is armed and seen before the first change, and called off by the run that verified the host', async () => {
  const given = await begin();
  const { events, verdict, changes } = await apply(given);
  expect(verdict?.verdict).toBe('changed');
  expect(guardStates(events)).toEqual(['planned', 'armed', 'called-off']);
  const armed = events.findIndex((one) => one.type === 'guard' && one.state === 'armed');
  expect(events.findIndex((one) => one.type === 'command-planned')).toBeGreaterThan(armed);
  expect(changes[0]?.shown).toContain('schtasks /create');
  wait(given.machine, minutes(60));
  expect([notAsDesired(given.machine, backEndPorts), given.machine.tasks, given.machine.files]).toEqual([[], [], {}]);
  expect(findService(given.machine, imap)?.state).toBe('running');
});

test('is called off where nothing was changed: it would undo what somebody else does meanwhile', async () => {
  const given = await begin('run', { refuseAdd: 'ipv4' });
  const { events, verdict } = await apply(given);
  expect(verdict).toMatchObject({ verdict: 'failed-rolled-back', untouched: true });
  expect(guardStates(events)).toEqual(['planned', 'armed', 'called-off']);
  expect([given.machine.tasks, essenceOf(given.machine)]).toEqual([[], given.before]);
});

test('by a person: stays armed after the run, and undoes it when its time is over', async () => {
  const given = await begin('person');
  const { verdict } = await apply(given);
  expect(verdict).toMatchObject({ verdict: 'changed' });
  expect(verdict?.detail).toMatch(/waits to be confirmed: without fencepost confirm RUN/);
  expect(notAsDesired(given.machine, backEndPorts)).toEqual([]);
  wait(given.machine, withinMs);
  expect(essenceOf(given.machine)).toEqual(given.before);
});

describe('the controller dies', async () => {
  const whole = await apply(await begin());
  const deaths = whole.fleet.requests.flatMap(({ number, kind }) =>
    (kind === 'change' ? (['before', 'after'] as const) : (['before'] as const)).map((at) => ({ number, at })),
  );

  test.each(['waits', 'restarts'] as const)(
    'at every request, and the host %s: it is as before or verified',
    async (what) => {
      let undone = 0;
      for (const { number, at } of deaths) {
        const given = await begin();
        const { events } = await apply(given, dieAt(number, at));
        if (what === 'restarts') {
          wait(given.machine, minutes(1));
          reboot(given.machine);
          wait(given.machine, minutes(2));
        } else wait(given.machine, withinMs);
        const about = `request ${number} ${at}`;
        expect([about, findService(given.machine, imap)?.state]).toEqual([about, 'running']);
        expect([about, given.machine.tasks.length]).toEqual([about, 0]);
        const isAsDesired = notAsDesired(given.machine, backEndPorts).length === 0;
        if (isAsDesired) {
          // Only the run that had verified the host called the guard off.
          const last = events.filter((one) => one.type === 'step-finished').at(-1);
          expect([about, last?.type === 'step-finished' && last.result]).toEqual([about, 'done']);
        } else {
          expect([about, essenceOf(given.machine)]).toEqual([about, given.before]);
          undone += 1;
        }
      }
      expect(undone).toBeGreaterThan(deaths.length / 2);
    },
  );

  test('at every request, and it is resumed: as desired, with no guard left to undo that', async () => {
    for (const { number, at } of deaths) {
      const given = await begin();
      const { saved, clock } = await apply(given, dieAt(number, at));
      if (saved.get('a-run') === undefined) continue;
      const fleet = memoryFleet([given.machine], { clock });
      const { verdicts } = await resumeMemory(fleet, saved, { journal: memoryJournal(), clock });
      const about = `request ${number} ${at}`;
      expect([about, verdicts[0]?.verdict]).toEqual([about, 'changed']);
      wait(given.machine, minutes(60));
      expect([about, notAsDesired(given.machine, backEndPorts), given.machine.tasks]).toEqual([about, [], []]);
      expect([about, findService(given.machine, imap)?.state]).toEqual([about, 'running']);
    }
  });

  test('at every request, and it is rolled back: as before, its guard called off before anything is undone', async () => {
    for (const { number, at } of deaths) {
      const given = await begin();
      const { events, clock } = await apply(given, dieAt(number, at));
      if (events.length === 0) continue;
      const fleet = memoryFleet([given.machine], { clock });
      await rollBackMemory(fleet, events, { journal: memoryJournal(), clock });
      const about = `request ${number} ${at}`;
      const [first] = changesOf(fleet.requests);
      if (guardStates(events).at(-1) === 'armed' && first !== undefined) {
        expect([about, first.shown]).toEqual([about, expect.stringContaining('schtasks /delete')]);
        expect([about, given.machine.tasks.length]).toEqual([about, 0]);
      }
      wait(given.machine, minutes(60));
      expect([about, essenceOf(given.machine)]).toEqual([about, given.before]);
    }
  });
});

describe('a guard that cannot be armed', () => {
  test.each(['denied', 'ok-but-gone'] as const)('leaves the host alone: %s', async (taskCreate) => {
    const given = await begin('run', { taskCreate });
    const { verdict, events, changes } = await apply(given);
    expect(verdict).toMatchObject({
      verdict: 'failed-rolled-back',
      untouched: true,
      failure: { code: 'guard/not-armed' },
    });
    expect(events.some((one) => one.type === 'command-planned')).toBe(false);
    expect(changes.every((one) => one.shown.includes('schtasks'))).toBe(true);
    expect(essenceOf(given.machine)).toEqual(given.before);
  });

  test.each(['before', 'after'] as const)(
    'because its answer was lost (%s it was created) is called off',
    async (at) => {
      const given = await begin();
      const { verdict } = await apply(given, ({ kind, ofKind }) =>
        kind === 'change' && ofKind === 1 ? { at, failure: lost('unknown') } : null,
      );
      expect(verdict).toMatchObject({ verdict: 'failed-rolled-back', untouched: true });
      expect(essenceOf(given.machine)).toEqual(given.before);
    },
  );
});

test('no guard is armed, and nothing changed, beside the guard of another run', async () => {
  const first = await begin('person');
  await apply(first);
  const [other] = first.machine.tasks;
  if (other === undefined) throw new Error('no guard');
  const given = await begin();
  given.machine.tasks.push({ ...other, path: '\\Fencepost\\another-run' });
  const { verdict, changes } = await apply(given);
  expect(verdict).toMatchObject({ verdict: 'stale', failure: { code: 'run/stale' } });
  expect([verdict?.detail, changes]).toEqual([expect.stringContaining('another-run'), []]);
});

describe('the answer to the calling-off is lost', () => {
  test.each(['before', 'after'] as const)('%s it was deleted: the host is asked', async (at) => {
    const given = await begin();
    let isLost = false;
    const { verdict } = await apply(given, ({ kind, shown }) => {
      if (kind !== 'change' || !shown.includes('schtasks /delete') || shown.includes('/create') || isLost) return null;
      isLost = true;
      return { at, failure: lost('unknown') };
    });
    expect([isLost, verdict?.verdict]).toEqual([true, 'changed']);
    wait(given.machine, minutes(60));
    expect([notAsDesired(given.machine, backEndPorts), given.machine.tasks]).toEqual([[], []]);
  });

  test('for good: nobody says that the host is changed, and it undoes that by itself', async () => {
    const given = await begin();
    let isLost = false;
    const { verdict } = await apply(given, ({ shown }) => {
      isLost ||= shown.includes('schtasks /delete') && !shown.includes('/create');
      return isLost ? { at: 'before', failure: lost('unknown') } : null;
    });
    expect(verdict?.verdict).toBe('in-doubt');
    expect(verdict?.detail).toMatch(/guard/);
    wait(given.machine, withinMs);
    expect(essenceOf(given.machine)).toEqual(given.before);
  });
});

test('one that started before it was called off is told: the host undid the change by itself', async () => {
  const given = await begin();
  const { verdict, events } = await apply(given, ({ kind, shown }, clock) => {
    if (kind === 'change' && shown.includes('schtasks /delete') && !shown.includes('/create'))
      clock.advance(minutes(20));
    return null;
  });
  expect(verdict).toMatchObject({ verdict: 'undone-by-host', failure: { code: 'guard/gone' } });
  expect(guardStates(events)).toEqual(['planned', 'armed', 'gone', 'fired']);
  wait(given.machine, 0);
  expect(essenceOf(given.machine)).toEqual(given.before);
});

test.each([
  { within: 15, isOneLine: true },
  // The line may take ten minutes by itself.
  { within: 10, isOneLine: false },
])(
  'within $within minutes: an outage that nobody can stop is begun only where it ends before the guard starts',
  async (given) => {
    const { within, isOneLine } = given;
    const { events, verdict, changes } = await apply(await begin('run', {}, minutes(within)));
    expect(verdict?.verdict).toBe('changed');
    const lines = changes.map((one) => one.shown).filter((line) => line.includes('sc stop'));
    expect(lines.map((line) => line.includes('sc start'))).toEqual([isOneLine]);
    expect(events.some((one) => one.type === 'command-planned' && one.outage !== undefined)).toBe(isOneLine);
  },
);

test('no change is begun that could be under way when the guard starts', async () => {
  const given = await begin();
  const { verdict, events } = await apply(given, ({ kind, ofKind }, clock) => {
    // The second change is the first after the arming; it takes twelve minutes.
    if (kind === 'change' && ofKind === 2) clock.advance(minutes(12));
    return null;
  });
  expect(verdict).toMatchObject({ verdict: 'failed-rolled-back', failure: { code: 'guard/late' } });
  expect(guardStates(events)).toEqual(['planned', 'armed', 'called-off']);
  wait(given.machine, minutes(60));
  expect(essenceOf(given.machine)).toEqual(given.before);
});
