// A run over many hosts: budgets, policies, bonds, the window, the wish to stop. Targets in = verdicts out, and every verdict is true.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostVerdict, RunEvent } from '../../src/model/outcome.ts';
import type { OnFailure, Policy, Strategy } from '../../src/model/strategy.ts';
import { createStopControl } from '../../src/run/stop.ts';
import { memoryClock } from '../support/memory-clock.ts';
import { essenceOf, lost, memoryFleet, memoryMachine, type MemoryFleetOptions } from '../support/memory-fleet.ts';
import { memoryJournal, type MemoryJournalOptions } from '../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf, type MemoryRunOptions } from '../support/memory-run.ts';

/** c: can be changed, f: refuses, b: blocked, o: as wanted already, u: cannot be reached, when it is planned or later. */
type Kind = 'c' | 'f' | 'b' | 'o' | 'u' | 'l';

function machineOf(kind: Kind, index: number) {
  const name = `ex${String(index + 1).padStart(2, '0')}`;
  if (kind === 'f') return memoryMachine(name, {}, { refuseAdd: 'ipv6', oneList: false });
  if (kind === 'b')
    return memoryMachine(name, {
      holders: [
        { port: 9933, protocol: 'tcp', image: 'w3wp.exe', services: [], families: ['ipv4'], state: 'LISTENING' },
      ],
    });
  if (kind === 'o') {
    const ranges = [9933, 9955].map((firstPort) => ({ firstPort, portCount: 1 }));
    return memoryMachine(name, {
      exclusions: ranges.map((range) => ({
        range,
        protocol: 'tcp',
        administered: true,
        stores: ['active', 'persistent'],
        families: ['ipv4', 'ipv6'],
      })),
    });
  }
  return memoryMachine(name);
}

interface Given {
  readonly hosts: string;
  readonly policy?: Partial<Omit<Policy, 'strategy'>>;
  readonly strategy?: Partial<Strategy>;
  readonly groupOf?: (host: string) => string | null;
  readonly journal?: MemoryJournalOptions;
  readonly fleet?: MemoryFleetOptions;
  readonly run?: Partial<MemoryRunOptions>;
}

async function apply({
  hosts,
  policy,
  strategy,
  groupOf,
  journal: journalOptions,
  fleet: fleetOptions = {},
  run = {},
}: Given) {
  const kinds = Array.from(hosts) as Kind[];
  const machines = kinds.map(machineOf);
  const unreachable = new Set(machines.flatMap((one, index) => (kinds[index] === 'u' ? [one.name] : [])));
  const gone = new Set(machines.flatMap((one, index) => (kinds[index] === 'l' ? [one.name] : [])));
  const planning = memoryFleet(machines, {
    trouble: ({ host }) => (unreachable.has(host) ? { at: 'before', failure: lost('none') } : null),
  });
  const plan = await planMemory(planning, undefined, policyOf(policy, strategy), groupOf);
  const before = machines.map((one) => JSON.stringify(essenceOf(one)));
  const fleet = memoryFleet(machines, {
    ...fleetOptions,
    trouble: (request) =>
      gone.has(request.host) && request.kind === 'connect'
        ? { at: 'before', failure: lost('none') }
        : (fleetOptions.trouble?.(request) ?? null),
  });
  const journal = memoryJournal(journalOptions);
  const verdicts = await applyMemory(fleet, plan, { journal, ...run }).catch((thrown: unknown) => {
    if (journalOptions === undefined) throw thrown;
    return null;
  });
  const touched = machines
    .filter((one, index) => JSON.stringify(essenceOf(one)) !== before[index])
    .map((one) => one.name);
  return { verdicts, words: verdicts?.map((one) => one.verdict).join(' '), touched, journal, fleet, plan };
}

function begunIn(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((one) => (one.type === 'host-begun' ? [one.host] : []));
}

