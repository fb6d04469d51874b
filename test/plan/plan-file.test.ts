// A saved plan is what is applied: any edit, cut or other kind of file is refused.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writePlanFile } from '../../src/plan/plan-file.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { planMemory } from '../support/memory-run.ts';
import { readPlanText } from '../support/read-plan.ts';

const plan = await planMemory(memoryFleet([memoryMachine('ex01', { imap: 'running' }), memoryMachine('größer')]));
const { text: lines, digest } = writePlanFile(plan);
const text = [...lines].join('');

test('reads back as it was written, under the same digest', () => {
  expect(readPlanText(text, 'p')).toEqual({ plan, digest });
  const again = writePlanFile(readPlanText(text, 'p').plan);
  expect([[...again.text].join(''), again.digest]).toEqual([text, digest]);
});

test('has one host a line, and is the same to a reader when a formatter laid it out anew', () => {
  expect(text.split('\n').filter((line) => line.startsWith('{"target":'))).toHaveLength(plan.hosts.length);
  expect(readPlanText(JSON.stringify(JSON.parse(text), null, 2), 'p')).toEqual({ plan, digest });
  expect(readPlanText(JSON.stringify(JSON.parse(text)), 'p')).toEqual({ plan, digest });
});

test('a plan for no host is one as well', () => {
  const empty = writePlanFile({ ...plan, hosts: [] });
  expect(readPlanText([...empty.text].join(''), 'p')).toEqual({ plan: { ...plan, hosts: [] }, digest: empty.digest });
});

test('read in parts of any length it is the same', () => {
  const laidOutAnew = JSON.stringify(JSON.parse(text), null, 2);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(text, laidOutAnew), (partLength, whole) => {
      expect(readPlanText(whole, 'p', partLength)).toEqual({ plan, digest });
    }),
    { numRuns: 40 },
  );
});

test('text after its end is refused', () => {
  expect(() => readPlanText(`${text}x`, 'p')).toThrow(expect.objectContaining({ code: 'plan/damaged' }) as Error);
});

test('cut anywhere, it is damaged', () => {
  fc.assert(
    fc.property(fc.nat(text.length - 3), (end) => {
      expect(() => readPlanText(text.slice(0, end), 'p')).toThrow(
        expect.objectContaining({ code: 'plan/damaged' }) as Error,
      );
    }),
  );
});

test.each([
  ['another port', text.replace('"firstPort":9933', '"firstPort":9934')],
  ['another host', text.replace('größer', 'anderer')],
  [
    'another digest',
    text.replace(
      digest,
      digest.replace(/^./, (first) => (first === '0' ? '1' : '0')),
    ),
  ],
  ['another version', text.replace('"version":2', '"version":3')],
  ['no hosts', text.replace(/"hosts":\[[^]*$/, '"hosts":null}}')],
  ['one comma less', text.replace('},\n{"target"', '}\n{"target"')],
  ['one host less', text.replace(/\{"target":"ex01"[^\n]*\n/, '')],
  ['another kind of file', JSON.stringify({ format: 'fencepost-snapshot', version: 1 })],
  ['no object', '[]'],
  ['nothing', ''],
])('%s is refused', (_, damaged) => {
  expect(damaged).not.toBe(text);
  expect(() => readPlanText(damaged, 'plan.json')).toThrow(expect.objectContaining({ code: 'plan/damaged' }) as Error);
  expect(() => readPlanText(damaged, 'plan.json')).toThrow(expect.objectContaining({ where: 'plan.json' }) as Error);
});
