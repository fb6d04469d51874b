// A rehearsal against the night itself: the same plan applied to other machines ends the same, in the same order and with the same outages.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/lab/machine/machine.ts';
import { assumedPaces } from '../../../src/model/headline/paces.ts';
import { createRunTimes } from '../../../src/model/headline/run-times.ts';
import { families } from '../../../src/model/host-state.ts';
import type { FleetPlan } from '../../../src/model/plan.ts';
import type { MishapKind, MishapLevel, RehearsedHost } from '../../../src/model/rehearsal.ts';
import { rehearsePlan } from '../../../src/workflows/rehearse/rehearse-plan.ts';
import { startedIn } from '../../support/memory-apply.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf } from '../../support/memory-run.ts';

const operator = { user: 'ops', machine: 'jump', processId: 1, toolVersion: '0.1.0' };

function rehearse(plan: FleetPlan, mishaps: MishapLevel = 'none', seed = 1) {
  const signal = new AbortController().signal;
  return rehearsePlan({ plan, digest: 'd', mishaps, seed, paces: assumedPaces }, { operator, signal });
}

/** Each with a story of its own. */
function someMachines(): readonly Machine[] {
  return [
    memoryMachine('ex01', { imap: 'running' }),
    memoryMachine('ex02', { imap: 'running', pop: 'running', windows: '2016', language: 'de' }),
    memoryMachine('ex03'),
    memoryMachine('ex04', { holders: [stranger] }),
    memoryMachine('ex05', { imap: 'running' }, { oneList: false }),
    memoryMachine('ex06', { exclusions: [half] }),
    memoryMachine('ex07', {}, { persistentShow: 'blank', persistentRegistry: 'missing' }),
  ];
}
const stranger = {
  port: 9955,
  protocol: 'tcp',
  image: 'w3wp.exe',
  services: [],
  families: ['ipv4'],
  state: 'LISTENING',
} as const;
const half = {
  range: { firstPort: 9933, portCount: 1 },
  protocol: 'tcp',
  administered: true,
  stores: ['active'],
  families: ['ipv4', 'ipv6'],
} as const;

const policy = policyOf({}, { canary: 1, batches: [{ kind: 'count', hosts: 2 }], concurrency: 1 });

function inOrder(hosts: readonly RehearsedHost[]): readonly string[] {
  const started = hosts.flatMap(({ host, startedAt }) => (startedAt === null ? [] : [{ host, startedAt }]));
  return started.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)).map((one) => one.host);
}

describe('as planned', () => {
  test('verdicts, order, batches and outages are those of the apply that follows; no machine is touched', async () => {
    const machines = someMachines();
    const fleet = memoryFleet(machines);
    const plan = await planMemory(fleet, undefined, policy);
    const before = machines.map(essenceOf);
    const asked = fleet.requests.length;
    const { nights, notRehearsed } = await rehearse(plan);
    expect(fleet.requests).toHaveLength(asked);
    expect(machines.map(essenceOf)).toEqual(before);
    expect(notRehearsed).toEqual([]);
    const [night] = nights;
    const journal = memoryJournal();
    const verdicts = await applyMemory(fleet, plan, { journal });
    expect(night?.hosts.map(({ host, verdict }) => ({ host, verdict }))).toEqual(
      verdicts.map(({ host, verdict }) => ({ host, verdict })),
    );
    expect(verdicts.map((one) => one.verdict)).toContain('changed');
    expect(inOrder(night?.hosts ?? [])).toEqual(startedIn(journal.events));
    const batches = journal.events.flatMap((one) => (one.type === 'batch-started' ? [one.hosts] : []));
    for (const [index, members] of batches.entries()) {
      expect(night?.hosts.filter((one) => one.batch === index + 1).map((one) => one.host)).toEqual(members);
    }
    const times = createRunTimes();
    for (const event of journal.events) times.event(event);
    const names = (all: readonly { readonly host: string; readonly service: string }[]) =>
      all.map(({ host, service }) => `${service} on ${host}`);
    expect(names(night?.outages ?? [])).toEqual(names(times.outages()));
    expect(names(times.outages()).length).toBeGreaterThan(2);
  });

  test('a dynamic range is set and set back, and each look shows what is there', async () => {
    const low = { firstPort: 1024, portCount: 64512 };
    const machines = ['ex01', 'ex02'].map((name) =>
      memoryMachine(name, { dynamic: [{ family: 'ipv4', protocol: 'tcp', range: low }] }),
    );
    const dynamicRange = { protocol: 'tcp', families, range: { firstPort: 6005, portCount: 59530 } } as const;
    const asked = { exclusions: [], dynamicRange, whenHeldByOwnService: 'block' } as const;
    const { nights, notRehearsed } = await rehearse(await planMemory(memoryFleet(machines), asked, policy));
    expect(notRehearsed).toEqual([]);
    expect(nights.map(({ counts, rollback }) => [counts, rollback.changed, rollback.notRestored])).toEqual([
      [{ changed: 2 }, 2, []],
    ]);
  });

  test('to look at a dynamic range takes no longer than at an exclusion; to set it, as long as to add one', async () => {
    const range = { firstPort: 1024, portCount: 64512 };
    const machine = memoryMachine('ex01', { dynamic: [{ family: 'ipv4', protocol: 'tcp', range }] });
    const dynamicRange = { protocol: 'tcp', families: ['ipv4'], range: { firstPort: 6005, portCount: 59530 } } as const;
    const asked = { exclusions: [], dynamicRange, whenHeldByOwnService: 'block' } as const;
    const plan = await planMemory(memoryFleet([machine]), asked, policy);
    const paces = { ...assumedPaces, usualMs: { ...assumedPaces.usualMs, exclusion: 10_000, verify: 100_000 } };
    const { signal } = new AbortController();
    const { nights } = await rehearsePlan({ plan, digest: 'd', mishaps: 'none', seed: 1, paces }, { operator, signal });
    expect(nights[0]?.durationMs).toBeGreaterThan(110_000);
    expect(nights[0]?.durationMs).toBeLessThan(120_000);
  });

  test('an outage is as long as stopping, changing and starting usually take', async () => {
    const plan = await planMemory(memoryFleet([memoryMachine('ex01', { imap: 'running' })]));
    const [outage] = (await rehearse(plan)).nights[0]?.outages ?? [];
    expect(outage?.durationMs).toBeGreaterThan(18_000);
    expect(outage?.durationMs).toBeLessThan(22_000);
  });

  test('a window that is too short is seen before the night', async () => {
    const window = { opensAt: '2026-12-05T22:00:00.000Z', closesAt: '2026-12-05T22:10:30.000Z' };
    const hosts = Array.from({ length: 28 }, (_, index) => memoryMachine(`ex${index}`, { imap: 'running' }));
    const plan = await planMemory(memoryFleet(hosts), undefined, policyOf({ window }, { concurrency: 1 }));
    const { nights, isGood } = await rehearse(plan);
    expect(nights[0]?.startedAt).toBe(window.opensAt);
    expect(nights[0]?.counts.skipped).toBeGreaterThan(0);
    expect(nights[0]?.counts.changed).toBeGreaterThan(0);
    expect(nights[0]?.stopped).toContain('not enough time before the window closes');
    expect([isGood, nights[0]?.rollback.notRestored]).toEqual([false, []]);
  });

  test('a rollback is true to the servers: what was changed is as before', async () => {
    const plan = await planMemory(memoryFleet(someMachines()), undefined, policy);
    const { rollback, counts } = (await rehearse(plan)).nights[0] ?? {};
    expect(rollback?.changed).toBe(counts?.changed);
    expect(rollback?.notRestored).toEqual([]);
  });
});

