// The view: every selected host is in it once, whatever it is made from, and what it tells of a run is what the journal holds.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../src/model/facts.ts';
import type { RunEvent } from '../../../src/model/outcome.ts';
import { countStandings, worstFirst, type FleetView } from '../../../src/report/view/fleet-view.ts';
import { resultWords, standings } from '../../../src/report/view/human-words.ts';
import { viewSnapshot } from '../../../src/report/view/snapshot-view.ts';
import { oneHost, desired } from '../../facts/some-facts.ts';
import { bareContext, context, hostNames, somePlanView, someRun, someRunView, viewEvents } from './some-views.ts';

function hostOf(view: FleetView, name: string) {
  const host = view.hosts.find((one) => one.host === name);
  if (host === undefined) throw new Error(`no ${name}`);
  return host;
}

function standingsOf(view: FleetView): Readonly<Record<string, string>> {
  return Object.fromEntries(view.hosts.map((one) => [one.host, one.standing]));
}

describe('a plan', () => {
  test('every host once, in order, each with its standing', async () => {
    const view = await somePlanView();
    expect(view.hosts.map((one) => one.host)).toEqual(hostNames);
    expect(standingsOf(view)).toEqual({
      'bare-en': 'changes',
      'bare-ja': 'changes',
      done: 'ok',
      imap: 'changes',
      refusing: 'changes',
      stranger: 'blocked',
      old: 'blocked',
      down: 'unreachable',
    });
  });

  test('shows the ports as they are and as they are meant to be', async () => {
    const { ports } = hostOf(await somePlanView(), 'bare-en');
    expect(ports?.afterIs).toBe('planned');
    expect(ports?.checks.map((one) => [one.family, one.desired.range.firstPort, one.before, one.after])).toEqual([
      ['ipv4', 9933, 'not reserved', 'reserved'],
      ['ipv6', 9933, 'not reserved', 'reserved'],
      ['ipv4', 9955, 'not reserved', 'reserved'],
      ['ipv6', 9955, 'not reserved', 'reserved'],
    ]);
    const blocked = hostOf(await somePlanView(), 'stranger').ports;
    expect([blocked?.after, blocked?.checks[2]?.holders]).toEqual([
      null,
      [expect.stringMatching(/^svchost\.exe \(Dnscache\), pid \d+$/)],
    ]);
  });

  test('a pending change is a proposal in a plan and a fault in a verification', async () => {
    expect(hostOf(await somePlanView('plan'), 'bare-en').words).toBe('to change');
    expect(hostOf(await somePlanView('verify'), 'bare-en').words).toBe('not as desired');
  });

  test('groups: the inventory’s where it is known, else the bond of the plan', async () => {
    expect(hostOf(await somePlanView(), 'bare-ja').groups).toEqual(['exchange', 'london']);
    expect(hostOf(await somePlanView('plan', bareContext), 'bare-ja').groups).toEqual(['dag1']);
  });
});

