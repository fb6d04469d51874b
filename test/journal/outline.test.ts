// What a list says of a run is what the whole of its journal says, though of the long events it reads no more than whom they are about.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOutline, parseOutlineEvent } from '../../src/journal/outline.ts';
import type { RunOutline } from '../../src/model/history.ts';
import type { HostVerdict, RunEvent } from '../../src/model/outcome.ts';
import { replayRun } from '../support/read-journal.ts';
import { at, exclusionStep, hostStarted, runStarted } from './events.ts';

const hosts = ['ex01', 'größer', 'a "quoted", \\ name'] as const;
const host = fc.constantFrom(...hosts);
const ofStep = { step: 1, direction: 'do' } as const;
const add = { line: 'netsh', goal: { kind: 'exclusion', store: 'persistent', present: true }, before: null } as const;
const event: fc.Arbitrary<RunEvent> = fc.oneof(
  host.map((one): RunEvent => hostStarted(one, [exclusionStep(1, 'ipv4')])),
  host.map((one): RunEvent => ({ at, type: 'shell-opened', host: one, shellId: 'S' })),
  host.map((one): RunEvent => ({ at, type: 'command-planned', host: one, ...ofStep, ...add })),
  host.map((one): RunEvent => ({
    at,
    type: 'command-finished',
    host: one,
    ...ofStep,
    exitCode: 0,
    text: 'Ok.',
    state: null,
    before: null,
    after: null,
  })),
  host.map((one): RunEvent => ({
    at,
    type: 'step-finished',
    host: one,
    ...ofStep,
    result: 'done',
    state: null,
    look: null,
    changedByOtherFamily: false,
    failure: null,
  })),
  fc
    .tuple(host, fc.constantFrom<HostVerdict['verdict']>('changed', 'rolled-back', 'skipped'))
    .map(([one, verdict]): RunEvent => ({
      at,
      type: 'host-finished',
      host: one,
      verdict,
      detail: 'd',
      failure: null,
      findings: [],
    })),
  fc.constantFrom<RunEvent>(
    { at, type: 'batch-started', batch: 1, of: 1, hosts },
    { at, type: 'batch-finished', batch: 1, failed: 0 },
    { at, type: 'run-resumed', operator: runStarted.operator },
    { at, type: 'run-stopping', reason: 'enough' },
    { at, type: 'run-finished', counts: { changed: 1 } },
  ),
);

function outlineOf(events: readonly RunEvent[]): RunOutline | null {
  const reader = createOutline();
  for (const one of events) {
    const parsed = parseOutlineEvent(Buffer.from(JSON.stringify(one)));
    if (parsed !== null) reader.event(parsed);
  }
  return reader.outline();
}

test('an outline says what the whole history says', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), (rest) => {
      const events = [runStarted, ...rest];
      const { started, verdicts, finished, stopping, hosts: told } = replayRun(events);
      const inChange = told.filter((one) => one.verdict === null).map((one) => one.host);
      expect(outlineOf(events)).toEqual({ started, verdicts, finished, stopping, inChange });
    }),
    { numRuns: 300 },
  );
});

test('without the beginning of the run there is none', () => {
  expect(outlineOf([])).toBeNull();
  expect(outlineOf([{ at, type: 'run-stopping', reason: 'x' }, runStarted])).toBeNull();
});

describe('of an event', () => {
  test.each(hosts)('that is long only the host is read: %s', (name) => {
    const text = JSON.stringify(hostStarted(name, [exclusionStep(1, 'ipv4')]));
    expect(parseOutlineEvent(Buffer.from(text))).toEqual({ type: 'host-started', host: name });
    // Not even looked at: the line was proven by its digest.
    expect(parseOutlineEvent(Buffer.from(text.slice(0, 120)))).toEqual({ type: 'host-started', host: name });
  });

  test('that is laid out otherwise all is read', () => {
    const started = hostStarted('ex01', []);
    const reversed = Object.fromEntries(Object.entries(started).toReversed());
    expect(parseOutlineEvent(Buffer.from(JSON.stringify(reversed)))).toEqual(started);
    expect(() => parseOutlineEvent(Buffer.from('{"type":"run-finished",'))).toThrow(SyntaxError);
  });
});
