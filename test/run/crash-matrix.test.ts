// Promise 1 (product): kill the process at any moment, and `rollback` brings every host to where it was, `resume` on to where it should be.
// The controller dies at every request and at every append of an apply over three hosts, before and after it was carried out; then nothing
// but what reached the disk is used, by the shipped workflows. Its listener fails too, at another moment for each death.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import type { HostVerdict, RunEvent } from '../../src/model/outcome.ts';
import { createController } from '../support/controller.ts';
import { amount, everyNth } from '../support/amount.ts';
import { essenceOf, memoryFleet, memoryMachine, type Trouble } from '../support/memory-fleet.ts';
import { memoryJournal, type AppendTrouble } from '../support/memory-journal.ts';
import { throwingListener } from '../support/throwing-listener.ts';
import { planMemory, policyOf, resumeMemory, rollBackMemory, startMemory } from '../support/memory-run.ts';
import type { SavedRun } from '../support/memory-store.ts';

/** Every n-th death happens, in the rarer worlds fewer; and of these every n-th is resumed as well as rolled back. */
const usualDeaths = amount({ share: 13, ci: 1 });
const rareDeaths = amount({ share: 37, ci: 5, all: 1 });
const resumedDeaths = amount({ share: 2, ci: 3, all: 1 });

interface Death {
  readonly what: 'request' | 'append';
  readonly n: number;
  readonly at: 'before' | 'after';
}

type World = Pick<Quirks, 'oneList' | 'persistentShow' | 'persistentRegistry'>;

/** Facts windows.md 0.9: netsh shows no permanent range at all, and the registry does; or not even that. */
const worlds: readonly World[] = [
  { oneList: true, persistentShow: 'rows', persistentRegistry: 'kept' },
  { oneList: false, persistentShow: 'rows', persistentRegistry: 'kept' },
  { oneList: true, persistentShow: 'blank', persistentRegistry: 'kept' },
  { oneList: true, persistentShow: 'frame', persistentRegistry: 'kept' },
  { oneList: true, persistentShow: 'blank', persistentRegistry: 'missing' },
  { oneList: false, persistentShow: 'frame', persistentRegistry: 'other-form' },
];

function threeMachines(world: World) {
  return [
    memoryMachine('ex01', { language: 'fr' }, world),
    memoryMachine('ex02', { language: 'ko', imap: 'running' }, world),
    memoryMachine(
      'ex03',
      {
        imap: 'running',
        exclusions: [
          {
            range: { firstPort: 9933, portCount: 1 },
            protocol: 'tcp',
            administered: true,
            stores: ['active'],
            families: ['ipv4', 'ipv6'],
          },
        ],
      },
      world,
    ),
  ];
}

/** The fleet before the run, and the plan for it. */
async function begin(world: World) {
  const machines = threeMachines(world);
  const plan = await planMemory(memoryFleet(structuredClone(machines)), undefined, policyOf({}, { concurrency: 2 }));
  return { machines, plan, before: machines.map(essenceOf) };
}

/** Applies to a copy of the fleet and dies as told; null = lives. */
async function applyUntil({ machines: first, plan }: Awaited<ReturnType<typeof begin>>, death: Death | null) {
  const machines = structuredClone(first);
  const controller = createController();
  const fleet = memoryFleet(machines, {
    controller,
    trouble: ({ number }): Trouble | null =>
      death?.what === 'request' && number === death.n ? { at: death.at, failure: 'killed' } : null,
  });
  const journal = memoryJournal({
    controller,
    trouble: (_, n): AppendTrouble | null => (death?.what === 'append' && n === death.n ? `killed-${death.at}` : null),
  });
  const run = startMemory(fleet, plan, { journal, listener: throwingListener(death?.n ?? 1) });
  const outcome = await Promise.race([run.outcome, controller.died]);
  const verdicts = outcome?.verdicts ?? null;
  return { machines, verdicts, requests: fleet.requests, appends: journal.appends, saved: run.saved() };
}

