// The list of a host's guards: only an administrator's is whole, so that nobody else's says that there is none.
import { expect, test } from 'vitest';
import { readGuardList, writeGuardList } from '../../src/facts/guard-change.ts';
import { bareMachine, runLine } from '../lab/run-line.ts';

const script = writeGuardList('c0ffee000001');
const answer = { ...runLine(bareMachine(), script.line), stderr: '' };

test("an administrator's list is believed", () => {
  expect(readGuardList(answer, script)).toEqual([]);
});

test.each([
  ['has lost its rights to UAC', 'S-1-16-12288', 'S-1-16-8192'],
  ['is no administrator', 'S-1-5-32-544', 'S-1-5-32-545'],
])('a list of tasks is not believed where the account %s', (_, rights, others) => {
  expect(answer.stdout).toContain(rights);
  const stdout = answer.stdout.replaceAll(rights, others);
  expect(readGuardList({ ...answer, stdout }, script)).toBeNull();
});
