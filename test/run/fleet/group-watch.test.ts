// Who of a one-at-a-time group may be started while one of it is down, as a table.
import { describe, expect, test } from 'vitest';
import { createGroupWatch, type GroupWatch } from '../../../src/run/fleet/group-watch.ts';
import type { HostJob } from '../../../src/run/hosts/host-job.ts';

const [imap, pop] = ['MSExchangeIMAP4BE', 'MSExchangePOP3BE'];

function jobOf(target: string, exclusiveGroup: string | null, differences: Partial<HostJob> = {}): HostJob {
  const plan = { target, exclusiveGroup, steps: [{ kind: 'exclusion' }], facts: null };
  return { plan, ...differences } as unknown as HostJob;
}

const [ex01, ex02, ex03, single] = [
  jobOf('ex01', 'DAG1'),
  jobOf('ex02', 'DAG1'),
  jobOf('ex03', 'DAG2'),
  jobOf('alone', null),
];
const jobs = [ex01, ex02, ex03, single];
const options = { oneAtATimeBy: 'dag', settleWith: 'fencepost resume RUN' };
const names = (list: readonly HostJob[]): readonly string[] => list.map((one) => one.plan.target);
const held = (watch: GroupWatch): readonly string[] => names(jobs.filter((one) => watch.refuse(one) !== null));

describe('a group of which one is down', () => {
  test.each<{ name: string; told: readonly (readonly [HostJob, readonly string[]])[]; waits: readonly string[] }>([
    { name: 'nobody is', told: [], waits: [] },
    { name: 'a host is', told: [[ex01, [imap]]], waits: ['ex02'] },
    {
      name: 'both are: each may be settled',
      told: [
        [ex01, [imap]],
        [ex02, [pop]],
      ],
      waits: [],
    },
    { name: 'one of no group is', told: [[single, [imap]]], waits: [] },
    {
      name: 'it runs again',
      told: [
        [ex01, [imap]],
        [ex01, []],
      ],
      waits: [],
    },
    {
      name: 'one of two runs again',
      told: [
        [ex01, [imap]],
        [ex02, [pop]],
        [ex01, []],
      ],
      waits: ['ex01'],
    },
  ])('$name', ({ told, waits }) => {
    const watch = createGroupWatch(jobs, options);
    for (const [job, down] of told) watch.note(job, down.length === 0 ? {} : { down });
    expect(held(watch)).toEqual(waits);
  });

  test('is told with the host, its services, the group as far as it has a name, and what to type', () => {
    const down = [{ host: 'gone', group: 'DAG2', services: [imap, pop] }];
    expect(createGroupWatch(jobs, { ...options, down }).refuse(ex03)).toBe(
      `gone of its group (dag = DAG2) was left with ${imap}, ${pop} stopped, as far as known; settle gone first: fencepost resume RUN`,
    );
    expect(createGroupWatch(jobs, { ...options, oneAtATimeBy: null, down }).refuse(ex03)).toContain('its group (DAG2)');
  });

  test('comes from before too, and that host comes first', () => {
    const downBefore = jobOf('ex02', 'DAG1', { downBefore: [imap] });
    const watch = createGroupWatch([ex01, downBefore, ex03], options);
    expect([watch.refuse(ex01) === null, watch.refuse(downBefore), watch.isDown(downBefore)]).toEqual([
      false,
      null,
      true,
    ]);
    expect(names(watch.sort([ex01, ex03, downBefore, single], (one) => one))).toEqual([
      'ex02',
      'ex01',
      'ex03',
      'alone',
    ]);
  });

  test('a guard that is all that is left on a host is called off; what is rolled back there waits', () => {
    const watch = createGroupWatch(jobs, options);
    watch.note(ex01, { down: [imap] });
    const bare = { ...ex02, plan: { ...ex02.plan, steps: [] } };
    expect(watch.refuse(bare)).toBe(null);
    expect(watch.refuse({ ...bare, isUndone: true })).not.toBe(null);
  });
});
