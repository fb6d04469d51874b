// What the parser lets through and would take for something else than was typed is refused: values that are missing, empty or given twice,
// and a switch with a value that is none. Nothing is read, asked or sent by then, so the files and hosts need not be there.
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { refusedLine } from '../support/refused-line.ts';

test.each([
  // To it, each of these is false: the plan would be applied.
  ['apply tonight.plan --yes --dry-run=1', '--dry-run: expected no value, or true or false, got 1'],
  ['apply tonight.plan --yes --dry-run=TRUE', '--dry-run: expected no value'],
  ['apply tonight.plan --yes --dryRun=yes', '--dryRun: expected no value'],
  ['--dry-run=1 apply tonight.plan --yes', '--dry-run: expected no value'],
  ['apply tonight.plan -y=1', '-y: expected no value'],
  ['collect -l ex01 -l ex02', '--limit is given more than once'],
  ['collect --limit ex01 -l ex02', '--limit is given more than once'],
  ['plan -p one.yml -p two.yml', '--playbook is given more than once'],
  ['plan --concurrency 5 --concurrency 6', '--concurrency is given more than once'],
  ["collect -l ''", '--limit: expected a value, got none'],
  ["runs --state-dir ''", '--state-dir: expected a value, got none'],
  ["collect -i ''", '--inventory: expected a value, got none'],
  ['collect -l', '-l: expected a value, got none'],
  ['collect --limit --quiet', '--limit: expected a value, got none'],
  ['plan --concurrency --out tonight.plan', '--concurrency: expected a value, got none'],
  ['lab --first-port', '--first-port: expected a value, got none'],
  ['runs --state', '--state: expected a value, got none'],
  ['collect --no-limit', 'Unknown argument: no-limit'],
  ['show tonight.plan --plan other.plan', 'Unknown argument: plan'],
  ['lab --first-port some', '--first-port: expected a whole number from 0 to 65535'],
  ['lab --delay-ms -1', '--delay-ms: expected a whole number from 0'],
])('%s', async (line, says) => {
  expect(await refusedLine(line)).toContain(says);
});

test('a switch may be said to be on or off', async () => {
  for (const off of ['--json=false', '--no-json', '--json --no-json']) {
    const { stdout } = await runCli(['explain', 'auth/refused', ...off.split(' ')]);
    expect(stdout).not.toContain('"schema"');
  }
  const { stdout } = await runCli(['explain', 'nothing', '--json=true']);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'fencepost/error' });
});
