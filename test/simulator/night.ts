// One night: a random fleet is planned for and changed among mishaps, gone on with or rolled back among mishaps, and rolled back without
// any in the morning. The shipped workflows do it, each life from nothing but the disk; oracle.ts judges.
import { isDeepStrictEqual } from 'node:util';
import { exitCodeOfFailure, exitCodeOfRun } from '../../src/cli/exit-codes.ts';
import { nameGuard } from '../../src/model/rules/guard.ts';
import { finishPending } from '../../src/lab/machine/service-control.ts';
import { buildMachine } from '../../src/lab/scenario/build-machine.ts';
import { asFailure, Failure } from '../../src/model/failure.ts';
import type { EventOf, HostVerdict, RunEvent, RunKind } from '../../src/model/outcome.ts';
import type { FleetPlan } from '../../src/model/plan.ts';
import { sameRange, type PortRange } from '../../src/model/port-range.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import type { Listener } from '../../src/model/seams.ts';
import type { Target } from '../../src/model/target.ts';
import { confirmRun } from '../../src/workflows/guards/confirm-run.ts';
import { startRun, type RunManners, type RunOutcome } from '../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { planFleet } from '../../src/workflows/plan-fleet.ts';
import { executeResume, planResume } from '../../src/workflows/resume/resume.ts';
import { executeRollback, isRollbackDue, planRollback } from '../../src/workflows/roll-back.ts';
import { restoreTargets } from '../../src/workflows/saved-targets.ts';
import { throwDice, type Dice } from '../chaos/dice.ts';
import { randomDesired, randomPolicy } from '../chaos/random-fleet.ts';
import { memoryTarget } from '../support/memory-fleet.ts';
import { memoryLocks, memorySeams, noInventory, type MemorySeams } from '../support/memory-seams.ts';
import { throwingListener } from '../support/throwing-listener.ts';
import { forgetState } from './console.ts';
import { createDisk, crashDisk, lastDurable, lastDurableGuard, openStore, type Disk } from './disk.ts';
import { noteLook, noteMissingAnswer, noteOther } from './judging/doubt.ts';
import { listSubjects } from './judging/subject.ts';
import { concedeTold } from './judging/told-doubt.ts';
import { judgeConfirmed, judgeGuard, judgeLeftGuards, letTimePass, lifeMs, withConfirm } from './guards.ts';
import { beginLife, type Life } from './life.ts';
import { drawMishaps, lifeMishaps, type Mishap } from './mishap.ts';
import { judgeEnding, judgeMorning, judgeVerdict } from './oracle.ts';
import { regainRights } from './account.ts';
import { operateBeside, operateElsewhere, operateHere } from './operators.ts';
import { nightServer } from './servers.ts';
import { changeSince, meddle } from './stranger.ts';
import { beginServer, dropChangedAgain, dropRestored, valuesOf, type Server } from './truth.ts';
import { connectorOf } from './world.ts';

const firstRun = 'run-0';
const startMs = Date.parse('2026-12-05T22:00:00.000Z');

export interface NightResult {
  readonly problems: readonly string[];
  /** Those of its mishaps that came to pass. */
  readonly happened: readonly Mishap[];
  readonly hostRuns: number;
  readonly deaths: number;
  readonly verdicts: readonly string[];
  readonly guards: GuardCounts;
}

/** Of a night's guards. */
export interface GuardCounts {
  armed: number;
  fired: number;
  confirmed: number;
}

interface Night {
  readonly servers: ReadonlyMap<string, Server>;
  readonly disk: Disk;
  readonly mishaps: readonly Mishap[];
  readonly problems: string[];
  readonly happened: Mishap[];
  readonly verdicts: string[];
  readonly tell: (line: string) => void;
  readonly guards: GuardCounts;
  /** By host, the last command that was to be sent. */
  readonly sent: Map<string, EventOf<'command-planned'>>;
  /** Other operators who are at work. */
  readonly beside: Promise<void>[];
  plan: FleetPlan | null;
  hostRuns: number;
  deaths: number;
  lives: number;
}

const silent = (): void => undefined;

/** The mishaps that the seed draws. */
export function mishapsOf(seed: number): readonly Mishap[] {
  return drawMishaps(throwDice(seed).fork('mishaps'), hostCount(seed), lifeCount(seed));
}

/** Lives that may meet a mishap. */
function lifeCount(seed: number): number {
  return throwDice(seed).fork('lives').between(1, 3);
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
  await playLives(night, dice, lifeCount(seed));
  const { problems, happened, hostRuns, deaths, verdicts, guards } = night;
  return { problems, happened, hostRuns, deaths, verdicts, guards };
}

