// Issue 15: what becomes of a host when the controller dies, the network goes for good, or the host restarts, at every point of a run; with a
// guard and without, and whoever comes back. All in one process through the shipped workflows, on the clock of the simulated host, whose
// true state is judged; counted in one table (FENCEPOST_TESTS=ci prints it). Each of these made it fail, tried by hand: the line of an outage
// without its starts; a guard without its BootTrigger; rollback that does not wait for the line of a dead run.
import { afterAll, describe, expect, test } from 'vitest';
import type { Machine, MachineService } from '../../../src/lab/machine/machine.ts';
import type { Desired } from '../../../src/model/desired.ts';
import { amount, everyNth } from '../../support/amount.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { backEndPorts, manyPorts, planMemory, policyOf } from '../../support/memory-run.ts';
import { judgeNight, type Expectation } from './judge-night.ts';
import { describePoint, isRestart, listPoints } from './mishap.ts';
import { spendNight, who } from './night.ts';
import { createTally } from './tally.ts';

const service = 'MSExchangeIMAP4BE';
const withinMs = 15 * 60_000;
/** A night takes some 40 ms; there are about 6000. */
const stride = amount({ share: 97, ci: 6, all: 1 });
const isPrinted = amount({ share: false, ci: true });

const ways: readonly { readonly way: 'one line' | 'step by step'; readonly desired: Desired }[] = [
  { way: 'one line', desired: backEndPorts },
  // Longer than cmd takes.
  { way: 'step by step', desired: manyPorts },
];
/** What Windows does with the service when it restarts. A Manual one only counts where the host does. */
const startTypes = ['automatic', 'manual'] as const;

const cases = ways
  .flatMap((way) =>
    (['none', 'run', 'person'] as const).flatMap((guard) =>
      startTypes.map((startType) => ({ ...way, guard, startType })),
    ),
  )
  // Where not all points are tried, each case tries others.
  .map((one, index) => ({ ...one, offset: (index * 5) % stride }));

function machineOf(startType: MachineService['startType']): Machine {
  const machine = memoryMachine('ex01', { imap: 'running' }, { oneList: false, pendingQueries: 1 });
  machine.services = machine.services.map((one) => (one.name === service ? { ...one, startType } : one));
  return machine;
}

const tally = createTally(['guard', 'comes', 'what happens']);

afterAll(() => {
  if (isPrinted) console.log(tally.write());
});

describe.each(cases)('$way, guard: $guard, the service starts: $startType', async (given) => {
  const { way, desired, guard, startType, offset } = given;
  const before = machineOf(startType);
  const policy = guard === 'none' ? policyOf() : policyOf({ confirm: { withinMs, by: guard } });
  const plan = await planMemory(memoryFleet([structuredClone(before)]), desired, policy);
  const settings = { machine: before, service, plan, byPerson: guard === 'person' };
  const expected: Expectation = { before, desired, service, guard, isOneLine: way === 'one line' };
  const whole = await spendNight(settings, null, 'nobody');
  const all = listPoints(whole.requests, whole.writes).filter((one) => startType === 'automatic' || isRestart(one));
  const points = everyNth(all.slice(offset), stride);

  test('without a mishap it is changed, and the points of it are many', () => {
    expect(whole.endings.flatMap((one) => one.verdicts.map((verdict) => verdict.verdict))).toEqual(['changed']);
    expect(all.length).toBeGreaterThan(startType === 'manual' ? 40 : 120);
  });

  test.each(who)(
    'and then comes: %s',
    async (comes) => {
      const wrong: string[] = [];
      for (const point of points) {
        const judgement = judgeNight(await spendNight(settings, point, comes), comes, expected);
        tally.add([guard, comes, point.mishap], judgement);
        wrong.push(...judgement.problems.map((one) => `${describePoint(point)}: ${one}`));
      }
      expect(wrong).toEqual([]);
    },
    300_000,
  );
});
