// A survey asks and cannot change: one entry per target, failures as values, and a change refused by construction.
import { describe, expect, test } from 'vitest';
import { readOnly } from '../../../src/run/survey/read-only.ts';
import { failureOf } from '../../support/failure-of.ts';
import { essenceOf, lost, memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { backEndPorts, surveyMemory } from '../../support/memory-run.ts';

describe('a survey', () => {
  test('has one entry per target, in their order, whatever becomes of each', async () => {
    const machines = ['ex03', 'ex01', 'ex02', 'ex04'].map((name) => memoryMachine(name));
    const before = machines.map(essenceOf);
    const fleet = memoryFleet(machines, {
      trouble: ({ host, kind }) => {
        if (host === 'ex01' && kind === 'connect') return { at: 'before', failure: lost('none') };
        return host === 'ex02' && kind === 'ask'
          ? { at: 'answer', spoil: (answer) => ({ ...answer, stdout: answer.stdout.slice(0, 900) }) }
          : null;
      },
    });
    const surveyed = await surveyMemory(fleet.targets, fleet.connector, () => backEndPorts);
    const told = surveyed.map((one) => [one.target.name, 'failure' in one ? one.failure.code : 'facts']);
    expect(told).toEqual([
      ['ex03', 'facts'],
      ['ex01', 'connect/lost'],
      ['ex02', 'answer/incomplete'],
      ['ex04', 'facts'],
    ]);
    expect(fleet.requests.filter((one) => one.kind === 'change')).toEqual([]);
    expect([machines.map(essenceOf), fleet.open.size]).toEqual([before, 0]);
  });

  test('over a session that refuses every change', async () => {
    const fleet = memoryFleet([memoryMachine('ex01')]);
    const [target] = fleet.targets;
    if (target === undefined) throw new Error('no target');
    const session = await readOnly(fleet.connector).connect(target);
    const failure = await failureOf(session.change('sc stop MSExchangeIMAP4BE'));
    expect(failure.code).toBe('change/refused-read-only');
    expect(fleet.requests.map((one) => one.kind)).toEqual(['connect']);
    await session.close();
  });
});
