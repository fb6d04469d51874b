// One chaos run, told by its seed: a random fleet is planned for, changed among mishaps, left half way or not, then taken back or gone on
// with, among mishaps first and without them at last. After every stage the journal's claim about each host is held against the machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { World } from '../../src/cli/compose.ts';
import { jobsFor } from '../../src/cli/jobs.ts';
import { preparePlan } from '../../src/cli/prepare-plan.ts';
import { resumeRun } from '../../src/cli/resume.ts';
import { rollBack } from '../../src/cli/roll-back.ts';
import { beginRun } from '../../src/cli/run-jobs.ts';
import { startFleet } from '../../src/lab/fleet.ts';
import type { Fleet } from '../../src/lab/fleet.ts';
import type { LabClock } from '../../src/lab/lab-clock.ts';
import type { Machine } from '../../src/lab/machine.ts';
import { Failure } from '../../src/model/failure.ts';
import type { RunHistory } from '../../src/model/history.ts';
import { replayRun } from '../../src/journal/replay.ts';
import { createRunStore } from '../../src/journal/store.ts';
import type { FleetPlan } from '../../src/model/plan.ts';
import type { Target } from '../../src/model/target.ts';
import type { Wanted } from '../../src/model/wanted.ts';
import { checkHosts, checkRestored, type Watched } from './claims.ts';
import { throwDice, type Dice } from './dice.ts';
import { feedMishaps, type MishapFeed } from './mishap-feed.ts';
import { relatedDeed, unrelatedDeed, type Deed } from './other-operator.ts';
import { beginLife, type End, type Life } from './process.ts';
import { randomPolicy, randomServer, randomWanted } from './random-fleet.ts';

export interface Tally {
  runs: number;
  hostRuns: number;
  deaths: number;
  interrupts: number;
  deeds: number;
  readonly mishaps: Map<string, number>;
  /** Stage and verdict. */
  readonly verdicts: Map<string, number>;
  readonly mismatches: { readonly seed: number; readonly what: string }[];
}

export function emptyTally(): Tally {
  return {
    runs: 0,
    hostRuns: 0,
    deaths: 0,
    interrupts: 0,
    deeds: 0,
    mishaps: new Map(),
    verdicts: new Map(),
    mismatches: [],
  };
}

export function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

const password = 'chaos-Pass-1!';
const timeouts = { connectMs: 2000, operationMs: 600, requestMs: 900, hostMs: 20_000 };
const stages = 3;

interface Play {
  readonly seed: number;
  readonly dice: Dice;
  readonly fleet: Fleet;
  readonly feeds: ReadonlyMap<string, MishapFeed>;
  readonly watched: Map<string, Watched>;
  readonly directory: string;
  readonly tally: Tally;
  readonly tell: (line: string) => void;
  /** Of the servers' clock, beside real time: shells of the dead are idle for long when somebody comes to clear up. */
  readonly hours: { passed: number };
  /** Who is told of requests now. */
  listeners: ((server: string) => void)[];
}

