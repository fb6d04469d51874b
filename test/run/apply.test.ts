// A run over many hosts: budgets of failure, what is taken back, bonds. Targets in = verdicts out, and every verdict is true.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostVerdict } from '../../src/model/outcome.ts';
import type { OnFailure, Strategy } from '../../src/model/strategy.ts';
import { amount } from '../support/amount.ts';
import { applyFleet, startedIn, type Kind } from '../support/memory-apply.ts';
import { lost } from '../support/memory-fleet.ts';
import type { MemoryJournalOptions } from '../support/memory-journal.ts';

describe('what is taken back when a host fails', () => {
  const strategy = { concurrency: 1, batches: [{ kind: 'count', hosts: 2 }] } as const;
  test.each<{ onFailure: OnFailure; hosts: string; words: string; touched: readonly string[] }>([
    {
      onFailure: 'stop',
      hosts: 'cccfcc',
      words: 'changed changed changed failed-partial skipped skipped',
      touched: ['ex01', 'ex02', 'ex03', 'ex04'],
    },
    {
      onFailure: 'rollback_host',
      hosts: 'cccfcc',
      words: 'changed changed changed failed-rolled-back skipped skipped',
      touched: ['ex01', 'ex02', 'ex03'],
    },
    {
      onFailure: 'rollback_batch',
      hosts: 'cccfcc',
      words: 'changed changed rolled-back failed-rolled-back skipped skipped',
      touched: ['ex01', 'ex02'],
    },
    {
      onFailure: 'rollback_run',
      hosts: 'cccfcc',
      words: 'rolled-back rolled-back rolled-back failed-rolled-back skipped skipped',
      touched: [],
    },
    {
      onFailure: 'rollback_run',
      hosts: 'cobucc',
      words: 'changed unchanged blocked unreachable changed changed',
      touched: ['ex01', 'ex05', 'ex06'],
    },
    { onFailure: 'rollback_run', hosts: 'clc', words: 'changed unreachable changed', touched: ['ex01', 'ex03'] },
  ])('$onFailure, $hosts', async ({ onFailure, hosts, words, touched }) => {
    const run = await applyFleet({ hosts, policy: { onFailure }, strategy });
    expect([run.words, run.touched]).toEqual([words, touched]);
    expect(run.journal.events.at(-1)?.type).toBe('run-finished');
  });

  test('a host that cannot be taken back later is in doubt, not undone', async () => {
    const run = await applyFleet({
      hosts: 'cf',
      policy: { onFailure: 'rollback_run' },
      strategy: { concurrency: 1 },
      fleet: {
        trouble: ({ host, kind, ofKind }) =>
          host === 'ex01' && kind === 'connect' && ofKind > 1 ? { at: 'before', failure: lost('none') } : null,
      },
    });
    expect(run.words).toMatch(/^(in-doubt|failed-partial) failed-rolled-back$/);
    expect(run.touched).toEqual(['ex01']);
  });
});

describe('budgets of failure', () => {
  test.each<{ hosts: string; strategy: Partial<Strategy>; started: number }>([
    { hosts: 'fccc', strategy: { concurrency: 1 }, started: 1 },
    { hosts: 'fccc', strategy: { concurrency: 1, maxFailed: { kind: 'count', hosts: 1 } }, started: 4 },
    { hosts: 'ffcc', strategy: { concurrency: 1, maxFailed: { kind: 'count', hosts: 1 } }, started: 2 },
    { hosts: 'fcccc', strategy: { concurrency: 5, canary: 1 }, started: 1 },
    {
      hosts: 'fcccfccc',
      strategy: { concurrency: 1, batches: [{ kind: 'count', hosts: 4 }], maxFailed: { kind: 'percent', percent: 25 } },
      started: 8,
    },
    {
      hosts: 'fcccfccc',
      strategy: {
        concurrency: 1,
        batches: [{ kind: 'count', hosts: 4 }],
        maxFailed: { kind: 'percent', percent: 25 },
        maxFailedTotal: { kind: 'count', hosts: 1 },
      },
      started: 5,
    },
    {
      hosts: 'fcc',
      strategy: { concurrency: 1, batches: [{ kind: 'count', hosts: 1 }], maxFailed: { kind: 'percent', percent: 99 } },
      started: 1,
    },
  ])('$hosts $strategy: $started are started', async ({ hosts, strategy, started }) => {
    const run = await applyFleet({ hosts, strategy });
    expect(startedIn(run.journal.events)).toHaveLength(started);
  });

  test('a host in doubt counts as failed', async () => {
    const run = await applyFleet({
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
    expect([run.words, run.touched]).toEqual(['in-doubt skipped', ['ex01']]);
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
            if (event.type === 'host-finished') inChange.delete(event.host);
            if (event.type !== 'host-started') return null;
            for (const other of inChange)
              if (groups && groupOf(other) === groupOf(event.host)) together.push(`${other} ${event.host}`);
            inChange.add(event.host);
            if (inChange.size > concurrency) together.push('too many');
            return null;
          },
        };
        const run = await applyFleet({
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
        const startedLater = stopped < 0 ? [] : startedIn(events.slice(stopped));
        // Those that were under way when it stopped may still come to their first change.
        expect(startedLater.length).toBeLessThan(concurrency);
        const failed = verdicts.filter((one) => one.verdict.startsWith('failed')).length;
        if (stopped < 0) expect(verdicts.some((one) => one.verdict === 'skipped')).toBe(false);
        const perBatch = new Map<number, number>();
        for (const one of events) if (one.type === 'batch-finished') perBatch.set(one.batch, one.failed);
        expect([...perBatch.values()].every((one) => one <= maxFailed + concurrency)).toBe(true);
        expect([...perBatch.values()].reduce((sum, one) => sum + one, 0)).toBe(failed);
      }),
      { numRuns: amount({ share: 20, ci: 100 }) },
    );
  });
});

/** Whether a verdict says something else than the machine shows. */
function isWrong({ host, verdict }: HostVerdict, touched: readonly string[]): boolean {
  const remains = verdict === 'changed' || verdict === 'failed-partial';
  return touched.includes(host) !== remains;
}
