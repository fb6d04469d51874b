// What a journal tells of each step: sent or not, in doubt or not, taken back or not.
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../src/model/failure.ts';
import type { StepHistory } from '../../src/model/history.ts';
import type { RunEvent, StepLook, StepState } from '../../src/model/outcome.ts';
import { at, exclusionStep, hostStarted, runStarted, serviceStep } from './events.ts';
import { replayRun } from '../support/read-journal.ts';

const failure = { code: 'connect/lost', message: 'gone', where: null, hint: null } as const;
const there: StepState = { kind: 'exclusion', presence: { active: true, persistent: true } };
const notThere: StepState = { kind: 'exclusion', presence: { active: false, persistent: false } };
/** On both families, as where they share one list. */
const lookOf = (state: StepState | null): StepLook | null =>
  state?.kind === 'exclusion' ? { kind: 'exclusion', presence: { ipv4: state.presence, ipv6: state.presence } } : null;
const about = (step: number, direction: 'do' | 'undo' = 'do') => ({ at, host: 'ex01', step, direction });

const intended = (step: number, direction?: 'do' | 'undo'): RunEvent => ({
  ...about(step, direction),
  type: 'command-planned',
  line: 'netsh',
  goal: { kind: 'exclusion', store: 'persistent', present: direction !== 'undo' },
  before: lookOf(direction === 'undo' ? there : notThere),
});
const answered = (step: number, state: StepState | null, direction?: 'do' | 'undo'): RunEvent => ({
  ...about(step, direction),
  type: 'command-finished',
  exitCode: 0,
  text: 'Ok.',
  state,
  before: lookOf(direction === 'undo' ? there : notThere),
  after: lookOf(state),
});
const lostAs = (step: number, effect: 'none' | 'unknown'): RunEvent => ({
  ...about(step),
  type: 'command-lost',
  effect,
  failure,
});
const finished = (
  step: number,
  result: 'done' | 'not-needed' | 'failed' | 'in-doubt',
  state: StepState | null,
  direction?: 'do' | 'undo',
): RunEvent => ({
  ...about(step, direction),
  type: 'step-finished',
  result,
  state,
  look: lookOf(state),
  changedByOtherFamily: false,
  failure: null,
});

const untouched: Omit<StepHistory, 'step'> = {
  sent: false,
  changedByOtherFamily: false,
  ownership: { active: { seen: null, claim: null }, persistent: { seen: null, claim: null } },
  state: null,
  inDoubt: false,
  rolledBack: false,
  lastResult: null,
};

describe('a step in the history', () => {
  test.each<{ readonly name: string; readonly events: readonly RunEvent[]; readonly history: Partial<StepHistory> }>([
    { name: 'planned only', events: [], history: untouched },
    {
      name: 'intended, then the process died',
      events: [intended(1)],
      history: { sent: true, inDoubt: true, state: null },
    },
    {
      name: 'answered',
      events: [intended(1), answered(1, there)],
      history: { sent: true, inDoubt: false, state: there },
    },
    {
      name: 'answered, tables unread',
      events: [intended(1), answered(1, null)],
      history: { sent: true, inDoubt: true, state: null },
    },
    { name: 'lost', events: [intended(1), lostAs(1, 'unknown')], history: { sent: true, inDoubt: true } },
    { name: 'surely not run', events: [intended(1), lostAs(1, 'none')], history: { sent: true, inDoubt: false } },
    {
      name: 'lost, then found by asking',
      events: [intended(1), lostAs(1, 'unknown'), finished(1, 'done', there)],
      history: { inDoubt: false, state: there, lastResult: 'done' },
    },
    {
      name: 'lost, and not to be asked',
      events: [intended(1), lostAs(1, 'unknown'), finished(1, 'in-doubt', null)],
      history: { inDoubt: true, lastResult: 'in-doubt' },
    },
    {
      name: 'found at its goal: somebody else did it',
      events: [finished(1, 'not-needed', there)],
      history: { sent: false, changedByOtherFamily: false, inDoubt: false, state: there },
    },
    {
      name: 'taken back',
      events: [
        intended(1),
        answered(1, there),
        finished(1, 'done', there),
        intended(1, 'undo'),
        answered(1, notThere, 'undo'),
        finished(1, 'done', notThere, 'undo'),
      ],
      history: { sent: true, rolledBack: true, state: notThere, inDoubt: false },
    },
    {
      name: 'died while it was taken back',
      events: [intended(1), answered(1, there), finished(1, 'done', there), intended(1, 'undo')],
      history: { sent: true, rolledBack: false, inDoubt: true },
    },
    {
      name: 'taking back failed',
      events: [
        intended(1),
        answered(1, there),
        intended(1, 'undo'),
        answered(1, there, 'undo'),
        finished(1, 'failed', there, 'undo'),
      ],
      history: { rolledBack: false, state: there },
    },
    {
      name: 'not to be taken back, found so',
      events: [intended(1), lostAs(1, 'none'), finished(1, 'not-needed', notThere, 'undo')],
      history: { rolledBack: true, changedByOtherFamily: false },
    },
  ])('$name', ({ events, history }) => {
    const [host] = replayRun([runStarted, hostStarted('ex01', [exclusionStep(1, 'ipv4')]), ...events]).hosts;
    expect(host?.steps[0]).toMatchObject(history);
    expect(host?.verdict).toBeNull();
  });

  test('is known again when a resumed run numbers its steps anew', () => {
    const { hosts } = replayRun([
      runStarted,
      hostStarted('ex01', [exclusionStep(1, 'ipv4'), exclusionStep(2, 'ipv6')]),
      intended(1),
      answered(1, there),
      finished(1, 'done', there),
      { at, type: 'run-resumed', operator: runStarted.operator },
      hostStarted('ex01', [exclusionStep(1, 'ipv6'), serviceStep(2, 'stop')]),
      intended(1),
    ]);
    expect(hosts).toHaveLength(1);
    const told = hosts[0]?.steps.map((one) => [
      one.step.kind === 'service' ? one.step.verb : one.step.family,
      one.sent,
      one.inDoubt,
    ]);
    expect(told).toEqual([
      ['ipv4', true, false],
      ['ipv6', true, true],
      ['stop', false, false],
    ]);
  });

  test('keeps the presence from before the first change when a resumed run begins the host again', () => {
    const second = { ...exclusionStep(1, 'ipv4'), before: { active: true, persistent: false } };
    const { hosts } = replayRun([
      runStarted,
      hostStarted('ex01', [exclusionStep(1, 'ipv4')]),
      intended(1),
      hostStarted('ex01', [second]),
    ]);
    expect(hosts[0]?.steps[0]?.step).toMatchObject({ before: { active: false, persistent: false } });
  });
});

