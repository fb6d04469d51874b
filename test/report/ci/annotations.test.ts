// GitHub workflow commands: at the line of the inventory, at most ten of a kind, escaped so that no text makes a command of its own.
import { expect, test } from 'vitest';
import { writeAnnotations } from '../../../src/report/ci/annotations.ts';
import { hostileRunView, somePlanView } from '../view/some-views.ts';

test('an error stands at the line that names the host, with the fix on a line of its own', async () => {
  const lines = writeAnnotations(await somePlanView('verify')).split('\n');
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^::error file=inventory\/prod\.yml,line=9,col=9,title=stranger%3A blocked \[held-by-stranger\]::stranger: tcp 9955 is open in .*%0Afix: /,
    ),
  );
});

test('ten of a kind, the worst, and the last says how many more there are', async () => {
  const view = await somePlanView('verify');
  const hosts = Array.from({ length: 5 }, (_, round) =>
    view.hosts.map((one) => ({ ...one, host: `${one.host}-${round}` })),
  ).flat();
  const lines = writeAnnotations({ ...view, hosts })
    .trimEnd()
    .split('\n');
  const errors = lines.filter((one) => one.startsWith('::error '));
  expect(errors).toHaveLength(10);
  // Of five rounds of 7 hosts that are not as desired, ten are shown.
  expect(errors.at(-1)).toMatch(/%0A\(25 more: see the summary\)$/);
  expect(errors.every((one) => /title=(stranger|old)/.test(one))).toBe(true);
});

test('a plan without trouble says nothing', async () => {
  const view = await somePlanView();
  expect(writeAnnotations({ ...view, hosts: view.hosts.filter((one) => one.standing === 'ok') })).toBe('');
});

test('nothing that a host printed begins a line', async () => {
  const text = writeAnnotations(await hostileRunView());
  expect(text.length).toBeGreaterThan(200);
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^::(error|warning) /);
  expect(text).not.toContain('\r');
});
