// `explain` as a whole command, and that what its pages tell people to type is understood by the commands themselves.
import { beforeAll, describe, expect, test } from 'vitest';
import { explanations } from '../../src/report/explanations/explanations.ts';
import { runCli } from '../support/cli.ts';

test.each(['auth/refused', '[auth/refused]', 'AUTH/REFUSED'])('explain %s', async (code) => {
  const { exitCode, stdout } = await runCli(['explain', code]);
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/^auth\/refused \(failure\)\n[^]*Usual causes:[^]*Fix/),
  ]);
});

test('as JSON: a page, or all of them', async () => {
  const page = JSON.parse((await runCli(['explain', 'stale', '--json'])).stdout) as object;
  expect(page).toMatchObject({ schema: 'fencepost/explanation', code: 'stale', kind: 'verdict' });
  const { pages } = JSON.parse((await runCli(['explain', '--json'])).stdout) as { pages: readonly unknown[] };
  expect(pages).toEqual(explanations);
});

test('without a code: all', async () => {
  const { exitCode, stdout } = await runCli(['explain']);
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/auth\/refused +The server refused[^]*held-by-stranger[^]*in-doubt/),
  ]);
});

test.each([
  { code: 'auth/refsued', near: 'auth/refused' },
  { code: 'held', near: 'held-by-stranger' },
  { code: 'timeout', near: 'connect/timeout' },
])('an unknown code, $code, is answered with $near', async ({ code, near }) => {
  const { exitCode, stderr } = await runCli(['explain', code]);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining(near)]);
});

describe('the commands of the pages', () => {
  const commands = [
    ...new Set(
      explanations.flatMap((page) =>
        page.cures.flatMap((cure) => (cure.command?.startsWith('fencepost ') === true ? [cure.command] : [])),
      ),
    ),
  ];
  const helps = new Map<string, string>();

  beforeAll(async () => {
    const names = [...new Set(commands.map((line) => line.split(' ')[1] ?? ''))].filter((name) =>
      /^[a-z]+$/.test(name),
    );
    await Promise.all(names.map(async (name) => helps.set(name, (await runCli([name, '--help'])).stdout)));
  });

  test.each(commands)('%s', (line) => {
    const [, name = '', ...rest] = line.split(' ');
    if (!/^[a-z]+$/.test(name)) return; // `fencepost COMMAND --help`
    const help = helps.get(name) ?? '';
    expect(help).toContain(`fencepost ${name}`);
    for (const word of rest) if (word.startsWith('-')) expect(help).toMatch(new RegExp(`(?:^|[ ,])${word}\\b`, 'm'));
  });
});