describe('what is taken back when a host fails', () => {
  const strategy = { concurrency: 1, batches: [{ kind: 'count', hosts: 2 }] } as const;
  test.each<{ onFailure: OnFailure; hosts: string; words: string; touched: readonly string[] }>([
    {
      onFailure: 'stop',
      hosts: 'cccfcc',
      words: 'changed changed changed failed-not-undone not-reached not-reached',
      touched: ['ex01', 'ex02', 'ex03', 'ex04'],
    },
    {
      onFailure: 'rollback_host',
      hosts: 'cccfcc',
      words: 'changed changed changed failed-undone not-reached not-reached',
      touched: ['ex01', 'ex02', 'ex03'],
    },
    {
      onFailure: 'rollback_batch',
      hosts: 'cccfcc',
      words: 'changed changed undone failed-undone not-reached not-reached',
      touched: ['ex01', 'ex02'],
    },
    {
      onFailure: 'rollback_run',
      hosts: 'cccfcc',
      words: 'undone undone undone failed-undone not-reached not-reached',
      touched: [],
    },
    {
      onFailure: 'rollback_run',
      hosts: 'cobucc',
      words: 'changed fine blocked unreachable changed changed',
      touched: ['ex01', 'ex05', 'ex06'],
    },
    { onFailure: 'rollback_run', hosts: 'clc', words: 'changed unreachable changed', touched: ['ex01', 'ex03'] },
  ])('$onFailure, $hosts', async ({ onFailure, hosts, words, touched }) => {
    const run = await apply({ hosts, policy: { onFailure }, strategy });
    expect([run.words, run.touched]).toEqual([words, touched]);
    expect(run.journal.events.at(-1)?.type).toBe('run-ended');
  });

  test('a host that cannot be taken back later is in doubt, not undone', async () => {
    const run = await apply({
      hosts: 'cf',
      policy: { onFailure: 'rollback_run' },
      strategy: { concurrency: 1 },
      fleet: {
        trouble: ({ host, kind, ofKind }) =>
          host === 'ex01' && kind === 'connect' && ofKind > 1 ? { at: 'before', failure: lost('none') } : null,
      },
    });
    expect(run.words).toMatch(/^(in-doubt|failed-not-undone) failed-undone$/);
    expect(run.touched).toEqual(['ex01']);
  });
});

