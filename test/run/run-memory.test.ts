// A run that breaks off knows of each host whether it was sent anything, also what the journal could not take any more.
import { describe, expect, test } from 'vitest';
import { createRunMemory } from '../../src/run/run-memory.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { planMemory, policyOf, applyMemory } from '../support/memory-run.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';

/** Three hosts, two at a time, the first with a service to restart; the disk is full from the n-th append on. */
async function breakOffAt(n: number) {
  const machines = [memoryMachine('ex01', { imap: 'running' }), memoryMachine('ex02'), memoryMachine('ex03')];
  const fleet = memoryFleet(machines);
  const plan = await planMemory(fleet, undefined, policyOf({}, { concurrency: 2 }));
  const before = machines.map(stateOf);
  const memory = createRunMemory(makeHostJobs(plan, fleet.targets), []);
  const disk = memoryJournal({ trouble: (_, count) => (count === n ? 'full' : null) });
  const ended = await applyMemory(fleet, plan, { journal: memory.noting(disk) }).catch((thrown: unknown) => thrown);
  const touched = machines.filter((one, index) => stateOf(one) !== before[index]).map((one) => one.name);
  const sent = new Set(fleet.requests.filter((one) => one.kind === 'change').map((one) => one.host));
  const down = machines.filter((one) => one.services.some((service) => isDown(service, one.name)));
  return {
    memory,
    touched,
    sent,
    down: down.map((one) => one.name),
    isWhole: Array.isArray(ended),
    appends: disk.appends,
  };
}

function stateOf({ exclusions, services }: Machine): string {
  return JSON.stringify([exclusions, services.map(({ name, state }) => [name, state])]);
}

function isDown({ name, state }: Machine['services'][number], host: string): boolean {
  return host === 'ex01' && name === 'MSExchangeIMAP4BE' && !['running', 'start-pending'].includes(state);
}

describe('the disk fills at any append of a run', () => {
  test('what is said of each host is true of the servers', async () => {
    const whole = await breakOffAt(-1);
    expect(whole.isWhole).toBe(true);
    expect(whole.appends).toBeGreaterThan(30);
    for (let n = 1; n <= whole.appends; n += 1) {
      const { memory, touched, sent, down } = await breakOffAt(n);
      const verdicts = memory.verdicts();
      const about = `append ${n}: ${JSON.stringify(verdicts)}`;
      expect(
        verdicts.map((one) => one.host),
        about,
      ).toEqual(['ex01', 'ex02', 'ex03']);
      expect(memory.isAnythingSent, about).toBe(sent.size > 0);
      for (const { host, verdict, detail } of verdicts) {
        const claim = `${about}: ${host}`;
        if (touched.includes(host)) expect(['changed', 'in-doubt'], claim).toContain(verdict);
        if (verdict === 'skipped') expect(sent.has(host), claim).toBe(false);
        expect(detail.includes('NOT STARTED AGAIN'), claim).toBe(down.includes(host));
      }
    }
  });
});