describe('with mishaps', () => {
  const expected: Readonly<Record<MishapKind, string>> = {
    'slow-host': 'changed',
    'lost-answer': 'changed',
    'slow-service': 'changed',
    unreachable: 'unreachable',
    'changed-by-other': 'stale',
    refused: 'failed-rolled-back',
    'service-stays-down': 'failed-partial',
  };

  test('each has a night of its own, ends as it must, and a rollback restores every server', async () => {
    const machines = [1, 2, 3].map((n) => memoryMachine(`ex${n}`, { imap: 'running' }));
    const plan = await planMemory(memoryFleet(machines));
    const { nights } = await rehearse(plan, 'worst', 7);
    const ended = nights.flatMap(({ mishap, hosts }) => {
      const met = hosts.find((one) => one.host === mishap?.host);
      return mishap === null ? [] : [[mishap.kind, met?.verdict]];
    });
    expect(Object.fromEntries(ended)).toEqual(expected);
    expect(nights.map((one) => one.rollback.notRestored)).toEqual(nights.map(() => []));
    const down = nights.find((one) => one.mishap?.kind === 'service-stays-down');
    expect(down?.outages.filter((one) => one.durationMs === null).map((one) => one.host)).toEqual([down?.mishap?.host]);
  });

  test('the same seed plays the same night', async () => {
    const plan = await planMemory(memoryFleet([memoryMachine('ex01', { imap: 'running' }), memoryMachine('ex02')]));
    expect(await rehearse(plan, 'usual', 3)).toEqual(await rehearse(plan, 'usual', 3));
  });
});

test('no socket is opened', async () => {
  const plan = await planMemory(memoryFleet([memoryMachine('ex01', { imap: 'running' })]));
  const opened: unknown[] = [];
  const note = (message: unknown): void => void opened.push(message);
  subscribe('net.client.socket', note);
  subscribe('net.server.socket', note);
  try {
    await rehearse(plan, 'worst');
  } finally {
    unsubscribe('net.client.socket', note);
    unsubscribe('net.server.socket', note);
  }
  expect(opened).toEqual([]);
});

test('a host that the lab cannot show as the plan found it is said, not guessed', async () => {
  const plan = await planMemory(memoryFleet([memoryMachine('ex01'), memoryMachine('ex02')]));
  const hosts = plan.hosts.map((one) => (one.target === 'ex02' ? { ...one, fingerprint: 'another' } : one));
  const { notRehearsed, nights, isGood } = await rehearse({ ...plan, hosts });
  expect(notRehearsed.map((one) => one.host)).toEqual(['ex02']);
  expect(nights[0]?.hosts.map((one) => one.host)).toEqual(['ex01']);
  expect(isGood).toBe(false);
});