describe('a run in the history', () => {
  const verdict = {
    at,
    type: 'host-finished',
    host: 'ex01',
    verdict: 'changed',
    detail: 'd',
    failure: null,
    findings: [],
  } as const;

  test('has the last verdict of each host, and its end', () => {
    const run = replayRun([
      runStarted,
      hostStarted('ex01', []),
      verdict,
      { ...verdict, verdict: 'rolled-back' },
      { at, type: 'run-stopping', reason: 'enough' },
      { at, type: 'run-finished', counts: { 'rolled-back': 1 } },
    ]);
    expect([run.verdicts.length, run.verdicts[0]?.verdict, run.hosts[0]?.verdict?.verdict]).toEqual([
      1,
      'rolled-back',
      'rolled-back',
    ]);
    expect([run.stopping, run.finished?.counts]).toEqual(['enough', { 'rolled-back': 1 }]);
  });

  test('resumed is not finished, and a host started again has no verdict yet', () => {
    const run = replayRun([
      runStarted,
      hostStarted('ex01', []),
      verdict,
      { at, type: 'run-finished', counts: {} },
      { at, type: 'run-resumed', operator: runStarted.operator },
      hostStarted('ex01', []),
    ]);
    expect([run.finished, run.verdicts, run.hosts[0]?.verdict]).toEqual([null, [], null]);
  });

  test.each([[[]], [[verdict]]])('that does not begin with a run is refused: %#', (events) => {
    expect(() => replayRun(events)).toThrow(expect.objectContaining({ code: 'journal/damaged' }) as Failure);
  });
});

test('shells that may be open: of hosts that did not come to an end after them', () => {
  const opened = (host: string, shellId: string): RunEvent => ({ at, type: 'shell-opened', host, shellId });
  const hostFinished = (host: string): RunEvent => ({
    at,
    type: 'host-finished',
    host,
    verdict: 'changed',
    detail: '',
    failure: null,
    findings: [],
  });
  const lost: RunEvent = {
    at,
    type: 'host-finished',
    host: 'ex04',
    verdict: 'in-doubt',
    detail: '',
    failure: { ...failure, code: 'run/lease-lost' },
    findings: [],
  };
  const inDoubt: RunEvent = { ...lost, host: 'ex05', failure };
  const { openShells } = replayRun([
    runStarted,
    opened('ex05', 'G'),
    // What was sent there may still run, or begin.
    inDoubt,
    opened('ex04', 'F'),
    // Whoever opened it sleeps, and others say so.
    lost,
    opened('ex01', 'A'),
    opened('ex02', 'B'),
    opened('ex02', 'C'),
    hostFinished('ex01'),
    opened('ex03', 'D'),
    hostFinished('ex03'),
    opened('ex03', 'E'),
  ]);
  expect(openShells).toEqual({ ex02: ['B', 'C'], ex03: ['E'], ex04: ['F'], ex05: ['G'] });
});

test('a batch that goes on behind one of hosts that were left down is the same batch still, and the latest', () => {
  const batch = (...hosts: readonly string[]): RunEvent => ({ at, type: 'batch-started', batch: 1, of: 3, hosts });
  const ended: RunEvent = { at, type: 'batch-finished', batch: 1, failed: 0 };
  const resumed: RunEvent = { at, type: 'run-resumed', operator: runStarted.operator };
  const died = [runStarted, batch('ex01', 'ex02'), ended, batch('ex03', 'ex04'), resumed, batch('ex01')];
  const whole = { hosts: ['ex03', 'ex04'], finished: false };
  const first = { hosts: ['ex01', 'ex02'], finished: true };
  expect(replayRun([...died, batch('ex04')]).batches).toEqual([first, { hosts: ['ex01'], finished: false }, whole]);
  expect(replayRun([...died, ended, batch('ex04')]).batches).toEqual([
    first,
    { hosts: ['ex01'], finished: true },
    whole,
  ]);
  expect(replayRun([...died, ended, batch('ex04'), ended]).batches.at(-1)).toEqual({ ...whole, finished: true });
});
