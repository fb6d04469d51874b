// A run may be named by the beginning of its name, or as `last`, in every command that takes one. `state`, which copies between two states, is in
// interop/postgres/commands.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { openLab, type TestLab } from '../support/lab.ts';

const ways = {
  confirm: ['confirm', '-i'],
  report: ['report', '--format', 'json'],
  resume: ['resume', '--dry-run', '-i'],
  rollback: ['rollback', '--dry-run', '-i'],
  'runs show': ['runs', 'show'],
  'runs verify': ['runs', 'verify', '--json'],
  status: ['status'],
  unlock: ['unlock', '--yes'],
} as const;

let lab: TestLab;
let run: string;

beforeAll(async () => {
  lab = await openLab([{ name: 'ex01' }]);
  const { stdout } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json']);
  run = (JSON.parse(stdout) as { run: string }).run;
});

afterAll(async () => {
  await lab.close();
});

test('no command that takes a run is left out', async () => {
  const { stdout } = await runCli(['--help']);
  const taking = [...stdout.matchAll(/^ {2}fencepost ([a-z]+)(?: \S+)* [[<]run[\]>]/gm)].map((found) => found[1]);
  expect(taking.toSorted()).toEqual(['confirm', 'resume', 'rollback', 'runs', 'state', 'status', 'unlock']);
});

test.each(Object.entries(ways))('%s', async (_, [command, ...rest]) => {
  expect(await lab.runs()).toEqual([run]);
  for (const typed of [run.slice(0, 6), 'last']) {
    const flags = rest.at(-1) === '-i' ? [...rest, lab.inventoryFile] : rest;
    const words = command === 'runs' ? [command, ...flags, typed] : [command, typed, ...flags];
    const { stdout, stderr } = await lab.run(words);
    expect([words, stdout + stderr]).toEqual([words, expect.stringContaining(run)]);
    expect(stdout + stderr).not.toMatch(/run\/unknown|usage\//);
  }
});