/** What is on disk of the run; none: it died before its first record. */
function eventsOf(saved: ReadonlyMap<string, SavedRun>): readonly RunEvent[] {
  return saved.get('a-run')?.events ?? [];
}

/** Rolls back with a new process. */
async function rollBack(machines: readonly Machine[], events: readonly RunEvent[]): Promise<readonly HostVerdict[]> {
  const { verdicts } = await rollBackMemory(memoryFleet(machines), events, { journal: memoryJournal() });
  return verdicts;
}

/** `isShown` false: after a lost answer nobody can tell whether a range was permanent before (decision 38); then that is said. */
function isCalm(verdicts: readonly HostVerdict[], isShown: boolean): boolean {
  return verdicts.every(({ verdict, detail }) => {
    if (verdict === 'in-doubt') return !isShown && detail.includes('may have been permanent before the run');
    return verdict === 'changed' || verdict === 'unchanged';
  });
}

function deathsOf(what: Death['what'], whole: Awaited<ReturnType<typeof applyUntil>>): readonly Death[] {
  const count = what === 'request' ? whole.requests.length : whole.appends;
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((n) => {
    // A question changes nothing: whether the host still answered it makes no difference.
    const isQuestion = what === 'request' && whole.requests[n - 1]?.kind !== 'change';
    return (isQuestion ? ['before'] : ['before', 'after']).map((at) => ({ what, n, at }) as Death);
  });
}

describe.each(worlds)(
  'one list: $oneList, the persistent table: $persistentShow, the registry: $persistentRegistry',
  (world) => {
    const isShown = world.persistentShow === 'rows' || world.persistentRegistry === 'kept';
    test.each(['request', 'append'] as const)(
      'dies at every %s',
      async (what) => {
        const fleet = await begin(world);
        const whole = await applyUntil(fleet, null);
        expect(whole.verdicts?.map((one) => one.verdict)).toEqual([
          'changed',
          'changed',
          // Reserved until the next boot, or for good: where nothing shows it, nobody may say which.
          isShown ? 'changed' : 'blocked',
        ]);
        const goal = JSON.stringify(whole.machines.map(essenceOf));
        const before = JSON.stringify(fleet.before);
        const all = deathsOf(what, whole);
        const isRare = world.persistentShow !== 'rows';
        const deaths = everyNth(all, isRare ? rareDeaths : usualDeaths);
        expect(all.length).toBeGreaterThan(isShown ? 30 : 20);
        const wrong: string[] = [];
        for (const [index, death] of deaths.entries()) {
          const { machines, verdicts, saved } = await applyUntil(fleet, death);
          const where = `${death.what} ${death.n} ${death.at}`;
          const note = (
            verb: string,
            told: readonly HostVerdict[],
            states: readonly Machine[],
            expected: string,
          ): void => {
            const words = told.map((one) => `${one.host} ${one.verdict} (${one.detail})`).join(', ');
            if (!isCalm(told, isShown)) wrong.push(`${where}: ${verb}: ${words}`);
            if (JSON.stringify(states.map(essenceOf)) !== expected) {
              wrong.push(`${where}: ${verb}: servers are not as they should be; ${words}`);
            }
          };
          if (verdicts !== null) wrong.push(`${where}: it did not die`);
          const events = eventsOf(saved);
          if (events.length === 0) {
            note('nothing started', [], machines, before);
            continue;
          }
          const others = isShown && index % resumedDeaths === 0 ? structuredClone(machines) : null;
          note('rollback', await rollBack(machines, events), machines, before);
          // The same death, resumed instead, and rolled back after that.
          if (others === null) continue;
          const resumed = await resumeMemory(memoryFleet(others), saved, { journal: memoryJournal() });
          note('resume', resumed.verdicts, others, goal);
          note('rollback after resume', await rollBack(others, eventsOf(resumed.saved)), others, before);
        }
        expect(wrong).toEqual([]);
      },
      120_000,
    );
  },
);
