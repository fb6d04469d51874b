// The runner of a site that is told to end (SIGTERM): whenever that comes, no host is taken after it, what it has is finished, and what the
// machines are like is the judge.
import { describe, expect, test } from 'vitest';
import type { JoinedStanding, SiteRun } from '../../../src/model/joined-run.ts';
import { writePlanFile } from '../../../src/plan/plan-file.ts';
import type { StopControl } from '../../../src/run/fleet/stop.ts';
import { createStopControl } from '../../../src/run/fleet/stop.ts';
import { takePart } from '../../../src/workflows/join/take-part.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { planMemory, policyOf } from '../../support/memory-run.ts';
import { memoryLocks, memorySeams, noInventory } from '../../support/memory-seams.ts';

const names = ['ex01', 'ex02', 'ex03'];

interface Claim {
  /** 1, 2, 3, ... */
  readonly number: number;
  /** Before it is decided whether the host is given out, or once it is, on the way back. */
  readonly way: 'there' | 'back';
}

/** `onClaim`: what happens while a host is asked for. */
async function playSite(onClaim: (claim: Claim, stop: StopControl) => void) {
  const machines = names.map((name) => memoryMachine(name));
  const fleet = memoryFleet(machines);
  const targets = fleet.targets.map((one) => ({ ...one, site: 'paris' }));
  const plan = await planMemory({ ...fleet, targets }, undefined, policyOf({}, { concurrency: 2 }));
  const before = machines.map((one) => JSON.stringify(essenceOf(one)));
  const asked = fleet.requests.length;
  const stop = createStopControl();
  const waiting = [...names];
  const given: string[] = [];
  const journal = memoryJournal();
  const isFinished = (host: string): boolean =>
    journal.events.some((one) => one.type === 'host-finished' && one.host === host);
  let claims = 0;

  function stand(): JoinedStanding {
    const counts = { hosts: names.length, hasWaiting: waiting.length > 0, busy: listBusy().length, failed: 0 };
    return {
      plan: 'digest',
      batch: 1,
      isBatchFinished: false,
      stopping: null,
      isClosed: false,
      hasSiteWaiting: waiting.length > 0,
      ofBatch: counts,
      ofRun: counts,
    };
  }

  function listBusy(): readonly string[] {
    return given.filter((host) => !isFinished(host));
  }

  const joined: SiteRun = {
    run: 'night',
    locks: memoryLocks(),
    join: () => Promise.resolve({ release: () => Promise.resolve() }),
    readStanding: () => Promise.resolve(stand()),
    openJournal: () => ({ ...journal, close: () => Promise.resolve() }),
    async claimHost(mayStart) {
      claims += 1;
      const number = claims;
      await Promise.resolve();
      onClaim({ number, way: 'there' }, stop);
      if (!mayStart({ ...stand(), runners: 1, own: listBusy().length })) return null;
      const host = waiting.shift() ?? null;
      if (host !== null) given.push(host);
      onClaim({ number, way: 'back' }, stop);
      await Promise.resolve();
      return host;
    },
    returnHost(host) {
      given.splice(given.indexOf(host), 1);
      waiting.unshift(host);
      return Promise.resolve();
    },
    async *readPlan() {
      await Promise.resolve();
      yield* writePlanFile(plan).text;
    },
    close: () => Promise.resolve(),
  };
  const seams = memorySeams({ connector: fleet.connector, stop });
  const request = { site: 'paris', inventory: noInventory, judge: () => Promise.resolve() };
  const { verdicts, failure } = await takePart(joined, request, seams);
  const changed = names.filter((_, index) => {
    const machine = machines[index];
    return machine !== undefined && JSON.stringify(essenceOf(machine)) !== before[index];
  });
  const reached = new Set(fleet.requests.slice(asked).map((one) => one.host));
  return { changed, reached: [...reached].toSorted(), waiting, verdicts, failure };
}

test('a runner that nobody ends changes every host of its site', async () => {
  const { changed, waiting, failure } = await playSite(() => undefined);
  expect([changed, waiting, failure]).toEqual([names, [], null]);
});

describe.each(['there', 'back'] as const)('SIGTERM while a host is asked for, on the way %s', (way) => {
  test('the first host is not taken, and no host is reached', async () => {
    const night = await playSite((claim, stop) => {
      if (claim.way === way) stop.request('SIGTERM');
    });
    expect(night).toMatchObject({ changed: [], reached: [], waiting: names, verdicts: [], failure: null });
  });

  test('the second is not taken either, and the first is finished', async () => {
    const night = await playSite((claim, stop) => {
      if (claim.number === 2 && claim.way === way) stop.request('SIGTERM');
    });
    expect(night).toMatchObject({ changed: ['ex01'], reached: ['ex01'], waiting: ['ex02', 'ex03'], failure: null });
    expect(night.verdicts.map(({ host, verdict }) => [host, verdict])).toEqual([['ex01', 'changed']]);
  });
});