/** Plays the run of `seed` and counts it. `tell` gets the story, line by line. */
export async function playRun(seed: number, tally: Tally, tell: (line: string) => void): Promise<void> {
  const dice = throwDice(seed);
  const hosts = Array.from({ length: dice.between(2, 7) }, (_, index) => `ex${String(index + 1).padStart(2, '0')}`);
  const hours = { passed: 0 };
  const labClock = clockWith(hours);
  const feeds = new Map(
    hosts.map((name) => {
      const own = dice.fork(`mishaps of ${name}`);
      return [name, feedMishaps(own, own.pick([0, 0.02, 0.06, 0.15]), stages)] as const;
    }),
  );
  const directory = await mkdtemp(join(tmpdir(), 'fencepost-chaos-'));
  const listeners: Play['listeners'] = [];
  const fleet = await startFleet({
    servers: hosts.map((name) => randomServer(name, dice.fork(`server ${name}`), feeds.get(name)?.specs ?? [])),
    account: { user: 'LAB\\operator', password },
    clock: labClock,
    onRequest(server, { mishap }) {
      if (mishap !== null) count(tally.mishaps, mishap);
      for (const listener of play.listeners) listener(server);
    },
  });
  const play: Play = { seed, dice, fleet, feeds, watched: new Map(), directory, tally, tell, hours, listeners };
  tally.runs += 1;
  try {
    await playStages(play);
  } catch (thrown) {
    mismatch(play, `it ended with ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
  } finally {
    await fleet.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function clockWith(hours: { readonly passed: number }): LabClock {
  return {
    now: () => new Date().toISOString(),
    elapsedMs: () => performance.now() + hours.passed * 3_600_000,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => {
        clearTimeout(timer);
      };
    },
  };
}

function mismatch({ seed, tally, tell }: Play, what: string): void {
  tally.mismatches.push({ seed, what });
  tell(`MISMATCH ${what}`);
}

async function playStages(play: Play): Promise<void> {
  const { dice, fleet, tally, tell, watched } = play;
  const policy = randomPolicy(dice.fork('policy'));
  const wanted = new Map(fleet.servers.map(({ name }) => [name, randomWanted(dice.fork(`wanted of ${name}`))]));
  const targets = fleet.servers.map(targetOf);
  const wantedOf = (target: Target): Wanted =>
    wanted.get(target.name) ?? { exclusions: [], whenHeldByOwnService: 'block' };
  const calm = beginLife(play.directory, password, null);
  const plan = await preparePlan(
    {
      targets,
      wantedOf,
      policy,
      playbook: { name: 'chaos', file: 'chaos.yml', sha256: '0' },
      inventory: { files: [], sha256: '0' },
    },
    calm.world,
  );
  for (const host of plan.hosts) {
    const server = fleet.server(host.target);
    tell(
      `${host.target} ${host.state}: ${host.steps.map((one) => one.sentence).join('; ')} ${JSON.stringify(server.spec.quirks)}`,
    );
    watched.set(host.target, {
      name: host.target,
      machine: server.machine,
      expected: structuredClone(server.machine),
      plan: host,
      isStale: false,
      isMeddledWith: false,
    });
  }
  const operator = dice.fork('other operator');
  for (const host of watched.values()) {
    if (!operator.chance(0.12)) continue;
    const deed = operator.chance(0.6) ? relatedDeed(operator) : unrelatedDeed(operator);
    const { changed } = meddle(play, host, deed);
    if (deed.isRelated && changed) watched.set(host.name, { ...host, isStale: true });
  }

  const end = randomEnd(dice.fork('end of the apply'), fleet);
  const run = await apply(play, plan, targets, end, operator);
  if (run === null) {
    tell('no run was begun');
    checkRestored(play.watched, 'before any run', (what) => {
      mismatch(play, what);
    });
    return;
  }
  tally.hostRuns += plan.hosts.length;
  await check(play, run, 'apply');
  if (dice.chance(0.5)) await goOn(play, run);
  await takeBack(play, run, operator);
}

function targetOf({ name, port }: Fleet['servers'][number]): Target {
  return {
    name,
    connection: {
      address: '127.0.0.1',
      port,
      scheme: 'http',
      path: '/wsman',
      auth: 'ntlm',
      username: 'LAB\\operator',
      password: { kind: 'env', name: 'CHAOS' },
      caFile: null,
      tlsServerName: null,
      timeouts,
    },
    groups: [],
    variables: {},
    origin: { file: 'chaos', line: 1, column: 1 },
  };
}

function randomEnd(dice: Dice, fleet: Fleet): End | null {
  if (dice.chance(0.4)) return null;
  const how = dice.pick(['stop', 'abort', 'die-before', 'die-after', 'die-before', 'die-after'] as const);
  if (how === 'die-before' || dice.chance(0.5)) return { how, at: { kind: 'append' }, n: dice.between(1, 60) };
  return { how, at: { kind: 'request', server: dice.pick(fleet.servers).name }, n: dice.between(1, 40) };
}

/** What comes to nothing on the server (it is so already) comes to nothing in the picture either. */
function meddle(play: Play, host: Watched, deed: Deed): { readonly changed: boolean } {
  const before = JSON.stringify(host.machine);
  deed.do(host.machine);
  const changed = JSON.stringify(host.machine) !== before;
  if (changed) deed.do(host.expected);
  play.tally.deeds += 1;
  play.tell(`on ${host.name} somebody ${deed.words}${changed ? '' : ', in vain'}`);
  return { changed };
}

/** Runs a stage in a life of its own, with mishaps when `stage` is not 0. */
async function inLife<T>(
  play: Play,
  stage: number,
  end: End | null,
  work: (world: World, life: Life) => Promise<T>,
): Promise<T | null> {
  const life = beginLife(play.directory, password, end);
  for (const server of play.fleet.servers) {
    const feed = play.feeds.get(server.name);
    if (stage > 0) feed?.arm(stage, server.requests.length);
    else feed?.disarm();
  }
  play.hours.passed += 3;
  const listener = (server: string): void => {
    life.noteRequest(server);
  };
  play.listeners.push(listener);
  try {
    const result = await life.live((world) => work(world, life).catch(unlessInterrupted));
    if (end !== null) play.tell(`end: ${JSON.stringify(end)}${result === null ? ', it died' : ''}`);
    if (result === null) play.tally.deaths += 1;
    else if (life.world.interrupts.interrupted) play.tally.interrupts += 1;
    return result === 'interrupted' ? null : result;
  } finally {
    play.listeners = play.listeners.filter((one) => one !== listener);
    for (const feed of play.feeds.values()) feed.disarm();
  }
}

/** Interrupted while it only asked: nothing was begun. */
function unlessInterrupted(thrown: unknown): 'interrupted' {
  if (thrown instanceof Failure && thrown.code === 'interrupted') return 'interrupted';
  throw thrown;
}

async function apply(
  play: Play,
  plan: FleetPlan,
  targets: readonly Target[],
  end: End | null,
  operator: Dice,
): Promise<string | null> {
  const jobs = jobsFor(plan, targets);
  const later = [...play.watched.values()].filter(() => operator.chance(0.1));
  const dues = new Map(later.map((host) => [host.name, operator.between(5, 30)]));
  const meddler = (server: string): void => {
    const left = dues.get(server);
    const host = play.watched.get(server);
    if (left === undefined || host === undefined) return;
    dues.set(server, left - 1);
    if (left === 1) meddle(play, host, unrelatedDeed(operator.fork(server)));
  };
  play.listeners.push(meddler);
  await inLife(play, 1, end, (world) =>
    beginRun({ kind: 'apply', of: null, plan, planFile: null, jobs }, { yes: true, json: true, endsAt: null }, world),
  );
  play.listeners = play.listeners.filter((one) => one !== meddler);
  const [run] = await createRunStore(play.directory).listRuns();
  return run !== undefined && (await historyOf(play, run)) !== null ? run : null;
}

async function historyOf(play: Play, run: string): Promise<RunHistory | null> {
  const { records, damage } = await createRunStore(play.directory).readRun(run);
  if (damage !== null) mismatch(play, `the journal of ${run} is damaged in line ${damage.line}: ${damage.problem}`);
  if (records.length === 0) return null;
  return replayRun(
    run,
    records.map((one) => one.event),
  );
}

async function check(play: Play, run: string, stage: string): Promise<RunHistory | null> {
  const history = await historyOf(play, run);
  if (history === null) return null;
  for (const { host, verdict, detail } of history.verdicts) {
    count(play.tally.verdicts, `${stage} ${verdict}`);
    play.tell(`${stage}: ${host} ${verdict}: ${detail}`);
  }
  checkHosts(play.watched, history, stage, (what) => {
    mismatch(play, what);
  });
  return history;
}

const common = {
  json: true,
  'state-dir': undefined,
  'log-file': undefined,
  'log-level': 'info' as const,
  trace: false,
  debug: false,
  quiet: true,
  inventory: undefined,
  limit: undefined,
  yes: true,
  deadline: undefined,
  verbose: false,
  concurrency: 4,
};

async function goOn(play: Play, run: string): Promise<void> {
  const { dice, fleet } = play;
  const resume = (world: World): Promise<number> => resumeRun(run, { ...common, wait: true, events: undefined }, world);
  if (dice.chance(0.5)) {
    const end = randomEnd(dice.fork('end of the resume'), fleet);
    await inLife(play, 2, end, resume);
    await check(play, run, 'resume among mishaps');
  }
  await inLife(play, 0, null, resume);
  const history = await check(play, run, 'resume');
  const left = history?.verdicts.filter(
    (one) => ['in-doubt', 'unreachable', 'locked', 'not-reached'].includes(one.verdict) && !isCut(play, history),
  );
  for (const { host, verdict, detail } of left ?? []) mismatch(play, `resume left ${host} ${verdict}: ${detail}`);
}

/** The failure policy stopped it: then hosts may be left. */
function isCut(_play: Play, history: RunHistory): boolean {
  return history.stopping !== null;
}

async function takeBack(play: Play, run: string, operator: Dice): Promise<void> {
  const { dice, fleet, tell, watched } = play;
  const history = await historyOf(play, run);
  for (const host of watched.values()) {
    if (!operator.chance(0.1)) continue;
    // Where a command is in doubt, nobody could tell his doing from the run's.
    const isSure = !(history?.hosts ?? []).some((one) => one.host === host.name && one.verdict?.verdict !== 'changed');
    const deed = isSure && operator.chance(0.5) ? relatedDeed(operator) : unrelatedDeed(operator);
    const { changed } = meddle(play, host, deed);
    if (deed.isRelated && changed) watched.set(host.name, { ...host, isMeddledWith: true });
  }
  const rollback = (world: World): Promise<number> =>
    rollBack(run, { ...common, 'dry-run': false, force: false }, world);
  if (dice.chance(0.6)) {
    await inLife(play, 3, randomEnd(dice.fork('end of the rollback'), fleet), rollback);
    await tellRollback(play, run, 'rollback among mishaps');
  }
  for (let round = 1; round <= 2; round += 1) {
    const before = new Map<string, Machine>(
      [...watched.values()].map((one) => [one.name, structuredClone(one.machine)]),
    );
    const printed = await inLife(play, 0, null, async (world, life) => {
      const code = await rollback(world);
      tell(`rollback ${round} ended with ${code}`);
      return life.printed();
    });
    await tellRollback(play, run, `rollback ${round}`);
    const left = checkRestored(watched, `rollback ${round}`, () => undefined, before, printed ?? '');
    if (left === 0) return;
    if (round === 2) {
      tell(printed ?? '');
      checkRestored(
        watched,
        'rollback',
        (what) => {
          mismatch(play, what);
        },
        before,
        printed ?? '',
      );
    } else count(play.tally.verdicts, 'a second rollback was needed');
  }
}

async function tellRollback(play: Play, run: string, stage: string): Promise<void> {
  const last = (await createRunStore(play.directory).listRuns()).filter((one) => one !== run).at(-1);
  if (last === undefined) return;
  const history = await historyOf(play, last);
  for (const { host, verdict, detail } of history?.verdicts ?? []) {
    count(play.tally.verdicts, `${stage} ${verdict}`);
    play.tell(`${stage}: ${host} ${verdict}: ${detail}`);
  }
}
