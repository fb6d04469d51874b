// The headline in words, and what is merged on a host: nothing is said of a port on which it was not found.
import { expect, test } from 'vitest';
import type { HostCount } from '../../../src/model/strategy.ts';
import { assumedPaces } from '../../../src/model/headline/paces.ts';
import { makeHeadline } from '../../../src/model/headline/plan-headline.ts';
import { renderHeadline } from '../../../src/report/headline/headline-text.ts';
import { describeHeadline, durationWords } from '../../../src/report/headline/headline-words.ts';
import { writeMarkdown } from '../../../src/report/ci/markdown.ts';
import { pageText } from '../html/page-text.ts';
import { joinAlike, mergeAlike } from '../../../src/model/text/merge-alike.ts';
import { viewPlan } from '../../../src/report/view/plan-view.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { planMemory, policyOf } from '../../support/memory-run.ts';
import { context } from '../view/some-views.ts';

async function somePlan() {
  const machines = ['ex01', 'ex02', 'ex03', 'ex04'].map((name) => memoryMachine(name, { imap: 'running' }));
  const window = { opensAt: '2026-12-05T22:00:00.000Z', closesAt: '2026-12-05T22:00:30.000Z' };
  const policy = policyOf({ window, onFailure: 'rollback_run' }, { canary: 1, pauseMs: 60_000, concurrency: 2 });
  return planMemory(
    memoryFleet([...machines, memoryMachine('old', { hotfix: false, windows: '2008r2' })]),
    undefined,
    policy,
  );
}

test('says all that is signed off, within 80 columns', async () => {
  const text = renderHeadline(makeHeadline(await somePlan(), assumedPaces));
  expect(text).toBe(`  changes   4 of 5 hosts: 16 exclusions to add (each address family counts)
  skips     1 blocked: Windows lacks KB2665809 (netsh-too-old)
  restarts  MSExchangeIMAP4BE on 4 hosts, about 20 s each (assumed)
  batches   canary ex01, then 3 hosts; between them a pause of 60 s
  order     as in the inventory, at most 2 at once
  failures  stops when one host fails (max_failed); then everything the run
            changed is rolled back (on_failure: rollback_run)
  window    2026-12-05T22:00:00.000Z to 2026-12-05T22:00:30.000Z
  takes     about 2 min when nothing fails (assumed: no earlier run was measured
            here); LONGER THAN THE WINDOW
`);
});

test.each([
  { groupOf: () => 'dag1', says: 'at most 10 at once, one at a time by group' },
  { groupOf: (host: string) => (host === 'ex01' ? null : 'dag1'), says: 'one at a time by group (1 host without that' },
  // As with a name that is mistyped: it must not be said that hosts are kept apart.
  { groupOf: () => null, says: 'at most 10 at once; none is kept apart by group: no host to change has that variable' },
])('says which hosts a variable keeps apart: $says', async ({ groupOf, says }) => {
  const machines = ['ex01', 'ex02', 'ex03'].map((name) => memoryMachine(name));
  const plan = await planMemory(memoryFleet(machines), undefined, policyOf(), groupOf);
  const order = describeHeadline(makeHeadline(plan, assumedPaces)).find((one) => one.label === 'order');
  expect(order?.value).toContain(says);
});

const percent = (of: number): HostCount => ({ kind: 'percent', percent: of });
const count = (hosts: number): HostCount => ({ kind: 'count', hosts });

test.each([
  [{ maxFailed: count(0) }, 'stops when one host fails (max_failed);'],
  [{ maxFailed: count(0), maxFailedTotal: count(2) }, 'stops when one host fails (max_failed);'],
  [{ maxFailed: percent(50) }, 'stops when more than 50% of a batch fail (max_failed);'],
  [{ maxFailed: percent(100) }, 'never stops, however many hosts fail (max_failed: 100%);'],
  // The batches are of 1 and 3 hosts.
  [{ maxFailed: count(2) }, 'stops when more than 2 hosts of a batch fail (max_failed);'],
  [{ maxFailed: count(4) }, 'never stops, however many hosts fail (max_failed: 4);'],
  [{ maxFailed: percent(100), maxFailedTotal: count(1) }, 'stops when more than 1 host of all fail (max_failed);'],
  [
    { maxFailed: percent(50), maxFailedTotal: count(2) },
    'stops when more than 50% of a batch fail, or more than 2 hosts of all fail (max_failed);',
  ],
  [
    { maxFailed: percent(100), maxFailedTotal: percent(100) },
    'never stops, however many hosts fail (max_failed: 100%, max_failed_total: 100%);',
  ],
])('says when a run stops, and when never: %j', async (budgets, says) => {
  const machines = ['ex01', 'ex02', 'ex03', 'ex04'].map((name) => memoryMachine(name));
  const plan = await planMemory(memoryFleet(machines), undefined, policyOf({}, { canary: 1, ...budgets }));
  const failures = describeHeadline(makeHeadline(plan, assumedPaces)).find((row) => row.label === 'failures');
  expect(failures?.value.startsWith(says)).toBe(true);
});

