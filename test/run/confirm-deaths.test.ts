// by: person: the process of apply, of confirm or of confirm --extend dies at any request and any write. Whoever comes next, or nobody,
// the simulated machine ends as before or as desired, its service runs, and no guard is on it that the journal does not know.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { findService, finishPending } from '../../src/lab/machine/service-control.ts';
import { runDueTasks } from '../../src/lab/tasks/run-due-tasks.ts';
import { asFailure } from '../../src/model/failure.ts';
import { confirmRun } from '../../src/workflows/guards/confirm-run.ts';
import { readRunStatus } from '../../src/workflows/run-status.ts';
import { amount, everyNth } from '../support/amount.ts';
import { createController } from '../support/controller.ts';
import { notAsDesired } from '../support/machine-state.ts';
import { memoryClock } from '../support/memory-clock.ts';
import { essenceOf, memoryFleet, memoryMachine, type MemoryRequest } from '../support/memory-fleet.ts';
import { memoryJournal, type AppendTrouble } from '../support/memory-journal.ts';
import {
  backEndPorts,
  planMemory,
  policyOf,
  resumeMemory,
  rollBackMemory,
  startMemory,
} from '../support/memory-run.ts';
import { memorySeams, noInventory } from '../support/memory-seams.ts';
import { memoryStore, type SavedRun } from '../support/memory-store.ts';

const minutes = (count: number): number => count * 60_000;
const withinMs = minutes(15);
const imap = 'MSExchangeIMAP4BE';
const pristine = memoryMachine('ex01', { imap: 'running' });
const before = essenceOf(pristine);
const plan = await planMemory(
  memoryFleet([structuredClone(pristine)]),
  backEndPorts,
  policyOf({ confirm: { withinMs, by: 'person' } }),
);

/** Where a process dies: at its n-th request or its n-th write. */
interface Death {
  readonly nth: number;
  readonly at: 'before' | 'after' | 'killed-before' | 'killed-after';
}

/** Everything that is on disk and on the machine. */
interface World {
  readonly machine: Machine;
  readonly saved: ReadonlyMap<string, SavedRun>;
  readonly elapsedMs: number;
}

interface Life {
  readonly world: World;
  readonly requests: readonly MemoryRequest[];
  readonly appends: number;
}

type Doing = (life: ReturnType<typeof prepare>, saved: World['saved']) => Promise<() => World['saved']>;

function prepare(world: World, death: Death | null) {
  const controller = createController();
  const clock = memoryClock();
  clock.advance(world.elapsedMs);
  const machine = structuredClone(world.machine);
  const fleet = memoryFleet([machine], {
    clock,
    controller,
    trouble: ({ number }) =>
      death !== null && number === death.nth && (death.at === 'before' || death.at === 'after')
        ? { at: death.at, failure: 'killed' }
        : null,
  });
  const journal = memoryJournal({
    controller,
    trouble: (_, n): AppendTrouble | null =>
      death !== null && n === death.nth && (death.at === 'killed-before' || death.at === 'killed-after')
        ? death.at
        : null,
  });
  return { controller, clock, machine, fleet, journal };
}

/** Does it, until it is done or its process is dead. */
async function live(world: World, doing: Doing, death: Death | null = null): Promise<Life> {
  const life = prepare(world, death);
  const savedNow = await doing(life, world.saved);
  return {
    world: { machine: life.machine, saved: savedNow(), elapsedMs: life.clock.elapsedMs() },
    requests: life.fleet.requests,
    appends: life.journal.appends,
  };
}

const apply: Doing = async ({ fleet, journal, clock, controller }) => {
  const run = startMemory(fleet, plan, { journal, clock });
  await Promise.race([run.outcome, controller.died]);
  return () => run.saved();
};

const confirm =
  (extendMs: number | null, results: string[] = []): Doing =>
  async ({ fleet, journal, clock, controller }, saved) => {
    const store = memoryStore({ runs: saved, journal });
    const seams = memorySeams({ connector: fleet.connector, clock, store, run: 'a-run' });
    const request = { run: 'a-run', extendMs, limit: null, concurrency: 1, inventory: noInventory };
    const work = confirmRun(request, seams).then(
      (hosts) => results.push(...hosts.map((one) => one.result)),
      (thrown: unknown) => results.push(asFailure(thrown).code),
    );
    await Promise.race([work, controller.died]);
    return () => store.saved();
  };

const resume: Doing = async ({ fleet, journal, clock }, saved) => {
  const { saved: after } = await resumeMemory(fleet, saved, { journal, clock });
  return () => after;
};

const rollBack: Doing = async ({ fleet, journal, clock }, saved) => {
  await rollBackMemory(fleet, saved.get('a-run')?.events ?? [], { journal, clock });
  return () => saved;
};

const deathsOf = ({ requests, appends }: Life): readonly Death[] => [
  ...requests.flatMap(({ number, kind }): readonly Death[] => [
    { nth: number, at: 'before' },
    ...(kind === 'change' ? [{ nth: number, at: 'after' } as const] : []),
  ]),
  ...Array.from({ length: appends }, (_, index) => index + 1).flatMap((nth): readonly Death[] => [
    { nth, at: 'killed-before' },
    { nth, at: 'killed-after' },
  ]),
];

