// No outage is opened that could not be ended before the window closes or the deadline passes, by the times of this run. Asserted on the
// machines and their clock, not on our words.
import { describe, expect, test } from 'vitest';
import type { OnFailure } from '../../src/model/strategy.ts';
import { exitCodeOfRun } from '../../src/cli/exit-codes.ts';
import type { Desired } from '../../src/model/desired.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { createController } from '../support/controller.ts';
import { essenceOf, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryClock } from '../support/memory-clock.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf, rollBackMemory } from '../support/memory-run.ts';

const opens = '2026-12-05T22:00:00.000Z';
const opensMs = Date.parse(opens);

interface Night {
  readonly hosts: number;
  /** Status queries, of a second each, until a service has stopped or started. */
  readonly slowness: (host: number) => number;
  readonly closesAfterS: number;
  /** Given as a window, or as `--deadline`. */
  readonly as?: 'window' | 'deadline';
  readonly concurrency?: number;
  readonly onFailure?: OnFailure;
  /** Hosts come one by one, and this much is left when ex02's turn comes. */
  readonly leftForEx02S?: number;
}

const oneByOne = { batches: [{ kind: 'count', hosts: 1 }], confirmBetweenBatches: true } as const;

async function spendNight({ hosts, slowness, closesAfterS, as = 'window', ...given }: Night) {
  const machines = Array.from({ length: hosts }, (_, index) =>
    memoryMachine(`ex0${index + 1}`, { imap: 'running', pop: 'running' }, { pendingQueries: slowness(index + 1) }),
  );
  const closesAt = new Date(opensMs + closesAfterS * 1000).toISOString();
  const window = as === 'window' ? { opensAt: opens, closesAt } : null;
  const policy = policyOf(
    { window, onFailure: given.onFailure ?? 'rollback_host' },
    given.leftForEx02S === undefined ? { concurrency: given.concurrency ?? 1 } : oneByOne,
  );
  const plan = await planMemory(memoryFleet(machines), undefined, policy);
  const before = machines.map(essenceOf);
  const clock = memoryClock(opens);
  const isDown = () =>
    machines.flatMap((one) => one.services.filter(({ ports, state }) => ports.length > 0 && state !== 'running'));
  const stops: number[] = [];
  let downAfterClose = 0;
  const secondsGone = () => (Date.parse(clock.now()) - opensMs) / 1000;
  const noteDown = () => {
    if (secondsGone() > closesAfterS) downAfterClose = Math.max(downAfterClose, isDown().length);
  };
  const fleet = memoryFleet(machines, {
    trouble({ kind, shown }) {
      const afterS = secondsGone();
      if (kind === 'change' && shown.includes('sc stop')) stops.push(afterS);
      noteDown();
      return null;
    },
    onWait(durationMs) {
      clock.advance(durationMs);
      noteDown();
    },
  });
  const confirmBatch = (batch: number) => {
    const { leftForEx02S: leftS } = given;
    if (batch === 2 && leftS !== undefined)
      clock.advance(Date.parse(closesAt) - leftS * 1000 - Date.parse(clock.now()));
    return Promise.resolve(true);
  };
  const world = { endsAt: as === 'deadline' ? closesAt : null, confirmBatch };
  const journal = memoryJournal();
  const verdicts = await applyMemory(fleet, plan, { journal, clock, world });
  const isAsBefore = machines.map((one, index) => JSON.stringify(essenceOf(one)) === JSON.stringify(before[index]));
  return {
    verdicts,
    words: verdicts.map((one) => one.verdict).join(' '),
    detail: verdicts.at(-1)?.detail ?? '',
    isAsBefore,
    down: isDown().map((one) => one.name),
    downAfterClose,
    stops,
    exitCode: exitCodeOfRun(verdicts, false),
    journal,
  };
}

