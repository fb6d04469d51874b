// Promise 1 (product): kill the process at any moment, and `rollback` brings every host to where it was. The controller dies at every
// request and at every append of an apply over three hosts, before and after it was carried out; then nothing but the records that
// reached the disk is used. A second rollback is needed only where the first found a service still stopping, and says so: stale.
import { describe, expect, test } from 'vitest';
import type { HostVerdict, RunEvent } from '../../src/model/outcome.ts';
import { essenceOf, memoryFleet, memoryMachine, type Trouble } from '../support/memory-fleet.ts';
import { memoryJournal, type AppendTrouble } from '../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf, rollBackMemory } from '../support/memory-run.ts';

interface Death {
  readonly what: 'request' | 'append';
  readonly n: number;
  readonly at: 'before' | 'after';
}

function threeMachines(oneList: boolean) {
  return [
    memoryMachine('ex01', { language: 'fr' }, { oneList }),
    memoryMachine('ex02', { language: 'ko', imap: 'running' }, { oneList }),
    memoryMachine(
      'ex03',
      {
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
      { oneList },
    ),
  ];
}

/** The fleet before the run, and the plan for it. */
async function begin(oneList: boolean) {
  const machines = threeMachines(oneList);
  const plan = await planMemory(memoryFleet(structuredClone(machines)), undefined, policyOf({}, { concurrency: 2 }));
  return { machines, plan, before: machines.map(essenceOf) };
}

/** Applies to a copy of the fleet and dies as told; null = lives. */
async function applyUntil({ machines: first, plan }: Awaited<ReturnType<typeof begin>>, death: Death | null) {
  const machines = structuredClone(first);
  const controller = { dead: false };
  const fleet = memoryFleet(machines, {
    controller,
    trouble: ({ number }): Trouble | null =>
      death?.what === 'request' && number === death.n ? { at: death.at, failure: 'killed' } : null,
  });
  const journal = memoryJournal({
    controller,
    trouble: (_, n): AppendTrouble | null => (death?.what === 'append' && n === death.n ? `killed-${death.at}` : null),
  });
  const run = applyMemory(fleet, plan, { journal });
  const verdicts = await Promise.race([run, deathOf(controller)]);
  return { machines, verdicts, requests: fleet.requests, appends: journal.appends, events: journal.events };
}

/** A killed process's promises never settle, so the end of the run is looked for. */
async function deathOf(controller: { readonly dead: boolean }): Promise<null> {
  while (!controller.dead) await new Promise((resolve) => setImmediate(resolve));
  return null;
}

/** Rolls back with a new process; what a first rollback leaves alone because it was still moving, a second one takes. */
async function rollBack(machines: ReturnType<typeof threeMachines>, events: readonly RunEvent[]) {
  const fleet = memoryFleet(machines);
  const first = await rollBackMemory(fleet, events, { journal: memoryJournal() });
  if (isCalm(first.verdicts)) return [first.verdicts];
  const second = await rollBackMemory(fleet, events, { journal: memoryJournal() });
  return [first.verdicts, second.verdicts];
}

function isCalm(verdicts: readonly HostVerdict[]): boolean {
  return verdicts.every((one) => one.verdict === 'changed' || one.verdict === 'fine');
}

function deathsOf(what: Death['what'], whole: Awaited<ReturnType<typeof applyUntil>>): readonly Death[] {
  const count = what === 'request' ? whole.requests.length : whole.appends;
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((n) => {
    // A question changes nothing: whether the host still answered it makes no difference.
    const isQuestion = what === 'request' && whole.requests[n - 1]?.kind !== 'change';
    return (isQuestion ? ['before'] : ['before', 'after']).map((at) => ({ what, n, at }) as Death);
  });
}

describe.each([true, false])('one list: %s', (oneList) => {
  test.each(['request', 'append'] as const)('dies at every %s', async (what) => {
    const fleet = await begin(oneList);
    const whole = await applyUntil(fleet, null);
    expect(whole.verdicts?.map((one) => one.verdict)).toEqual(['changed', 'changed', 'changed']);
    const deaths = deathsOf(what, whole);
    expect(deaths.length).toBeGreaterThan(30);
    const wrong: string[] = [];
    for (const death of deaths) {
      const { machines, verdicts, events } = await applyUntil(fleet, death);
      const where = `${death.what} ${death.n} ${death.at}`;
      if (verdicts !== null) wrong.push(`${where}: it did not die`);
      const rounds = events.length === 0 ? [] : await rollBack(machines, events);
      const told = rounds
        .map((round) => round.map((one) => `${one.host} ${one.verdict} (${one.detail})`).join(', '))
        .join(' / ');
      // A service that was still on its way when the host was asked makes it stale by the time it is to be changed.
      const patient = (rounds[0] ?? []).every((one) => one.verdict === 'stale' || isCalm([one]));
      if (!patient) wrong.push(`${where}: ${told}`);
      if (!isCalm(rounds.at(-1) ?? [])) wrong.push(`${where}: ${told}`);
      if (JSON.stringify(machines.map(essenceOf)) !== JSON.stringify(fleet.before)) {
        wrong.push(`${where}: not as before; ${told}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