/** Nobody comes any more; services arrive where they were sent. */
function wait({ machine }: World, byMs: number): void {
  const service = findService(machine, imap);
  if (service === undefined) throw new Error('no such service');
  finishPending(machine, service);
  runDueTasks(machine, machine.nowMs + byMs);
  finishPending(machine, service);
}

const copy = (world: World): World => ({ ...world, machine: structuredClone(world.machine) });

type End = 'before' | 'desired' | 'neither';

/** How the machine ends, when no guard can start any more. */
function endOf(world: World): readonly [End, string | undefined, number] {
  wait(world, minutes(90));
  const { machine } = world;
  const isDesired = notAsDesired(machine, backEndPorts).length === 0;
  const isBefore = JSON.stringify(essenceOf(machine)) === JSON.stringify(before);
  const end = isDesired ? 'desired' : isBefore ? 'before' : 'neither';
  return [end, findService(machine, imap)?.state, machine.tasks.length];
}

/** A guard that is on the machine is known: whoever looks at the status is not told that nothing undoes the change. */
async function isGuardKnown({ machine, saved }: World): Promise<boolean> {
  if (machine.tasks.length === 0) return true;
  const status = await readRunStatus('a-run', memoryStore({ runs: saved }));
  return status.hosts[0]?.guard !== undefined;
}

const fresh: World = { machine: pristine, saved: new Map(), elapsedMs: 0 };
const applied = await live(fresh, apply);

/** Every n-th death of `apply`, which has many. */
const stride = amount({ share: 3, ci: 1 });

describe('apply dies', () => {
  const deaths = everyNth(deathsOf(applied), stride);

  test('and nobody comes: what nobody confirmed is undone', async () => {
    const changed: Death[] = [];
    for (const death of deaths) {
      const { world } = await live(fresh, apply, death);
      if (notAsDesired(world.machine, backEndPorts).length === 0) changed.push(death);
      if (world.saved.has('a-run') && (world.saved.get('a-run')?.events.length ?? 0) > 0) {
        expect([death, await isGuardKnown(world)]).toEqual([death, true]);
      }
      expect([death, ...endOf(world)]).toEqual([death, 'before', 'running', 0]);
    }
    expect(changed.length).toBeGreaterThan(0);
  });

  test('is resumed and confirmed: as desired, for good', async () => {
    for (const death of deaths) {
      const { world } = await live(fresh, apply, death);
      if ((world.saved.get('a-run')?.events.length ?? 0) === 0) continue;
      const resumed = await live(world, resume);
      const results: string[] = [];
      const confirmed = await live(resumed.world, confirm(null, results));
      expect([death, results]).toEqual([death, ['confirmed']]);
      expect([death, ...endOf(confirmed.world)]).toEqual([death, 'desired', 'running', 0]);
    }
  });
});

describe.each([
  ['confirm', null],
  ['confirm --extend', minutes(30)],
] as const)('%s dies', async (_, extendMs) => {
  const whole = await live(applied.world, confirm(extendMs));
  const deaths = deathsOf(whole);
  const lives = await Promise.all(
    deaths.map(async (death) => ({ death, world: (await live(applied.world, confirm(extendMs), death)).world })),
  );

  test('at every request and every write, which there are', () => {
    expect(whole.requests.filter(({ kind }) => kind === 'change')).toHaveLength(1);
    expect(whole.appends).toBeGreaterThan(0);
    expect(deaths.length).toBeGreaterThanOrEqual(8);
  });

  test('and nobody comes: as desired where the guard was called off, else as before; never in between', async () => {
    const ends = new Set<End>();
    for (const { death, world } of lives) {
      expect([death, await isGuardKnown(world)]).toEqual([death, true]);
      const isArmed = world.machine.tasks.length > 0;
      const [end, service, tasks] = endOf(copy(world));
      expect([death, end, service, tasks]).toEqual([death, isArmed ? 'before' : 'desired', 'running', 0]);
      ends.add(end);
    }
    expect([...ends].sort()).toEqual(extendMs === null ? ['before', 'desired'] : ['before']);
  });

  test('and is typed again: confirmed for good', async () => {
    for (const { death, world } of lives) {
      const results: string[] = [];
      const again = await live(world, confirm(null, results));
      // A guard that was called off, and noted so, is nothing to confirm any more.
      expect([death, ['confirmed', 'guard/none']]).toEqual([death, expect.arrayContaining(results)]);
      expect(results).toHaveLength(1);
      expect([death, ...endOf(again.world)]).toEqual([death, 'desired', 'running', 0]);
    }
  });

  test('and is typed again too late: what it says is what the machine is like', async () => {
    for (const { death, world } of lives) {
      const late = copy(world);
      wait(late, minutes(60));
      const results: string[] = [];
      const again = await live({ ...late, elapsedMs: late.elapsedMs + minutes(60) }, confirm(null, results));
      const [end, ...rest] = endOf(again.world);
      const isTrue = (end === 'before' ? /^undone-by-host$/ : /^(?:confirmed|guard\/none)$/).test(results.join());
      expect([death, results, isTrue, ...rest]).toEqual([death, results, true, 'running', 0]);
    }
  });

  test('and the run is rolled back: as before, for good', async () => {
    for (const { death, world } of lives) {
      const back = await live(world, rollBack);
      expect([death, ...endOf(back.world)]).toEqual([death, 'before', 'running', 0]);
    }
  });
});
