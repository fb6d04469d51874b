// A saved plan is what is applied: any edit, cut or other kind of file is refused.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPlanFile, writePlanFile } from '../../src/plan/plan-file.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { planMemory } from '../support/memory-run.ts';

const plan = await planMemory(memoryFleet([memoryMachine('ex01', { imap: 'running' }), memoryMachine('größer')]));
const { text, digest } = writePlanFile(plan);

test('reads back as it was written, under the same digest', () => {
  expect(readPlanFile(text, 'p')).toEqual({ plan, digest });
  expect(writePlanFile(readPlanFile(text, 'p').plan)).toEqual({ text, digest });
});

test('cut anywhere, it is damaged', () => {
  fc.assert(
    fc.property(fc.nat(text.length - 3), (end) => {
      expect(() => readPlanFile(text.slice(0, end), 'p')).toThrow(
        expect.objectContaining({ code: 'plan/damaged' }) as Error,
      );
    }),
  );
});

test.each([
  ['another port', text.replace('startport=9933', 'startport=9934')],
  ['another host', text.replace('größer', 'anderer')],
  [
    'another digest',
    text.replace(
      digest,
      digest.replace(/^./, (first) => (first === '0' ? '1' : '0')),
    ),
  ],
  ['another version', text.replace('"version": 1', '"version": 2')],
  ['another kind of file', JSON.stringify({ format: 'fencepost-snapshot', version: 1 })],
  ['no object', '[]'],
  ['nothing', ''],
])('%s is refused', (_, damaged) => {
  expect(damaged).not.toBe(text);
  expect(() => readPlanFile(damaged, 'plan.json')).toThrow(expect.objectContaining({ code: 'plan/damaged' }) as Error);
  expect(() => readPlanFile(damaged, 'plan.json')).toThrow('plan.json');
});