async function playLives(night: Night, dice: Dice, lives: number): Promise<void> {
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
  while (night.lives < lives) {
    if (plan.policy.confirm !== undefined && confirming.chance(0.6)) {
      await confirm(night, confirming.chance(0.5) ? null : lifeMs * confirming.between(1, 2));
    } else await (next.chance(0.5) ? resume(night) : rollBack(night));
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

function targetsOf({ servers }: Night) {
  return [...servers.keys()].map(memoryTarget);
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

/** Null: there is nothing of the run to go on with. */
async function resume(night: Night): Promise<readonly HostVerdict[] | null> {
  return live(night, 'apply', async (seams, manners) => {
    const planned = await planResume({ run: firstRun, concurrency: 4, inventory: noInventory }, seams);
    return planned.jobs.length === 0 ? planned.earlier.settled : executeResume(planned, manners, seams);
  });
}

async function rollBack(night: Night): Promise<readonly HostVerdict[] | null> {
  const request = { run: firstRun, limit: null, force: false, concurrency: 4, inventory: noInventory };
  return live(night, 'rollback', async (seams, manners) => {
    const planned = await planRollback(request, seams);
    const { hosts } = planned.plan;
    // As the command: with nothing to change it ends with what the plan says.
    return !isRollbackDue(planned)
      ? hosts.map((one): HostVerdict => {
          const isCalm = one.state === 'ok';
          const detail = one.findings.map((finding) => finding.sentence).join('; ');
          return { host: one.target, verdict: isCalm ? 'unchanged' : 'blocked', detail, failure: one.failure };
        })
      : executeRollback(planned, manners, seams);
  });
}

/** A person confirms the run, or asks for more time. */
async function confirm(night: Night, extendMs: number | null): Promise<void> {
  await live(night, 'apply', async (seams) => {
    const request = { run: firstRun, extendMs, limit: null, concurrency: 4, inventory: noInventory };
    for (const one of await confirmRun(request, seams)) {
      const server = night.servers.get(one.host);
      night.tell(`${one.host} is ${one.result}: ${one.detail}`);
      night.verdicts.push(`confirm ${one.result}`);
      if (one.result === 'confirmed') night.guards.confirmed += 1;
      if (server !== undefined) night.problems.push(...judgeConfirmed(server, one, firstRun));
    }
    return [];
  });
}

function passTime(night: Night, server: Server, byMs: number): void {
  const fired = letTimePass(server, byMs, firstRun);
  if (fired > 0) night.tell(`${server.name}: ${fired} guards have run`);
  night.guards.fired += fired;
}

type Work = (seams: MemorySeams, manners: RunManners) => Promise<RunOutcome | readonly HostVerdict[]>;

/** One process: what it said at its end; null: it died. */
async function live(night: Night, kind: RunKind, work: Work): Promise<readonly HostVerdict[] | null> {
  const number = night.lives;
  night.lives += 1;
  const due = night.mishaps.filter((one) => one.life === number);
  const life = beginLife(startOf(number), due, (mishap) => {
    night.happened.push(mishap);
    night.tell(`life ${number}: ${mishap.what} at ${mishap.n}`);
  });
  const servers = [...night.servers.values()];
  for (const server of servers) {
    const isKnown =
      night.disk.runs.has(firstRun) && lastDurableGuard(night.disk, firstRun, server.name)?.state === 'fired';
    if (isKnown) server.undone.clear();
    regainRights(server, 'next-life');
    passTime(night, server, number * lifeMs);
    server.untouched = valuesOf(server.machine);
  }
  const seams = seamsOf(night, kind, number, life, due);
  for (const { n, what, detail } of due) {
    const server = servers[n % servers.length];
    if (what === 'changed-since' && number > 0 && server !== undefined) changeSince(server, detail);
    if (what === 'edited-inventory' && server !== undefined) await attemptEdited(night, kind, number, server.name);
  }
  for (const server of servers) dropRestored(server);
  const endsAt = kind === 'apply' ? deadlineOf(number, due) : null;
  const manners: RunManners = { endsAt, confirmBatch: () => Promise.resolve(true), inventory: undefined };
  const ended = work(seams, manners).then(
    (result) => result,
    (thrown: unknown) => asFailure(thrown),
  );
  const result = await Promise.race([ended, life.death, hangOf(life)]);
  await Promise.all(night.beside.splice(0));
  if (result === null || result === 'hangs') {
    if (result === 'hangs') night.problems.push(`life ${number} (${kind}) hangs`);
    night.deaths += 1;
    crashDisk(night.disk, due.find((one) => one.what.startsWith('die'))?.detail ?? 0);
    life.bury();
    await ended;
    noteLifeOver(night, kind, number);
    return null;
  }
  life.bury();
  noteLifeOver(night, kind, number);
  return conclude(night, kind, number, life, result);
}

function noteLifeOver(night: Night, kind: RunKind, number: number): void {
  noteUnread(night, kind, number);
  if (kind === 'apply') for (const server of night.servers.values()) dropChangedAgain(server);
}

/** What an answer said that did not come to the disk, the next life cannot know either. */
function noteUnread({ disk, servers, sent }: Night, kind: RunKind, number: number): void {
  const run = kind === 'rollback' ? `run-${number}` : firstRun;
  if (!disk.runs.has(run)) return;
  for (const server of servers.values()) {
    const last = lastDurable(disk, run, server.name);
    // The look behind a lost answer is not on the disk either.
    const isLost = last?.type === 'command-lost' && last.effect !== 'none';
    const open = last?.type === 'command-planned' ? last : isLost ? sent.get(server.name) : undefined;
    if (open === undefined) continue;
    for (const one of plannedLines(server, open).flatMap(listSubjects)) {
      noteMissingAnswer(server.doubts, one);
      // A look that is not on the disk was none.
      if (server.meddled.has(one)) noteOther(server.doubts, one);
    }
  }
}

function startOf(number: number): number {
  return startMs + number * lifeMs;
}

/** Some minutes after the life's start; null: there is none. A rollback has always time. */
function deadlineOf(number: number, due: readonly Mishap[]): string | null {
  const deadline = due.find((one) => one.what === 'deadline');
  return deadline === undefined ? null : new Date(startOf(number) + deadline.detail * 600_000).toISOString();
}

/** A life in which nothing happens any more would be waited for in vain. */
async function hangOf(life: Life): Promise<'hangs' | null> {
  let seen = -1;
  for (let idle = 0; idle < 200 && !life.isDead; idle += 1) {
    if (life.steps !== seen) idle = 0;
    seen = life.steps;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return life.isDead ? new Promise(() => undefined) : 'hangs';
}

function seamsOf(night: Night, kind: RunKind, number: number, life: Life, due: readonly Mishap[]): MemorySeams {
  const ofLife = due.filter((one) => (lifeMishaps as readonly string[]).includes(one.what));
  night.happened.push(...ofLife);
  const names = [...night.servers.keys()];
  const held = ofLife.flatMap((one) => (one.what === 'locked' ? [names[one.n % names.length] ?? ''] : []));
  const thrower = ofLife.find((one) => one.what.startsWith('listener'));
  const endsAt = kind === 'apply' ? deadlineOf(number, due) : null;
  const closing = ofLife.find((one) => one.what === 'pipe-closes');
  const listener: Listener | undefined =
    closing !== undefined
      ? closingPipe(closing.n)
      : thrower === undefined
        ? undefined
        : throwingListener(thrower.n, thrower.what === 'listener-rejects');
  const watch = (event: RunEvent): void => {
    watchEvent(night, kind, `life ${number}`, event);
    // What is told after a death nobody hears.
    if (event.type === 'host-finished' && !life.isDead) noteVerdict(night, kind, `life ${number}`, event);
  };
  const store = openStore(night.disk, life, watch);
  const locks = memoryLocks(held);
  const complain = (found: readonly string[]): void => {
    night.problems.push(...found.map((one) => `life ${number} (${kind}): ${one}`));
  };
  const { servers, disk, plan } = night;
  const seams = memorySeams({
    connector: connectorOf({
      servers,
      life,
      passTime: (server) => {
        passTime(night, server, number * lifeMs + life.clock.elapsedMs());
      },
      operate: async (server, detail) => {
        complain(await operateElsewhere(server, detail, startOf(number)));
      },
      operateBeside: (server) => {
        night.beside.push(operateBeside(server, startOf(number)));
      },
      operateHere: async () => {
        if (kind !== 'apply' || plan === null || !disk.runs.has(firstRun) || held.length > 0) return;
        const isHeld = locks.now.has(`run ${firstRun}`);
        const watch = (event: RunEvent): void => {
          watchEvent(night, 'rollback', `life ${number}, a second process`, event);
        };
        const second = { servers, disk, startMs: startOf(number), locks, plan, of: firstRun, watch };
        complain(await operateHere({ ...second, isHeld }));
        // What it did is not our life's.
        if (!isHeld) for (const server of servers.values()) server.untouched = valuesOf(server.machine);
      },
      checkIntent: (host, shown) => {
        for (const one of listSubjects(shown)) servers.get(host)?.sent.add(one);
        checkIntent(night, kind, number, host, shown);
        checkDeadline(night, number, host, shown, endsAt, life.clock.now());
      },
    }),
    clock: life.clock,
    listener,
    locks,
    stop: life.stop,
    signal: life.abort.signal,
    run: `run-${number}`,
  });
  return { ...seams, store: { ...store, saved: () => new Map() } };
}

/** `| head` goes away: from the n-th write on all of them fail. */
function closingPipe(n: number): Listener {
  let written = 0;
  const write = (): void => {
    written += 1;
    if (written >= n) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  };
  return { event: write, progress: write };
}

/**
 * The inventory has had one host's address changed to that of another machine: it is refused before anything is sent, or nothing of that
 * host is left to do.
 */
async function attemptEdited(night: Night, kind: RunKind, number: number, host: string): Promise<void> {
  const life = beginLife(startOf(number), [], () => undefined);
  const names = [...night.servers.keys()];
  const elsewhere = names.find((one) => one !== host) ?? 'nowhere';
  const targets = names.map(memoryTarget).map((one) => {
    return one.name === host ? { ...one, connection: { ...one.connection, address: elsewhere } } : one;
  });
  const inventory = { ...noInventory, load: () => Promise.resolve(inventoryOf(targets)) };
  const request = { run: firstRun, limit: null, force: false, concurrency: 4, inventory };
  const seams = seamsOf(night, kind, number, life, []);
  const reached = await reachAs(night, kind, number, request, seams).catch(() => []);
  if (reached.some((one) => one.connection.address !== one.name)) {
    night.problems.push(`life ${number} (${kind}): ${host} is reached as an edited inventory says`);
  }
}

type EditedRequest = Parameters<typeof planRollback>[0];

async function reachAs(
  night: Night,
  kind: RunKind,
  number: number,
  request: EditedRequest,
  seams: MemorySeams,
): Promise<readonly Target[]> {
  if (number === 0) {
    const hosts = (night.plan?.hosts ?? []).map(({ target, connection }) => ({ target, connection, isReached: true }));
    return restoreTargets({ kind: 'plan', hosts, inventory: [] }, request.inventory);
  }
  const planned = kind === 'apply' ? await planResume(request, seams) : await planRollback(request, seams);
  return planned.jobs.map((one) => one.target);
}

function inventoryOf(targets: readonly Target[]): Inventory {
  return { targets, groups: new Map(), unsupported: new Map(), warnings: [], files: ['edited.yml'], sha256: 'e' };
}

function watchEvent(night: Night, kind: RunKind, where: string, event: RunEvent): void {
  if ('host' in event && night.tell !== silent) night.tell(`${where}: ${event.host} ${describe(event)}`);
  const told = 'host' in event ? night.servers.get(event.host) : undefined;
  if (event.type === 'host-started' && told !== undefined) told.steps = event.steps;
  if (told !== undefined) noteLook(told.doubts, event, told.steps);
  if (event.type === 'command-planned') night.sent.set(event.host, event);
  if (event.type === 'guard' && event.state === 'armed') night.guards.armed += 1;
  if (event.type !== 'host-finished') return;
  night.hostRuns += 1;
  night.verdicts.push(`${kind} ${event.verdict}`);
  const server = night.servers.get(event.host);
  if (server === undefined) night.problems.push(`${where}: ${event.host} is no host`);
  else night.problems.push(...judgeVerdict(server, event, kind).map((one) => `${where} (${kind}): ${one}`));
  if (server !== undefined) concedeTold(server, event.detail);
  if (
    server?.isStale === true &&
    event.verdict === 'changed' &&
    server.plan?.state === 'changes' &&
    where === 'life 0'
  ) {
    night.problems.push(`${where}: ${event.host} changed, but somebody had changed it since the plan`);
  }
}

function noteVerdict({ servers, plan, problems }: Night, kind: RunKind, where: string, told: EventOf<'host-finished'>) {
  const server = servers.get(told.host);
  if (server === undefined) return;
  const found = judgeGuard(server, told, kind, plan?.policy.confirm ?? null, firstRun);
  problems.push(...found.map((one) => `${where} (${kind}): ${told.host} ${told.verdict} (${told.detail}), but ${one}`));
}

function describe(event: RunEvent): string {
  if (event.type === 'host-started') return `host-started ${event.steps.map((one) => one.sentence).join('; ')}`;
  const { at, ...rest } = event;
  return `${at} ${JSON.stringify(rest)}`;
}

/** Intent before effect: the last thing on disk of this host is the command that is sent now. */
function checkIntent(night: Night, kind: RunKind, number: number, host: string, shown: string): void {
  const run = kind === 'rollback' ? `run-${number}` : firstRun;
  const last = lastDurable(night.disk, run, host);
  if (shown.includes('schtasks /create') && last?.type === 'guard' && last.state === 'planned') return;
  // To call a guard off needs no undo; whose it is does matter.
  if (!shown.includes('schtasks /create') && shown.includes(`schtasks /delete /tn ${nameGuard(firstRun)} `)) return;
  const expected = last?.type === 'command-planned' ? plannedChanges(night, host, last) : null;
  if (expected !== null && isDeepStrictEqual(changesIn(shown), expected)) return;
  night.problems.push(`life ${number}: a command for ${host} was sent and is not on disk: ${shown}`);
}

/** The line of an outage names its steps; what it may send for them stands in the host's steps. */
function plannedChanges(night: Night, host: string, planned: EventOf<'command-planned'>): readonly string[] {
  const server = night.servers.get(host);
  if (planned.outage === undefined || server === undefined) return planned.line.split(' & ');
  const sent = plannedLines(server, planned);
  // A start that gives up is tried again.
  return [...sent, sent.at(-1) ?? ''];
}

function plannedLines({ steps }: Server, planned: EventOf<'command-planned'>): readonly string[] {
  if (planned.outage === undefined) return planned.line.split(' & ');
  return [planned.step, ...planned.outage.then.map((one) => one.step)].flatMap((number): readonly string[] => {
    const step = steps.find((one) => one.number === number);
    if (step === undefined || step.kind === 'dynamic-range') return ['no such step'];
    return step.kind === 'service' ? [step.line] : step.commands.map((one) => one.line);
  });
}

/** No service is stopped by a run whose time is up; an undo may have to. */
function checkDeadline(night: Night, number: number, host: string, shown: string, endsAt: string | null, now: string) {
  const last = lastDurable(night.disk, firstRun, host);
  if (endsAt === null || last?.type !== 'command-planned' || last.direction !== 'do') return;
  if (!changesIn(shown).some((one) => /^sc .*\bstop\b/.test(one)) || Date.parse(now) <= Date.parse(endsAt) + 1000)
    return;
  night.problems.push(
    `life ${number}: ${host}: a service is stopped at ${now}, after the deadline ${endsAt}: ${last.line}`,
  );
}

/** What of a sent line changes anything: a line has questions and marks in between, and may have several changes. */
function changesIn(shown: string): readonly string[] {
  const parts = shown
    .replace(/^[^"]*"|"$/g, '')
    .split(/&&?|\|\|?|[()]/)
    .map((one) => one.replace('>nul', '').trim());
  return parts.filter((one) => /^netsh .* (add|delete|set) /.test(one) || /^sc (?!query)/.test(one));
}

function conclude(
  night: Night,
  kind: RunKind,
  number: number,
  life: Life,
  result: RunOutcome | readonly HostVerdict[] | Failure,
): readonly HostVerdict[] {
  const failure = result instanceof Failure ? result : 'failure' in result ? result.failure : null;
  const verdicts = result instanceof Failure ? [] : 'failure' in result ? result.verdicts : result;
  const exitCode = failure === null ? exitCodeOfRun(verdicts, life.isInterrupted) : exitCodeOfFailure(failure);
  const about = verdicts.map((one) => `${one.host} ${one.verdict} (${one.detail})`).join(', ');
  night.tell(`life ${number}: ${kind} ends with ${exitCode} ${failure?.code ?? ''} ${failure?.message ?? ''} ${about}`);
  if (
    failure?.code === 'internal/bug' ||
    (failure?.cause instanceof Error && !(failure.cause instanceof Failure) && !('code' in failure.cause))
  ) {
    night.problems.push(`life ${number}: ${String(failure.cause)}`);
  }
  const hosts =
    result instanceof Failure || !('failure' in result)
      ? verdicts.map((one) => one.host)
      : kind === 'apply'
        ? [...night.servers.keys()]
        : result.plan.hosts.map((one) => one.target);
  const ending = { kind, hosts, verdicts, exitCode, isInterrupted: life.isInterrupted };
  night.problems.push(...judgeEnding(ending, night.servers).map((one) => `life ${number} (${kind}): ${one}`));
  return verdicts;
}
