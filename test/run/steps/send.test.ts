// What a command printed is quoted in the journal and in a failure, cut to the length that is stated.
import { expect, test } from 'vitest';
import { longestQuote } from '../../../src/model/text/cut-text.ts';
import { createOwnership } from '../../../src/model/rules/ownership.ts';
import { createRecorder } from '../../../src/run/recorder.ts';
import { noEffect, sendChange } from '../../../src/run/steps/send.ts';
import { deriveStep } from '../../../src/windows/steps.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryListener } from '../../support/memory-seams.ts';

const printed = `no ${'x'.repeat(1_000_000)}`;

test('an endless answer of a command does not fill the journal', async () => {
  const fleet = memoryFleet([memoryMachine('ex01')]);
  const [target] = fleet.targets;
  if (target === undefined) throw new Error('no target');
  const journal = memoryJournal();
  const clock = memoryClock();
  const step = deriveStep({
    kind: 'service',
    number: 1,
    undoes: false,
    service: 'MSExchangeIMAP4BE',
    verb: 'stop',
    ranges: [],
    listensOn: [],
  });
  await sendChange(
    {
      step,
      direction: 'do',
      line: 'sc stop MSExchangeIMAP4BE',
      goal: { kind: 'service', running: false },
      before: null,
      script: 'sc stop MSExchangeIMAP4BE',
      read: () => ({ exitCode: 5, text: printed, state: null, before: null, after: null }),
    },
    {
      host: 'ex01',
      session: await fleet.connector.connect(target),
      recorder: createRecorder(journal, memoryListener(), clock),
      ownership: createOwnership([]),
      clock,
      signal: new AbortController().signal,
      view: { tables: null },
      protocols: ['tcp'],
      serviceMs: 1000,
    },
  );
  const [text = ''] = journal.events.flatMap((one) => (one.type === 'command-finished' ? [one.text] : []));
  expect(text.startsWith('no xxx')).toBe(true);
  expect(text.length).toBeLessThan(longestQuote + 40);
});

test('goes on behind it: its full stop is not quoted, its dots are', () => {
  expect(noEffect('ex01', 'sc stop A', 5, 'Access is denied.\r\n', 'A is running').message).toMatch(
    /: Access is denied$/,
  );
  expect(noEffect('ex01', 'sc stop A', 5, 'Wait...', 'A is running').message).toMatch(/: Wait\.\.\.$/);
});

test('nor the failure', () => {
  const { message } = noEffect('ex01', 'sc stop A', 5, printed, 'A is running');
  expect(message).toMatch(
    /^"sc stop A" had no effect: afterwards A is running; Windows said \(exit code 5\): no x+\.\.\. \(\d+ more characters\)$/,
  );
  expect(message.length).toBeLessThan(longestQuote + 200);
});
