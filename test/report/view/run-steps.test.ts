// A host's story as reports tell it, where one command line carries out a whole outage: each step says that it was in it and what became of it.
import { expect, test } from 'vitest';
import type { Quirks } from '../../../src/lab/machine/quirks.ts';
import type { RunEvent } from '../../../src/model/outcome.ts';
import { tellHost } from '../../../src/report/view/run-steps.ts';
import { renderEvent } from '../../../src/report/text/run-text.ts';
import { lost, memoryFleet, memoryMachine, type MemoryFleetOptions } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { applyMemory, backEndPorts, planMemory, policyOf } from '../../support/memory-run.ts';

const desired = { ...backEndPorts, exclusions: backEndPorts.exclusions.slice(0, 1) };

/** One service with two ranges: step 1 stops it, 2 and 3 add, 4 starts it. */
async function applyOutage(
  quirks: Partial<Quirks> = {},
  trouble: NonNullable<MemoryFleetOptions['trouble']> = () => null,
): Promise<readonly RunEvent[]> {
  const machine = memoryMachine('ex01', { imap: 'running' }, { oneList: false, ...quirks });
  const plan = await planMemory(memoryFleet([structuredClone(machine)]), desired, policyOf({ onFailure: 'stop' }));
  const journal = memoryJournal();
  await applyMemory(memoryFleet([machine], { trouble }), plan, { journal });
  return journal.events;
}

function storyOf(events: readonly RunEvent[]) {
  const telling = tellHost({ one: (part) => part, text: (text) => text });
  for (const event of events) telling.event(event);
  return telling.story();
}

const resultsOf = (events: readonly RunEvent[]) => storyOf(events)?.steps.map((one) => one.result);
const textsOf = (events: readonly RunEvent[]) =>
  storyOf(events)?.steps.map((step) => step.happenings.map(({ kind, text }) => `${kind}: ${text}`).join('; '));
const sentAt = (events: readonly RunEvent[]): number => events.findIndex((one) => one.type === 'command-planned');

test('done: each step was sent in the same line, and answered by itself', async () => {
  const events = await applyOutage();
  expect(resultsOf(events)).toEqual(['done', 'done', 'done', 'done']);
  const [stop, ...others] = textsOf(events) ?? [];
  expect(stop).toMatch(/^sent: sc stop MSExchangeIMAP4BE; answered: exit code 0/);
  expect(others).toHaveLength(3);
  for (const text of others) expect(text).toMatch(/^sent: in the same command line as step 1; answered: exit code 0/);
});

test('sent, and the run died: every step of it is open, and its ranges are in doubt', async () => {
  const events = await applyOutage();
  const died = events.slice(0, sentAt(events) + 1);
  expect(resultsOf(died)).toEqual(['open', 'open', 'open', 'open']);
  expect(storyOf(died)?.after).toMatchObject({ inDoubt: [{ number: 2 }, { number: 3 }] });
  const oneAnswer = events.slice(0, sentAt(events) + 2);
  expect(storyOf(oneAnswer)?.after).toMatchObject({ inDoubt: [{ number: 2 }, { number: 3 }] });
});

test('surely not sent: no other step was run, and nothing is in doubt', async () => {
  const events = await applyOutage({}, ({ kind, shown }) =>
    kind === 'change' && shown.includes('sc stop') ? { at: 'before', failure: lost('none') } : null,
  );
  expect(resultsOf(events)).toEqual(['failed', 'not-run', 'not-run', 'not-run']);
  expect(storyOf(events)?.after).toMatchObject({ inDoubt: [] });
});

test('the stop is refused: what the line left out was not run', async () => {
  const events = await applyOutage({ refuseStop: 'dependents' });
  expect(resultsOf(events)).toEqual(['failed', 'not-run', 'not-run', 'not-run']);
  expect(storyOf(events)?.after).toMatchObject({ inDoubt: [] });
  for (const text of textsOf(events)?.slice(1) ?? []) expect(text).toContain('not sent: left out');
});

test('as a line of progress it says what else is in the command line', async () => {
  const events = await applyOutage();
  const planned = events[sentAt(events)];
  const said = planned === undefined ? null : renderEvent(planned);
  expect(said?.slice(10)).toBe(
    'ex01: sc stop MSExchangeIMAP4BE; the same command line takes 2 further steps and starts the service again\n',
  );
});
