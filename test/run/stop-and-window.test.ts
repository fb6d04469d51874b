// When a run begins nothing new: somebody wants it to stop, the window closes, the journal can't be written.
import { describe, expect, test } from 'vitest';
import { createStopControl } from '../../src/run/fleet/stop.ts';
import { applyFleet } from '../support/memory-apply.ts';
import { memoryClock } from '../support/memory-clock.ts';

describe('the wish to stop', () => {
  test('begins nothing new and finishes the host in change', async () => {
    const stop = createStopControl();
    const run = await applyFleet({
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
    expect([run.words, run.touched]).toEqual(['changed changed skipped', ['ex01', 'ex02']]);
    expect(run.verdicts?.[2]?.detail).toContain('interrupted');
    expect(run.journal.events.filter((one) => one.type === 'batch-started')).toHaveLength(2);
  });

  test('at once: what is in change is never called undone, nor what is not started changed', async () => {
    const now = new AbortController();
    const run = await applyFleet({
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
    expect(run.verdicts?.[1]?.verdict).toMatch(/^(in-doubt|failed-partial)$/);
    expect(run.verdicts?.[2]?.verdict).toMatch(/^(skipped|unreachable)$/);
  });

  test('a batch that is not confirmed is not started', async () => {
    const asked: string[] = [];
    const run = await applyFleet({
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
    expect([run.words, asked]).toEqual(['changed changed skipped skipped', ['2 of 2: 2']]);
  });

  test('pauses between batches, not after the last', async () => {
    const clock = memoryClock();
    await applyFleet({
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
    const run = await applyFleet({ hosts: 'c', policy: { window }, run: { clock } });
    const started = run.journal.events.find((one) => one.type === 'batch-started');
    expect([run.words, started?.at]).toEqual(['changed', '2026-12-05T22:00:10.000Z']);
  });

  test('no host is started that could not be taken back before it closes', async () => {
    const clock = memoryClock('2026-12-05T22:00:10.000Z');
    const run = await applyFleet({
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
    expect(run.words).toBe('changed changed changed changed skipped skipped skipped');
    expect(run.verdicts?.at(-1)?.detail).toContain('window');
  });

  test('the end given on the command line is kept as well', async () => {
    const run = await applyFleet({
      hosts: 'cc',
      run: { clock: memoryClock('2026-12-05T22:00:00.000Z'), world: { endsAt: '2026-12-05T22:00:59.000Z' } },
    });
    expect([run.words, run.touched]).toEqual(['skipped skipped', []]);
  });

  test('that closed long ago begins nothing', async () => {
    const run = await applyFleet({
      hosts: 'c',
      policy: { window },
      run: { clock: memoryClock('2026-12-06T22:00:00.000Z') },
    });
    expect([run.words, run.touched]).toEqual(['skipped', []]);
  });
});

test('a journal that fails at any append: everything sent was noted before, and nothing is started afterwards', async () => {
  const whole = await applyFleet({
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
    const run = await applyFleet({
      hosts: 'cfc',
      strategy: { concurrency: 2, maxFailed: { kind: 'count', hosts: 3 } },
      journal: {
        trouble(event, append) {
          isFull ||= append === n;
          if (isFull) return 'full';
          if (event.type === 'command-planned') intended.set(event.host, (intended.get(event.host) ?? 0) + 1);
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
