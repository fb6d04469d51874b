// Promise 11: no listener can touch the outcome of a step. Listeners that throw, now or later, at any event, beside runs in memory.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { Listener } from '../../src/model/seams.ts';
import { createFuse, isolateListener, joinListeners } from '../../src/run/isolated-listener.ts';
import { amount } from '../support/amount.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyFleet } from '../support/memory-apply.ts';
import { throwingListener } from '../support/throwing-listener.ts';
import { planMemory, rollBackMemory } from '../support/memory-run.ts';
import { memoryListener } from '../support/memory-seams.ts';

const event: RunEvent = { at: '2026-12-05T22:00:00.000Z', type: 'run-stopping', reason: 'test' };

describe('an isolated listener', () => {
  test('is cut off at its first error, told once, and asked no more', () => {
    const told: unknown[] = [];
    let asked = 0;
    const broken: Listener = {
      event() {
        asked += 1;
        throw new Error('EPIPE');
      },
      progress() {
        asked += 1;
      },
    };
    const listener = isolateListener(broken, (thrown) => told.push(thrown));
    listener.event(event);
    listener.event(event);
    listener.progress({ host: '', doing: 'x' });
    expect([asked, told.map(String)]).toEqual([1, ['Error: EPIPE']]);
  });

  test('that fails silences no other', () => {
    const good = memoryListener();
    const bad: Listener = {
      event() {
        throw new Error('full');
      },
      progress() {
        throw new Error('full');
      },
    };
    const joined = joinListeners([isolateListener(bad), isolateListener(good), isolateListener(bad)]);
    joined.event(event);
    joined.progress({ host: 'ex01', doing: 'x' });
    expect([good.events, good.told]).toEqual([[event], [{ host: 'ex01', doing: 'x' }]]);
  });

  test('that is async and rejects is cut off too, without ending the process', async () => {
    const told: unknown[] = [];
    const fuse = createFuse((thrown) => told.push(thrown));
    fuse.attempt(() => Promise.reject(new Error('later')));
    await new Promise((resolve) => setImmediate(resolve));
    expect([fuse.isBlown, told.map(String)]).toEqual([true, ['Error: later']]);
  });

  test('whose end is told to somebody who fails harms nobody', () => {
    const fuse = createFuse(() => {
      throw new Error('deaf');
    });
    expect(() => {
      fuse.attempt(() => {
        throw new Error('x');
      });
    }).not.toThrow();
  });
});

describe('a run whose listener throws', () => {
  const fleets = fc.array(fc.constantFrom('c', 'c', 'f', 'b', 'o', 'u', 'l'), { minLength: 1, maxLength: 5 });

  test('comes to the same verdicts, journal and servers as without a listener, whenever it throws', async () => {
    await fc.assert(
      fc.asyncProperty(fleets, fc.integer({ min: 1, max: 40 }), fc.boolean(), async (letters, n, isAsync) => {
        const hosts = letters.join('');
        const calm = await applyFleet({ hosts });
        const loud = await applyFleet({ hosts, run: { listener: throwingListener(n, isAsync) } });
        expect(loud.verdicts).toEqual(calm.verdicts);
        expect(loud.touched).toEqual(calm.touched);
        expect(loud.journal.events.map((one) => one.type)).toEqual(calm.journal.events.map((one) => one.type));
        const ended = loud.journal.events.flatMap((one) => (one.type === 'host-finished' ? [one.host] : []));
        expect(new Set(ended).size).toBe(ended.length);
      }),
      { numRuns: amount({ share: 20, ci: 100 }) },
    );
  });

  test('is rolled back with a throwing listener too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (n) => {
        const { plan, fleet, journal, verdicts } = await applyFleet({ hosts: 'cc' });
        expect(verdicts?.map((one) => one.verdict)).toEqual(['changed', 'changed']);
        const back = await rollBackMemory(fleet, journal.events, {
          journal: memoryJournal(),
          listener: throwingListener(n, false),
        });
        expect(back.verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed']);
        const again = await planMemory(fleet);
        expect(again.hosts.map((one) => one.fingerprint)).toEqual(plan.hosts.map((one) => one.fingerprint));
      }),
      { numRuns: amount({ share: 8, ci: 40 }) },
    );
  });
});
