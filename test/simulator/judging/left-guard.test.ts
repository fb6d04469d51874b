// A guard that is on the host behind a verdict which calls all of the run undone: its name has to be in the verdict's sentence.
import { expect, test } from 'vitest';
import { buildMachine } from '../../../src/lab/scenario/build-machine.ts';
import { serverSpec } from '../../../src/lab/scenario/server-spec.ts';
import { nameGuard } from '../../../src/model/rules/guard.ts';
import { judgeGuard } from '../guards.ts';
import { beginServer } from '../truth.ts';

const run = 'run-0';
const confirm = { withinMs: 60_000, by: 'person' } as const;
const said = `all of it was rolled back; its guard ${nameGuard(run)} may still be armed: the connection broke off`;

test.each([
  ['rolled-back', said, 0],
  ['failed-rolled-back', said, 0],
  ['rolled-back', 'all of it was rolled back', 1],
  ['failed-rolled-back', 'all of it was rolled back', 1],
  ['undone-by-host', said, 1],
] as const)('%s (%s)', (verdict, detail, problems) => {
  const server = beginServer(buildMachine(serverSpec({ name: 'ex01' })));
  server.machine.tasks.push({ path: nameGuard(run) } as (typeof server.machine.tasks)[number]);
  expect(judgeGuard(server, { verdict, detail }, 'apply', confirm, run)).toHaveLength(problems);
});
