// A change that is still on its way to its host when its answer is given up: whatever the host is called then stays true, for it finds no shell.
// The host's own state is asked for after the change has arrived.
import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/lab/cmd/console.ts';
import { Failure } from '../../../src/model/failure.ts';
import { portRange } from '../../../src/model/port-range.ts';
import type { StepData } from '../../../src/model/plan.ts';
import { createOwnership } from '../../../src/model/rules/ownership.ts';
import { createRecorder, tellOwnership } from '../../../src/run/recorder.ts';
import { runStep } from '../../../src/run/steps/step.ts';
import { deriveStep } from '../../../src/windows/steps.ts';
import { hostStarted } from '../../journal/events.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import {
  essenceOf,
  lost,
  memoryFleet,
  memoryMachine,
  type MemoryRequest,
  type Trouble,
} from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryListener } from '../../support/memory-seams.ts';
import { applyMemory, planMemory, policyOf } from '../../support/memory-run.ts';

const options = { codePage: 65001, elevated: true };

/** Holds the changes of these numbers until their shell is ended. `begins`: the host gets them in the last moment before. `isRefused`: it stays. */
function hold(numbers: readonly number[], { begins = false, isRefused = false } = {}) {
  const machine = memoryMachine('ex01', { imap: 'stopped', pop: 'stopped' });
  let held: string[] = [];
  const arrive = (): void => {
    for (const line of held) runCommandLine(machine, line, options);
    held = [];
  };
  const trouble = ({ kind, ofKind, line }: MemoryRequest): Trouble | null => {
    if (kind === 'change' && numbers.includes(ofKind)) {
      held.push(line);
      return { at: 'before', failure: lost('unknown') };
    }
    if (kind !== 'end') return null;
    if (isRefused) return { at: 'before', failure: new Failure('wire/fault', 'made', { where: 'ex01' }) };
    if (begins) arrive();
    held = [];
    return null;
  };
  return { machine, arrive, fleet: memoryFleet([machine], { trouble }) };
}

describe('a host of which a change is held up', () => {
  test.each([[[1]], [[2]], [[2, 3]]])('is as before where it is called so, with %j', async (numbers) => {
    for (const begins of [false, true]) {
      const { machine, arrive, fleet } = hold(numbers, { begins });
      const before = essenceOf(machine);
      const plan = await planMemory(fleet, undefined, policyOf({ onFailure: 'rollback_host' }));
      const [verdict] = await applyMemory(fleet, plan, { journal: memoryJournal(), clock: memoryClock() });
      arrive();
      if (numbers.length === 1 && !begins) expect(verdict?.verdict).toBe('failed-rolled-back');
      if (verdict?.verdict === 'failed-rolled-back') expect(essenceOf(machine)).toEqual(before);
      else expect(essenceOf(machine)).not.toEqual(before);
    }
  });

  test('is in doubt where its shell may still be there', async () => {
    const { fleet } = hold([1], { isRefused: true });
    const plan = await planMemory(fleet, undefined, policyOf({ onFailure: 'rollback_host' }));
    const [verdict] = await applyMemory(fleet, plan, { journal: memoryJournal(), clock: memoryClock() });
    expect(verdict?.verdict).toBe('in-doubt');
  });
});

const steps: readonly StepData[] = [
  {
    kind: 'dynamic-range',
    number: 1,
    undoes: false,
    family: 'ipv4',
    protocol: 'tcp',
    before: portRange(6005, 59_530),
    after: portRange(10_000, 55_535),
  },
  {
    kind: 'service',
    number: 1,
    undoes: false,
    service: 'MSExchangeIMAP4BE',
    verb: 'start',
    ranges: [],
    listensOn: [],
  },
];

test.each(steps)('a step that failed stays so: $kind', async (data) => {
  const { machine, arrive, fleet } = hold([1]);
  const before = essenceOf(machine);
  const [target] = fleet.targets;
  if (target === undefined) throw new Error('no target');
  const step = deriveStep(data);
  const ownership = createOwnership([]);
  ownership.event(hostStarted('ex01', [step]));
  const clock = memoryClock();
  const { result } = await runStep(step, 'do', {
    host: 'ex01',
    session: await fleet.connector.connect(target),
    recorder: tellOwnership(createRecorder(memoryJournal(), memoryListener(), clock), ownership),
    ownership,
    clock,
    signal: new AbortController().signal,
    view: { tables: null },
    protocols: ['tcp'],
    serviceMs: 30_000,
  });
  arrive();
  expect(fleet.requests.filter((one) => one.kind === 'change')).toHaveLength(1);
  expect(result).toBe('failed');
  expect(essenceOf(machine)).toEqual(before);
});
