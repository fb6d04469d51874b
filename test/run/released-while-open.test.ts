// Ranges that are released while the service they were reserved for runs. The change stops nothing; its undo does, for Windows cannot
// reserve an open port: intent first, and the service runs again afterwards, also after a death in the middle.
import { expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Desired } from '../../src/model/desired.ts';
import { createController } from '../support/controller.ts';
import {
  essenceOf,
  lost,
  memoryFleet,
  memoryMachine,
  type MemoryRequest,
  type Trouble,
} from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { planMemory, resumeMemory, rollBackMemory, startMemory } from '../support/memory-run.ts';

const about = { protocol: 'tcp', families, presence: 'absent' } as const;
const released: Desired = {
  exclusions: [
    { ...about, range: portRange(9933), service: 'MSExchangeIMAP4BE' },
    { ...about, range: portRange(9955), service: 'MSExchangePOP3BE' },
  ],
  whenHeldByOwnService: 'restart',
};

function runningMachine(): Machine {
  const row = { protocol: 'tcp', administered: true, stores: ['active', 'persistent'], families } as const;
  const exclusions = [9933, 9955].map((port) => ({ ...row, range: portRange(port) }));
  return memoryMachine('ex01', { exclusions, imap: 'running' }, { oneList: false });
}

interface Options {
  readonly desired?: Desired;
  /** The request at which the process dies. */
  readonly death?: { readonly n: number; readonly at: 'before' | 'after' };
}

/** The last change of the forward run cannot be sent, so the host is undone. */
async function failAtLast(machine: Machine, { desired = released, death }: Options = {}) {
  const plan = await planMemory(memoryFleet([structuredClone(machine)]), desired);
  const controller = createController();
  let hasFailed = false;
  const fleet = memoryFleet([machine], {
    controller,
    trouble: ({ number, kind, shown }): Trouble | null => {
      if (number === death?.n) return { at: death.at, failure: 'killed' };
      if (hasFailed || kind !== 'change' || !shown.includes('startport=9955')) return null;
      hasFailed = true;
      return { at: 'before', failure: lost('none') };
    },
  });
  const journal = memoryJournal({ controller });
  const run = startMemory(fleet, plan, { journal });
  const outcome = await Promise.race([run.outcome, controller.died]);
  return { plan, fleet, journal, saved: run.saved(), verdict: outcome?.verdicts[0] ?? null };
}

const changesOf = (requests: readonly MemoryRequest[]): readonly string[] =>
  requests.flatMap((one) => {
    const found = /(?:sc (?:stop|start) \w+|(?:add|delete) excludedportrange \S+ startport=\d+ \S+ store=\w+)/.exec(
      one.shown,
    );
    return one.kind === 'change' ? [found?.[0] ?? one.shown] : [];
  });

test('the automatic undo stops the service, reserves the range again and starts the service', async () => {
  const machine = runningMachine();
  const before = essenceOf(machine);
  const { verdict, fleet, journal } = await failAtLast(machine);
  expect(verdict).toMatchObject({ verdict: 'failed-rolled-back' });
  expect(essenceOf(machine)).toEqual(before);
  const sent = changesOf(fleet.requests);
  const stop = sent.indexOf('sc stop MSExchangeIMAP4BE');
  expect(sent.slice(0, stop).every((one) => one.startsWith('delete'))).toBe(true);
  expect(sent.at(-1)).toBe('sc start MSExchangeIMAP4BE');
  const planned = journal.events.flatMap((one) => (one.type === 'command-planned' ? [one.line] : []));
  expect(planned.filter((one) => one.startsWith('sc '))).toEqual([
    'sc stop MSExchangeIMAP4BE',
    'sc start MSExchangeIMAP4BE',
  ]);
});

test('where nothing fails no service is stopped, and the step for the undo is no step of the change', async () => {
  const machine = runningMachine();
  const plan = await planMemory(memoryFleet([machine]), released);
  const fleet = memoryFleet([machine]);
  const journal = memoryJournal();
  const { verdicts } = await startMemory(fleet, plan, { journal }).outcome;
  expect(verdicts).toMatchObject([{ verdict: 'changed', detail: '4 of 4 steps done and verified' }]);
  expect(changesOf(fleet.requests).filter((one) => one.startsWith('sc'))).toEqual([]);
  const back = await rollBackMemory(memoryFleet([machine]), journal.events, { journal: memoryJournal() });
  expect(back.verdicts).toMatchObject([{ verdict: 'changed' }]);
  expect(essenceOf(machine)).toEqual(essenceOf(runningMachine()));
});

test('a playbook that allows no restart: the plan says so, no service is stopped, and the verdict is true', async () => {
  const machine = runningMachine();
  const { verdict, fleet, plan } = await failAtLast(machine, {
    desired: { ...released, whenHeldByOwnService: 'block' },
  });
  expect(plan.hosts[0]?.findings).toMatchObject([{ severity: 'warning', code: 'held-by-own-service' }]);
  expect(verdict).toMatchObject({ verdict: 'failed-partial' });
  expect(changesOf(fleet.requests).filter((one) => one.startsWith('sc'))).toEqual([]);
  expect(machine.services.find((one) => one.name === 'MSExchangeIMAP4BE')?.state).toBe('running');
});

test('it dies at any request of the change and its undo: rollback and resume bring the host to where it should be', async () => {
  const whole = await failAtLast(runningMachine());
  const before = essenceOf(runningMachine());
  const deaths = whole.fleet.requests.flatMap(({ number: n, kind }) =>
    (kind === 'change' ? (['before', 'after'] as const) : (['before'] as const)).map((at) => ({ n, at })),
  );
  expect(deaths.length).toBeGreaterThan(15);
  const wrong: string[] = [];
  for (const death of deaths) {
    const machine = runningMachine();
    const { saved } = await failAtLast(machine, { death });
    const events = saved.get('a-run')?.events ?? [];
    const other = structuredClone(machine);
    const note = (verb: string, state: Machine, isGoal: boolean, words: unknown): void => {
      if (!isGoal)
        wrong.push(
          `${verb} after ${JSON.stringify(death)}: ${JSON.stringify(words)} ${JSON.stringify(state.exclusions.tcp)}`,
        );
    };
    const back = await rollBackMemory(memoryFleet([machine]), events, { journal: memoryJournal() });
    note('rollback', machine, JSON.stringify(essenceOf(machine)) === JSON.stringify(before), back.verdicts);
    const { verdicts } = await resumeMemory(memoryFleet([other]), saved, { journal: memoryJournal() });
    const isUp = other.services.find((one) => one.name === 'MSExchangeIMAP4BE')?.state === 'running';
    const left = families.flatMap((family) => Object.values(other.exclusions.tcp[family]).flat());
    const isDone = left.every((one) => ![9933, 9955].includes(one.range.firstPort));
    const isBack = JSON.stringify(essenceOf(other)) === JSON.stringify(before);
    const isChanged = verdicts.every((one) => one.verdict === 'changed');
    note('resume', other, isUp && (isChanged ? isDone : isBack), verdicts);
  }
  expect(wrong).toEqual([]);
});
