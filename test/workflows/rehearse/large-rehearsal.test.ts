// A rehearsal of a night of many hosts against the night itself, on a fleet that was built apart and takes its time in another way: verdicts,
// order, batches and outages agree, host by host.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/lab/machine/machine.ts';
import { assumedPaces } from '../../../src/model/headline/paces.ts';
import { createRunTimes } from '../../../src/model/headline/run-times.ts';
import type { Connector, Session } from '../../../src/model/seams.ts';
import { rehearsePlan } from '../../../src/workflows/rehearse/rehearse-plan.ts';
import { amount } from '../../support/amount.ts';
import { startedIn } from '../../support/memory-apply.ts';
import { memoryClock, type MemoryClock } from '../../support/memory-clock.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf } from '../../support/memory-run.ts';

const hostCount = amount({ share: 24, ci: 200 });
const operator = { user: 'ops', machine: 'jump', processId: 1, toolVersion: '0.1.0' };
const languages = ['en', 'de', 'ja', 'fr', 'ru'] as const;

/** Every kind of host in turn; the same number builds the same machine again. */
function buildMachineNumber(index: number): Machine {
  const name = `ex${String(index + 1).padStart(3, '0')}`;
  const language = languages[index % languages.length] ?? 'en';
  switch (index % 8) {
    case 0:
      return memoryMachine(name, { imap: 'running', language });
    case 1:
      return memoryMachine(name, { language });
    case 2:
      return memoryMachine(name, { imap: 'running', pop: 'running', language });
    case 3:
      return memoryMachine(name, { pop: 'running', language }, { oneList: false });
    case 4:
      return memoryMachine(name, { holders: [stranger], language });
    case 5:
      return memoryMachine(name, { exclusions: [9933, 9955].map(reserved), language });
    case 6:
      return memoryMachine(name, { exclusions: [reserved(9933)], pop: 'running', language });
    default:
      return memoryMachine(name, { language }, { oneList: false });
  }
}
const stranger = {
  port: 9955,
  protocol: 'tcp',
  image: 'w3wp.exe',
  services: [],
  families: ['ipv4'],
  state: 'LISTENING',
} as const;
const reserved = (port: number) =>
  ({
    range: { firstPort: port, portCount: 1 },
    protocol: 'tcp',
    administered: true,
    stores: ['active', 'persistent'],
    families: ['ipv4', 'ipv6'],
  }) as const;

/** The same fleet, of which every answer takes its own time: some are twenty times as slow as others. */
function takeTime(connector: Connector, clock: MemoryClock): Connector {
  let answers = 0;
  const wait = (): void => {
    answers += 1;
    clock.advance(40 + ((answers * 7919) % 800));
  };
  return {
    async connect(target, options) {
      const session = await connector.connect(target, options);
      wait();
      const timed: Session = {
        ...session,
        async ask(line, asked) {
          const answer = await session.ask(line, asked);
          wait();
          return answer;
        },
        async change(line, changed) {
          const answer = await session.change(line, changed);
          wait();
          return answer;
        },
      };
      return timed;
    },
  };
}

describe(`a night of ${hostCount} hosts`, () => {
  test('is as its rehearsal said: every verdict, every outage, the order and the batches', async () => {
    const build = () => Array.from({ length: hostCount }, (_, index) => buildMachineNumber(index));
    const policy = policyOf({}, { canary: 1, batches: [{ kind: 'percent', percent: 25 }], concurrency: 1 });
    const plan = await planMemory(memoryFleet(build()), undefined, policy);
    const signal = new AbortController().signal;
    const told: (readonly [number, number])[] = [];
    const onHost = (finished: number, of: number) => void told.push([finished, of]);
    const request = { plan, digest: 'd', mishaps: 'none', seed: 1, paces: assumedPaces } as const;
    const { nights, notRehearsed } = await rehearsePlan(request, { operator, signal, onHost });
    const [night] = nights;
    expect(notRehearsed).toEqual([]);
    expect(told.map(([finished]) => finished)).toEqual(Array.from({ length: hostCount }, (_, index) => index + 1));
    expect(told.at(-1)).toEqual([hostCount, hostCount]);

    const clock = memoryClock('2026-12-05T22:00:00.000Z');
    const fleet = memoryFleet(build());
    const journal = memoryJournal();
    const connector = takeTime(fleet.connector, clock);
    const verdicts = await applyMemory(fleet, plan, { journal, clock, connector });

    expect(night?.hosts.map(({ host, verdict }) => [host, verdict])).toEqual(
      verdicts.map(({ host, verdict }) => [host, verdict]),
    );
    const kinds = new Set(verdicts.map((one) => one.verdict));
    expect([...kinds].toSorted()).toEqual(['blocked', 'changed', 'unchanged']);
    const predicted = (night?.hosts ?? []).filter((one) => one.startedAt !== null);
    const inOrder = predicted.toSorted((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''));
    expect(inOrder.map((one) => one.host)).toEqual(startedIn(journal.events));
    const batches = journal.events.flatMap((one) => (one.type === 'batch-started' ? [one.hosts] : []));
    expect(batches.length).toBeGreaterThan(3);
    for (const [index, members] of batches.entries()) {
      expect(night?.hosts.filter((one) => one.batch === index + 1).map((one) => one.host)).toEqual(members);
    }
    const times = createRunTimes();
    for (const event of journal.events) times.event(event);
    const named = (all: readonly { readonly host: string; readonly service: string }[]): readonly string[] =>
      all.map(({ host, service }) => `${service} on ${host}`);
    expect(named(night?.outages ?? [])).toEqual(named(times.outages()));
    expect(times.outages().length).toBeGreaterThan(hostCount / 4);
    // The night took another time than it was rehearsed with, or this would prove little.
    const tookMs = Date.parse(clock.now()) - Date.parse('2026-12-05T22:00:00.000Z');
    expect(Math.abs(tookMs - (night?.durationMs ?? 0))).toBeGreaterThan(10_000);
    expect(night?.rollback).toMatchObject({ notRestored: [] });
  });
});