test.each(['rollback_batch', 'rollback_run'] as const)(
  '%s rolls back no other host of a run that never stops',
  async (onFailure) => {
    const plan = await planMemory(
      memoryFleet([memoryMachine('ex01')]),
      undefined,
      policyOf({ onFailure }, { maxFailed: percent(100) }),
    );
    const text = renderHeadline(makeHeadline(plan, assumedPaces)).replaceAll(/\s+/g, ' ');
    expect(text).toContain(`(max_failed: 100%); a failed host is rolled back, no other one (on_failure: ${onFailure})`);
    expect(renderHeadline(makeHeadline(plan, assumedPaces), { isRollback: true })).not.toMatch(/max_failed|on_failure/);
  },
);

test('the page and the markdown say the same words', async () => {
  const plan = await somePlan();
  const view = viewPlan(plan, 'plan', null, context);
  const [page, markdown] = [pageText(view), writeMarkdown(view)];
  for (const { label, value } of describeHeadline(makeHeadline(plan, assumedPaces))) {
    expect(page).toContain(`<dt>${label}</dt>`);
    expect(page).toContain(`<dd>${value}</dd>`);
    expect(markdown.replaceAll(/&#95;/g, '_')).toContain(`| ${label} | ${value} |`);
  }
  // What will happen stands in the row itself.
  expect(view.hosts[0]?.detail).toBe(
    'reserve tcp 9955 on ipv4 and ipv6; reserve tcp 9933 on ipv4 and ipv6; restart MSExchangeIMAP4BE',
  );
});

test('on paper hosts that are alike are one row', async () => {
  const page = pageText(viewPlan(await somePlan(), 'plan', null, context));
  expect(page).toContain('4 hosts: ex01, ex02, ex03, ex04</td>');
});

const lies = (port: number, family: string) => ({ sentence: `tcp ${port} on ${family} lies in 9900-9999` });

test('a blocker of every port on every family is said once', () => {
  const all = [lies(9933, 'ipv4'), lies(9933, 'ipv6'), lies(9955, 'ipv4'), lies(9955, 'ipv6')];
  expect(mergeAlike(all, () => '')).toEqual([{ sentence: 'tcp 9933 and tcp 9955 on ipv4 and ipv6 lie in 9900-9999' }]);
});

test('a blocker of three of four is said twice, each time of all that it names', () => {
  const some = [lies(9933, 'ipv4'), lies(9955, 'ipv4'), lies(9955, 'ipv6')];
  expect(joinAlike(some.map((one) => one.sentence))).toBe(
    'tcp 9933 on ipv4 lies in 9900-9999; tcp 9955 on ipv4 and ipv6 lies in 9900-9999',
  );
});

test('what is the same word for word is said once', () => {
  const lost = 'the connection was lost before the answer was complete';
  expect(joinAlike([lost, lost, 'ex01 is gone', lost])).toBe(`${lost}; ex01 is gone`);
});

test('what is not true of every combination stays apart', () => {
  const some = [lies(9933, 'ipv4'), lies(9955, 'ipv6')];
  expect(mergeAlike(some, () => '')).toEqual(some);
  const others = [lies(9933, 'ipv4'), { sentence: 'tcp 9955 on ipv4 lies in 9950-9960' }];
  expect(mergeAlike(others, () => '')).toEqual(others);
});

test.each([
  [400, '1 s'],
  [20_400, '20 s'],
  [119_000, '119 s'],
  [240_000, '4 min'],
  [3_900_000, '1 h 5 min'],
  [7_200_000, '2 h'],
])('%d ms are %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});