describe('a run', () => {
  test('every host once, each with the verdict of the journal', async () => {
    const view = await someRunView();
    expect(view.hosts.map((one) => one.host)).toEqual(hostNames);
    expect(standingsOf(view)).toEqual({
      'bare-en': 'changed',
      'bare-ja': 'changed',
      done: 'unchanged',
      imap: 'changed',
      refusing: 'failed-rolled-back',
      stranger: 'blocked',
      old: 'blocked',
      down: 'unreachable',
    });
    expect(view.finishedAt).not.toBeNull();
    expect(view.alerts).toEqual([]);
  });

  test('each step tells what was sent, what was answered and what the tables showed, in that order', async () => {
    const { steps } = hostOf(await someRunView(), 'bare-ja');
    const [first, second] = steps;
    expect(first?.happenings.map((one) => one.kind)).toEqual(['sent', 'answered', 'finished']);
    expect(first?.happenings[0]?.text).toMatch(/^netsh interface ipv4 add excludedportrange .*startport=9933/);
    expect(first?.happenings[1]?.text).toMatch(/^exit code 0, printed “.+”; then the tables show it in both stores$/);
    expect([second?.result, second?.happenings.map((one) => one.kind)]).toEqual(['not-needed', ['finished']]);
  });

  test('what was taken back is said, and the ports are as they were', async () => {
    const { steps, ports } = hostOf(await someRunView(), 'refusing');
    expect(steps.map((one) => [one.sentence.slice(0, 24), resultWords(one.result, one.rolledBack).words])).toEqual([
      ['reserve tcp 9933 on ipv4', 'undone'],
      ['reserve tcp 9933 on ipv6', 'failed, undone'],
      ['reserve tcp 9955 on ipv4', 'not run'],
      ['reserve tcp 9955 on ipv6', 'not run'],
    ]);
    expect(new Set(ports?.checks.map((one) => one.after))).toEqual(new Set(['not reserved']));
  });

  test('batches: the canary by its name, every changed host in one', async () => {
    const view = await someRunView();
    expect(view.timeline.map((one) => one.text)).toContain('Batch 1 (canary) started: bare-en');
    expect(hostOf(view, 'bare-en').batch).toBe(1);
    expect(hostOf(view, 'imap').batch).toBe(2);
    expect(hostOf(view, 'old').batch).toBeNull();
  });

  test('a journal that was cut off anywhere still accounts for every host and never calls an open one fine', async () => {
    const { plan, events } = await someRun();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: events.length }), (length) => {
        const cut: readonly RunEvent[] = events.slice(0, length);
        const view = viewEvents(cut, plan);
        expect(view.hosts.map((one) => one.host)).toEqual(hostNames);
        expect(view.alerts.some((one) => one.startsWith('The run has not finished'))).toBe(
          cut.every((event) => event.type !== 'run-finished'),
        );
        for (const host of view.hosts) {
          const own = cut.filter((event) => 'host' in event && event.host === host.host);
          const isOpen =
            own.some((one) => one.type === 'host-started') && !own.some((one) => one.type === 'host-finished');
          expect(host.standing === 'in-change').toBe(isOpen);
          const last = own.at(-1);
          if (last?.type === 'command-planned' && isOpen) {
            const step = host.steps.find((one) => one.result === 'open');
            expect(step?.happenings.at(-1)).toMatchObject({ text: last.line });
          }
        }
      }),
    );
  });

  test('a command without an answer leaves its port in doubt, not as it was', async () => {
    const { plan, events } = await someRun();
    const sent = events.findIndex((event) => event.type === 'command-planned' && event.host === 'bare-en');
    const { ports } = hostOf(viewEvents(events.slice(0, sent + 1), plan), 'bare-en');
    expect(ports?.checks.map((one) => [one.family, one.after])).toEqual([
      ['ipv4', 'in doubt'],
      ['ipv6', 'not reserved'],
      ['ipv4', 'not reserved'],
      ['ipv6', 'not reserved'],
    ]);
  });

  test('without its plan a run is told all the same, and says what is missing', async () => {
    const { events } = await someRun();
    const view = viewEvents(events, null);
    expect(view.hosts).toHaveLength(hostNames.length);
    expect(view.alerts).toEqual([expect.stringContaining('The plan of this run can’t be read')]);
    expect(hostOf(view, 'old').ports).toBeNull();
  });
});

test('a snapshot: collected, in part, not collected', () => {
  const failure = { code: 'connect/refused', message: 'nothing listens', where: null, hint: null } as const;
  const gap = { question: 'exclusions ipv4 tcp active', reason: 'line 3: not a row' };
  const view = viewSnapshot(
    {
      takenAt: '2026-12-05T20:00:00.000Z',
      toolVersion: '0.1.0',
      hosts: [
        { target: 'a', facts: oneHost, failure: null },
        { target: 'b', facts: { ...oneHost, gaps: [gap] }, failure: null },
        { target: 'c', facts: null, failure },
      ],
    },
    'night.json',
    () => desired,
    context,
  );
  expect(view.hosts.map((one) => [one.standing, one.words, one.detail])).toEqual([
    ['collected', 'collected', ''],
    ['collected-in-part', 'partly collected', '1 incomplete answer'],
    ['unreachable', 'not collected', 'nothing listens'],
  ]);
});

test('what hosts have alike is one object, however they were read', async () => {
  const facts = JSON.stringify(oneHost);
  const snapshot = viewSnapshot(
    {
      takenAt: '2026-12-05T20:00:00.000Z',
      toolVersion: '0.1.0',
      hosts: ['a', 'b'].map((target) => ({ target, facts: JSON.parse(facts) as HostFacts, failure: null })),
    },
    'night.json',
    () => desired,
    context,
  );
  const run = await someRunView();
  const [bareEn, bareJa] = [hostOf(run, 'bare-en'), hostOf(run, 'bare-ja')];
  for (const [one, other] of [snapshot.hosts, [bareEn, bareJa]]) {
    expect(one?.ports).not.toBeNull();
    expect(other?.ports).toBe(one?.ports);
    expect(other?.desired).toBe(one?.desired);
  }
  expect(bareEn.steps[0]?.lines).not.toEqual([]);
  expect(bareJa.steps[0]?.lines).toBe(bareEn.steps[0]?.lines);
});

test('counts add up to the hosts; worst comes first and nobody is lost', async () => {
  const view = await someRunView();
  const counts = countStandings(view.hosts);
  expect(counts.reduce((sum, one) => sum + one.count, 0)).toBe(view.hosts.length);
  const order = worstFirst(view.hosts).map((one) => standings.indexOf(one.standing));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(new Set(worstFirst(view.hosts))).toEqual(new Set(view.hosts));
});

test('a view holds nothing of how a host is reached', async () => {
  expect(JSON.stringify(await someRunView())).not.toMatch(/FENCEPOST_PASSWORD|CORP|5985.*wsman|"username"/);
});
