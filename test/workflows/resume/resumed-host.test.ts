// What an interrupted run left is joined with the plan by which its host is gone on with.
import { expect, test } from 'vitest';
import { withEarlierSteps } from '../../../src/workflows/resume/resumed-host.ts';
import type { HostHistory, StepHistory } from '../../../src/model/history.ts';
import type { StepOwnership } from '../../../src/model/rules/claims.ts';
import type { HostPlan, Step } from '../../../src/model/plan.ts';
import { exclusionStep, hostStarted, serviceStep } from '../../journal/events.ts';

const { connection, exclusiveGroup, desired, before } = hostStarted('ex01', []);

function planOf(steps: readonly Step[]): HostPlan {
  const nothing = { findings: [], fingerprint: 'f', windows: null, exchange: null, facts: null, failure: null };
  return { target: 'ex01', connection, exclusiveGroup, desired, state: 'changes', steps, ...nothing };
}

const mine: StepOwnership = { active: { seen: true, claim: { before: false, certainty: 'sure' } } };

function historyOf(steps: readonly (Partial<StepHistory> & { readonly step: Step })[]): HostHistory {
  const never = { sent: false, changedByOtherFamily: false, ownership: {}, state: null };
  const untouched = { ...never, inDoubt: false, rolledBack: false, lastResult: null };
  const told = steps.map((one) => ({ ...untouched, ...one }));
  return { host: 'ex01', connection, exclusiveGroup, desired, before, steps: told, verdict: null };
}

test('what the new plan does not have comes after it, numbered on; what was taken back or never touched does not', () => {
  const { plan, doneBefore } = withEarlierSteps(
    planOf([exclusionStep(1, 'ipv6')]),
    historyOf([
      { step: serviceStep(1, 'stop'), sent: true, ownership: mine },
      { step: exclusionStep(2, 'ipv4'), changedByOtherFamily: true, ownership: mine },
      { step: exclusionStep(5, 'ipv4', 9966), sent: true, lastResult: 'not-needed' },
      { step: exclusionStep(3, 'ipv6') },
      { step: exclusionStep(4, 'ipv4', 9955), sent: true, rolledBack: true },
    ]),
  );
  expect(plan.steps).toEqual([exclusionStep(1, 'ipv6')]);
  expect(doneBefore).toEqual([
    { step: { ...serviceStep(1, 'stop'), number: 2 }, sent: true, ownership: mine },
    { step: { ...exclusionStep(2, 'ipv4'), number: 3 }, sent: false, ownership: mine },
  ]);
});

test('a step that is gone on with leads back to before the run, and is there once', () => {
  const half = { ...exclusionStep(1, 'ipv4'), before: { active: false, persistent: true } };
  const { plan, doneBefore } = withEarlierSteps(
    planOf([half]),
    historyOf([{ step: exclusionStep(5, 'ipv4'), sent: true, inDoubt: true, ownership: mine }]),
  );
  expect(plan.steps).toEqual([exclusionStep(1, 'ipv4')]);
  expect(doneBefore).toEqual([{ step: exclusionStep(1, 'ipv4'), sent: true, ownership: mine }]);
});

test('a step whose twin on the other family was sent leads back to before the run: the twin has moved it along', () => {
  const half = { ...exclusionStep(1, 'ipv6'), before: { active: false, persistent: true } };
  const other = { ...exclusionStep(2, 'ipv6', 9955), before: { active: false, persistent: true } };
  const { plan } = withEarlierSteps(
    planOf([half, other]),
    historyOf([
      { step: exclusionStep(1, 'ipv4'), sent: true, ownership: mine },
      { step: exclusionStep(2, 'ipv6') },
      { step: exclusionStep(3, 'ipv6', 9955) },
    ]),
  );
  // 9955 was touched on neither family: what is found there is somebody else's.
  expect(plan.steps).toEqual([exclusionStep(1, 'ipv6'), other]);
});

test('a host that was not started stays as it is planned', () => {
  const plan = planOf([exclusionStep(1, 'ipv4')]);
  expect(withEarlierSteps(plan, undefined)).toEqual({ plan, doneBefore: [] });
});
