// Of a host that is through a run holds nothing but what it was told to keep: no session, no answer, no facts, no event that is on disk.
// What ten thousand hosts need is then what those under way need. V8 is asked to collect, and what is still there is counted.
import { collectGarbage } from '../support/heap.ts';
import { memoryListener } from '../support/memory-seams.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { describe, expect, test } from 'vitest';
import type { Connector, Journal, Session } from '../../src/model/seams.ts';
import type { Policy } from '../../src/model/strategy.ts';
import { surveyHosts } from '../../src/run/survey/survey.ts';
import { amount } from '../support/amount.ts';
import { memoryClock } from '../support/memory-clock.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { makeRequest } from '../../src/workflows/host-jobs.ts';
import { applyMemory, backEndPorts, planMemory, policyOf } from '../support/memory-run.ts';

const concurrency = 3;
const hosts = 40;

/** Objects that are to go, each only weakly known here. */
function watchList() {
  const known: WeakRef<object>[] = [];
  return {
    add<T extends object>(one: T): T {
      known.push(new WeakRef(one));
      return one;
    },
    get seen() {
      return known.length;
    },
    async alive(): Promise<number> {
      // A weak reference holds on until the turn in which it was made or read is over.
      await nextTurn();
      collectGarbage();
      return known.filter((one) => one.deref() !== undefined).length;
    },
  };
}

type WatchList = ReturnType<typeof watchList>;

/** The connector, and before every tenth host is started the number of sessions and answers of all hosts that are still there. */
function watched(connector: Connector, list: WatchList, counts: number[]): Connector {
  let started = 0;
  return {
    async connect(target, options) {
      started += 1;
      if (started % 10 === 0) counts.push(await list.alive());
      const inner = await connector.connect(target, options);
      const session: Session = {
        ask: async (line, asked) => list.add(await inner.ask(line, asked)),
        change: async (line, changed) => list.add(await inner.change(line, changed)),
        list: (query, listed) => inner.list(query, listed),
        endLeft: (ended) => inner.endLeft(ended),
        newNonce: () => inner.newNonce(),
        close: () => inner.close(),
      };
      return list.add(session);
    },
  };
}

const machines = () =>
  Array.from({ length: hosts }, (_, index) => memoryMachine(`ex${String(index + 1).padStart(2, '0')}`));

describe('of hosts that are through nothing stays', () => {
  test('in a survey, but what was kept', async () => {
    const fleet = memoryFleet(machines());
    const [list, facts] = [watchList(), watchList()];
    const counts: number[] = [];
    const factsLeft: number[] = [];
    const names = await surveyHosts(
      fleet.targets,
      {
        connector: watched(fleet.connector, list, counts),
        clock: memoryClock(),
        listener: memoryListener(),
        concurrency,
        signal: new AbortController().signal,
        requestOf: () => makeRequest(backEndPorts),
      },
      (surveyed) => {
        facts.add('facts' in surveyed ? surveyed.facts : surveyed);
        return surveyed.target.name;
      },
    );
    factsLeft.push(await facts.alive());
    expect(names).toHaveLength(hosts);
    expect([list.seen, facts.seen]).toEqual([2 * hosts, hosts]);
    expect(counts).toHaveLength(hosts / 10);
    // A session and an answer of each host that may be under way.
    expect(Math.max(...counts)).toBeLessThanOrEqual(2 * concurrency);
    expect(factsLeft).toEqual([0]);
  });

  test('in a run that rolls no host back with others, nor of what its rollback would need', async () => {
    /** Maps that each finished host leaves behind: what the run changed on a host is in some. */
    const mapsOfHost = async (onFailure: Policy['onFailure']): Promise<number> => {
      const fleet = memoryFleet(machines());
      const plan = await planMemory(fleet, backEndPorts, policyOf({ onFailure }, { concurrency }));
      const counts: number[] = [];
      let ended = 0;
      await applyMemory(fleet, plan, {
        journal: {
          append({ type }) {
            if (type === 'host-finished') {
              ended += 1;
              // V8 collects several times for it, half a second of reckoning each time.
              if (ended === 10 || ended === hosts) counts.push(queryObjects(Map, { format: 'count' }));
            }
            return Promise.resolve();
          },
        },
        listener: { event: () => undefined, progress: () => undefined },
      });
      expect(counts).toHaveLength(2);
      const [first = 0, last = 0] = counts;
      return (last - first) / (hosts - 10);
    };
    expect(await mapsOfHost('rollback_host')).toBeLessThan(0.5);
    // No other way than the first one.
    if (amount({ share: false, ci: true })) expect(await mapsOfHost('stop')).toBeLessThan(0.5);
    // Which shows that there is something to count.
    expect(await mapsOfHost('rollback_batch')).toBeGreaterThan(1);
  });

  test('in a run, but its verdict', async () => {
    const fleet = memoryFleet(machines());
    const policy = policyOf({ onFailure: 'rollback_batch' }, { concurrency });
    const plan = await planMemory(fleet, backEndPorts, policy);
    const [list, events] = [watchList(), watchList()];
    const counts: number[] = [];
    const eventsLeft: number[] = [];
    let ended = 0;
    const journal: Journal = {
      async append(event) {
        if (event.type === 'host-finished' && ++ended % 10 === 0) eventsLeft.push(await events.alive());
        events.add(event);
      },
    };
    const verdicts = await applyMemory(fleet, plan, {
      journal,
      listener: { event: () => undefined, progress: () => undefined },
      connector: watched(fleet.connector, list, counts),
    });
    expect(verdicts.map((one) => one.verdict)).toEqual(Array.from({ length: hosts }, () => 'changed'));
    expect(events.seen).toBeGreaterThan(10 * hosts);
    expect([counts.length, eventsLeft.length]).toEqual([hosts / 10, hosts / 10]);
    expect(Math.max(...counts)).toBeLessThanOrEqual(4 * concurrency);
    expect(Math.max(...eventsLeft)).toBeLessThanOrEqual(4 * concurrency);
  });
});