describe('budgets of failure', () => {
  test.each<{ hosts: string; strategy: Partial<Strategy>; begun: number }>([
    { hosts: 'fccc', strategy: { concurrency: 1 }, begun: 1 },
    { hosts: 'fccc', strategy: { concurrency: 1, maxFailed: { kind: 'count', hosts: 1 } }, begun: 4 },
    { hosts: 'ffcc', strategy: { concurrency: 1, maxFailed: { kind: 'count', hosts: 1 } }, begun: 2 },
    { hosts: 'fcccc', strategy: { concurrency: 5, canary: 1 }, begun: 1 },
    {
      hosts: 'fcccfccc',
      strategy: { concurrency: 1, batches: [{ kind: 'count', hosts: 4 }], maxFailed: { kind: 'percent', percent: 25 } },
      begun: 8,
    },
    {
      hosts: 'fcccfccc',
      strategy: {
        concurrency: 1,
        batches: [{ kind: 'count', hosts: 4 }],
        maxFailed: { kind: 'percent', percent: 25 },
        maxFailedTotal: { kind: 'count', hosts: 1 },
      },
      begun: 5,
    },
    {
      hosts: 'fcc',
      strategy: { concurrency: 1, batches: [{ kind: 'count', hosts: 1 }], maxFailed: { kind: 'percent', percent: 99 } },
      begun: 1,
    },
  ])('$hosts $strategy: $begun are begun', async ({ hosts, strategy, begun }) => {
    const run = await apply({ hosts, strategy });
    expect(begunIn(run.journal.events)).toHaveLength(begun);
  });

  test('a host in doubt counts as failed', async () => {
    const run = await apply({
      hosts: 'cc',
      strategy: { concurrency: 1 },
      fleet: {
        trouble: ({ host, kind, ofKind }) => {
          if (host !== 'ex01' || kind === 'connect') return null;
          if (kind === 'change') return { at: 'after', failure: lost('unknown') };
          return ofKind > 2 ? { at: 'before', failure: lost('none') } : null;
        },
      },
    });
    expect([run.words, run.touched]).toEqual(['in-doubt not-reached', ['ex01']]);
  });

  test('random fleets: one verdict per host, each true; nothing begins after the budget is spent; bonds are kept', async () => {
    const some = fc.record({
      hosts: fc.array(fc.constantFrom<Kind>('c', 'c', 'c', 'f', 'b', 'o', 'u', 'l'), { minLength: 1, maxLength: 7 }),
      canary: fc.nat(2),
      size: fc.integer({ min: 1, max: 4 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
      maxFailed: fc.nat(2),
      onFailure: fc.constantFrom<OnFailure>('stop', 'rollback_host', 'rollback_batch', 'rollback_run'),
      groups: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(some, async ({ hosts, canary, size, concurrency, maxFailed, onFailure, groups }) => {
        const groupOf = (host: string): string | null => (groups ? `dag${Number(host.slice(2)) % 2}` : null);
        const together: string[] = [];
        const inChange = new Set<string>();
        const journal: MemoryJournalOptions = {
          trouble(event) {
            if (event.type === 'host-ended') inChange.delete(event.host);
            if (event.type !== 'host-begun') return null;
            for (const other of inChange)
              if (groups && groupOf(other) === groupOf(event.host)) together.push(`${other} ${event.host}`);
            inChange.add(event.host);
            if (inChange.size > concurrency) together.push('too many');
            return null;
          },
        };
        const run = await apply({
          hosts: hosts.join(''),
          policy: { onFailure },
          strategy: {
            canary,
            batches: [{ kind: 'count', hosts: size }],
            concurrency,
            maxFailed: { kind: 'count', hosts: maxFailed },
          },
          groupOf,
          journal,
        });
        const verdicts = run.verdicts ?? [];
        expect(verdicts.map((one) => one.host)).toEqual(run.plan.hosts.map((one) => one.target));
        expect(together).toEqual([]);
        expect(verdicts.filter((one) => isWrong(one, run.touched))).toEqual([]);
        const { events } = run.journal;
        const stopped = events.findIndex((one) => one.type === 'run-stopping');
        const begunLater = stopped < 0 ? [] : begunIn(events.slice(stopped));
        // Those that were under way when it stopped may still come to their first change.
        expect(begunLater.length).toBeLessThan(concurrency);
        const failed = verdicts.filter((one) => one.verdict.startsWith('failed')).length;
        if (stopped < 0) expect(verdicts.some((one) => one.verdict === 'not-reached')).toBe(false);
        const perBatch = new Map<number, number>();
        for (const one of events) if (one.type === 'batch-ended') perBatch.set(one.batch, one.failed);
        expect([...perBatch.values()].every((one) => one <= maxFailed + concurrency)).toBe(true);
        expect([...perBatch.values()].reduce((sum, one) => sum + one, 0)).toBe(failed);
      }),
      { numRuns: 60 },
    );
  });
});

/** Whether a verdict says something else than the machine shows. */
function isWrong({ host, verdict }: HostVerdict, touched: readonly string[]): boolean {
  const remains = verdict === 'changed' || verdict === 'failed-not-undone';
  return touched.includes(host) !== remains;
}

describe('the wish to stop', () => {
  test('begins nothing new and finishes the host in change', async () => {
    const stop = createStopControl();
    const run = await apply({
      hosts: 'ccc',
      strategy: { concurrency: 1, batches: [{ kind: 'count', hosts: 1 }] },
      fleet: {
        trouble: ({ host, kind }) => {
          if (host === 'ex02' && kind === 'change') stop.request('interrupted');
          return null;
        },
      },
      run: { world: { stop } },
    });
    expect([run.words, run.touched]).toEqual(['changed changed not-reached', ['ex01', 'ex02']]);
    expect(run.verdicts?.[2]?.detail).toContain('interrupted');
    expect(run.journal.events.filter((one) => one.type === 'batch-begun')).toHaveLength(2);
  });

  test('at once: what is in change is never called undone, nor what is not begun changed', async () => {
    const now = new AbortController();
    const run = await apply({
      hosts: 'ccc',
      strategy: { concurrency: 1 },
      fleet: {
        trouble: ({ host, kind }) => {
          if (host === 'ex02' && kind === 'change') now.abort();
          return null;
        },
      },
      run: { world: { signal: now.signal } },
    });
    expect(run.touched).toEqual(['ex01', 'ex02']);
    expect(run.verdicts?.[1]?.verdict).toMatch(/^(in-doubt|failed-not-undone)$/);
    expect(run.verdicts?.[2]?.verdict).toMatch(/^(not-reached|unreachable)$/);
  });

  test('a batch that is not confirmed is not begun', async () => {
    const asked: string[] = [];
    const run = await apply({
      hosts: 'cccc',
      strategy: { batches: [{ kind: 'count', hosts: 2 }], confirmBetweenBatches: true },
      run: {
        world: {
          confirmBatch: (batch, of, hosts) => {
            asked.push(`${batch} of ${of}: ${hosts}`);
            return Promise.resolve(false);
          },
        },
      },
    });
    expect([run.words, asked]).toEqual(['changed changed not-reached not-reached', ['2 of 2: 2']]);
  });

  test('pauses between batches, not after the last', async () => {
    const clock = memoryClock();
    await apply({
      hosts: 'ccc',
      strategy: { batches: [{ kind: 'count', hosts: 1 }], pauseMs: 60_000 },
      run: { clock },
    });
    expect(clock.sleeps).toEqual([60_000, 60_000]);
  });
});

describe('the window', () => {
  const window = { opensAt: '2026-12-05T23:00:10+01:00', closesAt: '2026-12-05T23:05:00+01:00' };

  test('is waited for, saying so, and then the hosts are changed', async () => {
    const clock = memoryClock('2026-12-05T22:00:00.000Z');
    const run = await apply({ hosts: 'c', policy: { window }, run: { clock } });
    const begun = run.journal.events.find((one) => one.type === 'batch-begun');
    expect([run.words, begun?.at]).toEqual(['changed', '2026-12-05T22:00:10.000Z']);
  });

  test('no host is begun that could not be taken back before it closes', async () => {
    const clock = memoryClock('2026-12-05T22:00:10.000Z');
    const run = await apply({
      hosts: 'ccccccc',
      policy: { window },
      strategy: { concurrency: 1 },
      fleet: {
        trouble: ({ kind }) => {
          if (kind === 'connect') clock.advance(50_000);
          return null;
        },
      },
      run: { clock },
    });
    // 290 s: the hosts take 50 s each, and 100 s have to be left for the next one and its rollback.
    expect(run.words).toBe('changed changed changed changed not-reached not-reached not-reached');
    expect(run.verdicts?.at(-1)?.detail).toContain('window');
  });

  test('the end given on the command line is kept as well', async () => {
    const run = await apply({
      hosts: 'cc',
      run: { clock: memoryClock('2026-12-05T22:00:00.000Z'), world: { endsAt: '2026-12-05T22:00:59.000Z' } },
    });
    expect([run.words, run.touched]).toEqual(['not-reached not-reached', []]);
  });

  test('that closed long ago begins nothing', async () => {
    const run = await apply({
      hosts: 'c',
      policy: { window },
      run: { clock: memoryClock('2026-12-06T22:00:00.000Z') },
    });
    expect([run.words, run.touched]).toEqual(['not-reached', []]);
  });
});

test('a journal that fails at any append: everything sent was noted before, and nothing is begun afterwards', async () => {
  const whole = await apply({
    hosts: 'cfc',
    strategy: { concurrency: 2, maxFailed: { kind: 'count', hosts: 3 } },
    journal: {},
  });
  expect(whole.journal.appends).toBeGreaterThan(20);
  for (let n = 1; n <= whole.journal.appends; n += 1) {
    const intended = new Map<string, number>();
    const sent = new Map<string, number>();
    const wrong: string[] = [];
    let isFull = false;
    let sentWhenFull = 0;
    const run = await apply({
      hosts: 'cfc',
      strategy: { concurrency: 2, maxFailed: { kind: 'count', hosts: 3 } },
      journal: {
        trouble(event, append) {
          isFull ||= append === n;
          if (isFull) return 'full';
          if (event.type === 'command-intended') intended.set(event.host, (intended.get(event.host) ?? 0) + 1);
          return null;
        },
      },
      fleet: {
        trouble({ host, kind }) {
          if (kind !== 'change') return null;
          sent.set(host, (sent.get(host) ?? 0) + 1);
          if ((sent.get(host) ?? 0) > (intended.get(host) ?? 0)) wrong.push(`${host} was sent what is not on disk`);
          if (isFull) sentWhenFull += 1;
          return null;
        },
      },
    });
    expect([n, wrong, run.verdicts]).toEqual([n, [], null]);
    // One other host may have had its intent acknowledged just before.
    expect(sentWhenFull).toBeLessThanOrEqual(1);
    expect(run.fleet.open.size).toBe(0);
  }
});
