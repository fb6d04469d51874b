// One night: a random fleet is planned for and changed among mishaps, gone on with or rolled back among mishaps, and rolled back without
// any in the morning. The shipped workflows do it, each life from nothing but the disk (night/); oracle.ts judges.
import { finishPending } from '../../src/lab/machine/service-control.ts';
import { buildMachine } from '../../src/lab/scenario/build-machine.ts';
import type { FleetPlan } from '../../src/model/plan.ts';
import { sameRange, type PortRange } from '../../src/model/port-range.ts';
import { startRun } from '../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { planFleet } from '../../src/workflows/plan-fleet.ts';
import { throwDice, type Dice } from '../chaos/dice.ts';
import { randomDesired, randomPolicy } from '../chaos/random-fleet.ts';
import { memorySeams } from '../support/memory-seams.ts';
import { regainRights } from './account.ts';
import { forgetState } from './console.ts';
import { createDisk } from './disk.ts';
import { judgeLeftGuards, lifeMs, withConfirm } from './guards.ts';
import { beginLife } from './life.ts';
import { drawContested, drawLong, drawMishaps, drawWide, type Mishap } from './mishap.ts';
import { live } from './night/live.ts';
import { passTime, silent, startMs, targetsOf, type GuardCounts, type Night } from './night/state.ts';
import { confirm, resume, rollBack } from './night/what-follows.ts';
import { judgeMorning } from './oracle.ts';
import { nightServer } from './servers.ts';
import { meddle } from './stranger.ts';
import { beginServer, type Server } from './truth.ts';
import { connectorOf } from './world.ts';

export interface NightResult {
  readonly problems: readonly string[];
  /** Those of its mishaps that came to pass. */
  readonly happened: readonly Mishap[];
  readonly hostRuns: number;
  readonly deaths: number;
  readonly verdicts: readonly string[];
  readonly guards: GuardCounts;
}

/** The mishaps that the seed draws. */
export function mishapsOf(seed: number): readonly Mishap[] {
  if (isContested(seed)) return drawContested(throwDice(seed).fork('contested mishaps'));
  if (isWide(seed)) return drawWide(throwDice(seed).fork('wide mishaps'), hostCount(seed), lifeCount(seed));
  if (isLong(seed)) return drawLong(throwDice(seed).fork('long mishaps'), hostCount(seed), lifeCount(seed));
  return drawMishaps(throwDice(seed).fork('mishaps'), hostCount(seed), lifeCount(seed));
}

/** Lives that may meet a mishap. */
function lifeCount(seed: number): number {
  if (isContested(seed)) return 2;
  return isLong(seed) ? throwDice(seed).fork('long lives').between(4, 5) : throwDice(seed).fork('lives').between(1, 3);
}

/** From this seed on three or four commands follow the apply, each with mishaps of its own; those before replay what they always did. */
const firstLong = 40_000_001;

function isLong(seed: number): boolean {
  return seed >= firstLong && !isContested(seed);
}

/** And from this one on they are wide. */
const firstWide = 80_000_001;

function isWide(seed: number): boolean {
  return seed >= firstWide && isLong(seed);
}

/** Its second life is a rollback, and somebody else comes between its commands. */
function isContested(seed: number): boolean {
  return throwDice(seed).fork('contested').chance(0.15);
}

function hostCount(seed: number): number {
  return throwDice(seed).fork('hosts').pick([1, 1, 1, 2, 2, 3]);
}

/** Plays the night of a seed, among its own mishaps or the given ones. */
export async function playNight(
  seed: number,
  mishaps: readonly Mishap[] = mishapsOf(seed),
  tell: (line: string) => void = silent,
): Promise<NightResult> {
  const dice = throwDice(seed);
  const names = Array.from({ length: hostCount(seed) }, (_, index) => `ex${String(index + 1).padStart(2, '0')}`);
  const night: Night = {
    servers: new Map(names.map((name) => [name, beginServer(buildMachine(nightServer(name, dice)))])),
    disk: createDisk(),
    mishaps,
    problems: [],
    happened: [],
    verdicts: [],
    tell,
    guards: { armed: 0, fired: 0, confirmed: 0 },
    sent: new Map(),
    beside: [],
    plan: null,
    hostRuns: 0,
    deaths: 0,
    lives: 0,
  };
  const isLongNight = isLong(seed);
  for (const server of night.servers.values()) server.mayMeddleAgain = isLongNight;
  await playLives(night, dice, { lives: lifeCount(seed), isRolledBack: isContested(seed), isLongNight });
  const { problems, happened, hostRuns, deaths, verdicts, guards } = night;
  return { problems, happened, hostRuns, deaths, verdicts, guards };
}

interface Course {
  readonly lives: number;
  readonly isRolledBack: boolean;
  /** A rollback may be forced. */
  readonly isLongNight: boolean;
}

async function playLives(night: Night, dice: Dice, { lives, isRolledBack, isLongNight }: Course): Promise<void> {
  const plan = await planNight(night, dice);
  night.plan = plan;
  const operator = dice.fork('before the apply');
  for (const server of night.servers.values()) {
    server.plan = plan.hosts.find((one) => one.target === server.name) ?? null;
    const deed = operator.chance(0.1) ? meddle(server, operator.roll()) : null;
    server.isStale = deed !== null && 'range' in deed && isDesired(server, deed.range);
  }
  await live(night, 'apply', (seams, manners) => {
    const jobs = makeHostJobs(plan, targetsOf(night));
    return startRun({ kind: 'apply', of: null, plan, planFile: null, jobs }, manners, seams);
  });
  const next = dice.fork('next');
  const confirming = dice.fork('confirming');
  const forcing = dice.fork('forcing');
  if (isRolledBack) await rollBack(night);
  while (night.lives < lives) {
    if (plan.policy.confirm !== undefined && confirming.chance(0.6)) {
      await confirm(night, confirming.chance(0.5) ? null : lifeMs * confirming.between(1, 2));
    } else await (next.chance(0.5) ? resume(night) : rollBack(night, isLongNight && forcing.chance(0.4)));
  }
  if (next.chance(0.4)) await resume(night);
  // By the morning every service has arrived.
  for (const { machine } of night.servers.values()) {
    for (const service of machine.services) finishPending(machine, service);
    forgetState(machine);
  }
  for (const server of night.servers.values()) regainRights(server, 'morning');
  const said = await rollBack(night);
  if (said === null) return;
  night.problems.push(...judgeMorning(night.servers, said));
  // Whatever was still armed starts before the next night.
  for (const server of night.servers.values()) passTime(night, server, 24 * lifeMs);
  night.problems.push(...judgeMorning(night.servers, said), ...judgeLeftGuards(night.servers));
}

function isDesired({ plan }: Server, range: PortRange): boolean {
  return plan?.desired.exclusions.some((one) => sameRange(one.range, range)) === true;
}

async function planNight(night: Night, dice: Dice): Promise<FleetPlan> {
  const life = beginLife(startMs - 3_600_000, [], () => undefined);
  const seams = memorySeams({
    connector: connectorOf({ servers: night.servers, life, checkIntent: () => undefined }),
    clock: life.clock,
  });
  // One playbook asks the same of all its hosts.
  const desired = randomDesired(dice.fork('desired'));
  return planFleet(
    {
      targets: targetsOf(night),
      desiredOf: () => desired,
      policy: withConfirm(randomPolicy(dice.fork('policy')), dice.fork('confirm')),
      playbook: { name: 'night', file: 'night.yml', sha256: 'p' },
      inventory: { files: [], sha256: 'i' },
    },
    seams,
  );
}
