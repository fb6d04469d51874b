// What a later record takes away from what an earlier one said of a host.
import { expect, test } from 'vitest';
import { families } from '../../src/model/host-state.ts';
import type { RunEvent, StepState } from '../../src/model/outcome.ts';
import { at, exclusionStep, hostStarted, runStarted, serviceStep } from './events.ts';
import { replayRun } from '../support/read-journal.ts';

const there: StepState = { kind: 'exclusion', presence: { active: true, persistent: true } };
const running: StepState = {
  kind: 'service',
  state: 'running',
  listensOn: families.map((family) => ({ family, port: 9933 })),
};

function intended(step: number, direction: 'do' | 'undo'): RunEvent {
  return {
    at,
    type: 'command-planned',
    host: 'ex01',
    step,
    direction,
    line: 'a line',
    goal: { kind: 'service', running: direction === 'undo' },
    before: null,
  };
}

function done(step: number, state: StepState): readonly RunEvent[] {
  const about = { at, host: 'ex01', step, direction: 'do' } as const;
  return [
    intended(step, 'do'),
    { ...about, type: 'step-finished', result: 'done', state, look: null, changedByOtherFamily: false, failure: null },
  ];
}

const changed: RunEvent = {
  at,
  type: 'host-finished',
  host: 'ex01',
  verdict: 'changed',
  detail: 'done',
  failure: null,
  findings: [],
};

test('a host that is taken back after its verdict has none until it has a new one', () => {
  const events = [runStarted, hostStarted('ex01', [exclusionStep(1, 'ipv4')]), ...done(1, there), changed];
  expect(replayRun(events).verdicts).toHaveLength(1);
  const { verdicts, hosts } = replayRun([...events, intended(1, 'undo')]);
  expect(verdicts).toEqual([]);
  expect(hosts[0]).toMatchObject({ verdict: null, steps: [{ sent: true, inDoubt: true, rolledBack: false }] });
});

test('a service that is stopped once more is not known to run from the start before', () => {
  const steps = [serviceStep(1, 'stop'), serviceStep(2, 'start')];
  const events = [runStarted, hostStarted('ex01', steps), ...done(2, running)];
  expect(replayRun(events).hosts[0]?.steps[1]?.state).toEqual(running);
  expect(replayRun([...events, intended(1, 'do')]).hosts[0]?.steps[1]?.state).toBeNull();
});

test('a step that was never touched is taken as it was planned last, one that was keeps its way back', () => {
  const before = { active: true, persistent: false };
  const again = [exclusionStep(1, 'ipv4'), exclusionStep(2, 'ipv6')].map((step) => ({ ...step, before }));
  const { hosts } = replayRun([
    runStarted,
    hostStarted('ex01', [exclusionStep(1, 'ipv4'), exclusionStep(2, 'ipv6')]),
    ...done(1, there),
    hostStarted('ex01', again),
  ]);
  expect(hosts[0]?.steps.map(({ step }) => (step.kind === 'exclusion' ? step.before.active : null))).toEqual([
    false,
    true,
  ]);
});