describe.each(['window', 'deadline'] as const)('the %s', (as) => {
  test('a host whose services may take longer than is left is not started, and says what is assumed', async () => {
    const night = await spendNight({ hosts: 1, slowness: () => 1, closesAfterS: 600, as });
    expect([night.words, night.stops, night.isAsBefore, night.exitCode]).toEqual(['skipped', [], [true], 3]);
    expect(night.detail).toContain(as === 'window' ? 'before the window closes' : 'before the deadline');
    expect(night.detail).not.toContain(as === 'window' ? 'deadline' : 'window');
    expect(night.detail).toContain('assumed for connecting, changing a range, stopping a service, starting a service');
  });

  test('hosts are started by the measured times until one could not be undone any more', async () => {
    // Each host: two services, about 20 s to stop and 20 s to start.
    const night = await spendNight({ hosts: 16, slowness: () => 20, closesAfterS: 1000, as });
    const changed = night.verdicts.filter((one) => one.verdict === 'changed').length;
    expect(changed).toBeGreaterThan(1);
    expect(changed).toBeLessThan(16);
    expect([night.downAfterClose, night.down, night.exitCode]).toEqual([0, [], 3]);
    expect(night.isAsBefore).toEqual(night.verdicts.map((one) => one.verdict === 'skipped'));
    expect(night.detail).toContain('by the longest times measured in this run');
  });

  test('the second outage of a host is not opened once the first was slow; what was done is undone, and it is no failure', async () => {
    // ex01 takes 2 s a service; ex02 takes 100 s for each.
    const night = await spendNight({
      hosts: 3,
      slowness: (host) => (host === 2 ? 100 : 2),
      closesAfterS: 1200,
      leftForEx02S: 300,
      as,
    });
    expect(night.words).toBe('changed rolled-back skipped');
    expect([night.isAsBefore, night.down, night.downAfterClose]).toEqual([[false, true, true], [], 0]);
    expect(night.stops).toHaveLength(3);
    expect(night.verdicts[1]?.detail).toMatch(/not enough time before the .* all of it was rolled back$/);
    expect(night.exitCode).toBe(3);
  });
});

test('seven slow hosts at once, with 30 s left once: none is stopped', async () => {
  const night = await spendNight({ hosts: 7, slowness: () => 120, closesAfterS: 61, concurrency: 7 });
  expect([night.stops, night.downAfterClose, night.isAsBefore.every(Boolean)]).toEqual([[], 0, true]);
});

test('an outage that takes longer than ever measured is finished, said to be late, and not exit 0', async () => {
  const night = await spendNight({
    hosts: 2,
    slowness: (host) => (host === 2 ? 150 : 1),
    closesAfterS: 1200,
    leftForEx02S: 60,
  });
  expect(night.down).toEqual([]);
  expect(night.downAfterClose).toBe(1);
  expect(night.detail).toMatch(/finished \d+ s after the window closed$/);
  expect([night.verdicts[1]?.late, night.exitCode]).toEqual([true, 3]);
});

test('with changes kept on failure, what is done stays, and no service is down', async () => {
  const night = await spendNight({
    hosts: 2,
    slowness: (host) => (host === 2 ? 100 : 2),
    closesAfterS: 1200,
    leftForEx02S: 300,
    onFailure: 'stop',
  });
  expect([night.words, night.down, night.isAsBefore]).toEqual(['changed failed-partial', [], [false, false]]);
  expect(night.detail).toContain('what was done so far is kept');
});

test('a service that a dead run left down is started by a rollback, however late it is', async () => {
  // Too many ranges for the line of an outage: the steps are sent one after the other.
  const exclusions = [9933, 19_934, 19_935].map((port): Desired['exclusions'][number] => ({
    range: portRange(port),
    protocol: 'tcp',
    families,
    presence: 'present',
    service: 'MSExchangeIMAP4BE',
  }));
  const machine = memoryMachine('ex01', { imap: 'running', pop: 'running' });
  const before = essenceOf(machine);
  const plan = await planMemory(memoryFleet([machine]), { exclusions, whenHeldByOwnService: 'restart' });
  const controller = createController();
  const journal = memoryJournal({ controller });
  const dying = memoryFleet([machine], {
    controller,
    trouble: ({ kind, shown }) =>
      kind === 'change' && shown.includes('startport=9933') ? { at: 'after', failure: 'killed' } : null,
  });
  void applyMemory(dying, plan, { journal, clock: memoryClock(opens) });
  await controller.died;
  expect(machine.services.some((one) => one.name === 'MSExchangeIMAP4BE' && one.state === 'stopped')).toBe(true);
  const { verdicts } = await rollBackMemory(memoryFleet([machine]), journal.events, {
    journal: memoryJournal(),
    clock: memoryClock('2026-12-05T23:00:00.000Z'),
    world: { endsAt: '2026-12-05T22:00:01.000Z' },
  });
  expect(essenceOf(machine)).toEqual(before);
  expect([verdicts[0]?.verdict, verdicts[0]?.late]).toEqual(['changed', true]);
});
