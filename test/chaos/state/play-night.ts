// One night, by its seed: processes of a joined run are killed, frozen, cut off from the database or from servers, the database crashes; then the
// run is resumed, among the same troubles, until every server is as desired. What the seed fixes is the order and kind of the troubles; when
// they meet what is left to the machine. What came of it is for find-faults.ts to judge.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../../../src/model/outcome.ts';
import type { TestPostgres } from '../../interop/support/postgres.ts';
import { throwDice, type Dice } from '../dice.ts';
import { findHistoryFaults, type Fault } from './find-faults.ts';
import { openNight, type Night, type NightSize, type Player } from './night.ts';

type Postgres = Pick<TestPostgres, 'createDatabase' | 'query' | 'port' | 'stopAtOnce' | 'start'>;

export interface NightResult {
  readonly faults: readonly Fault[];
  /** Hosts that were started, in all lives together. */
  readonly hostRuns: number;
  readonly events: number;
  /** What was done to it, by kind. */
  readonly troubles: Readonly<Record<string, number>>;
  /** For a person: the night, trouble by trouble. */
  readonly story: readonly string[];
}

/** Runners at once. */
const runners = 4;
/** What a command may end with: done, nothing done, some hosts failed, failed and all is as before, interrupted; null: a signal. */
const usual: readonly (number | null)[] = [0, 1, 3, 4, 130, null];
/** Tries until every host is at its goal; each may lose a runner or the database. */
const mostResumes = 8;

export async function playNight(
  seed: number,
  size: NightSize,
  postgres: Postgres,
  say: (line: string) => void,
): Promise<NightResult> {
  const dice = throwDice(seed);
  const story: string[] = [];
  const troubles: Record<string, number> = {};
  const faults: Fault[] = [];
  let offGoalSettled: readonly string[] = [];
  const night = await openNight(postgres, size);
  const startedMs = performance.now();
  const tell = (line: string): void => {
    story.push(`${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${line}`);
    say(`seed ${String(seed)}, ${story.at(-1) ?? ''}`);
  };
  const trouble = createTrouble(night, postgres, dice, (kind, line) => {
    troubles[kind] = (troubles[kind] ?? 0) + 1;
    tell(line);
  });
  const end = async ({ name, process }: Player): Promise<number | null> => {
    const { exitCode, stderr } = await process.ended;
    tell(`${name} ended with ${String(exitCode)}`);
    if (!usual.includes(exitCode) || /internal\/bug|^\s+at /m.test(stderr)) throw new Error(`${name}: ${stderr}`);
    return exitCode;
  };
  /** One more process, with or without trouble; null: it was killed. */
  async function attempt(what: 'resume' | 'rollback', isTroubled: boolean): Promise<number | null> {
    const player = await night.start(what);
    const over = end(player);
    if (isTroubled) {
      await Promise.race([over, sleep(dice.between(600, 2500))]);
      await trouble.make([player]);
      // A second one takes over what a sleeper left.
      if (dice.chance(0.5)) await sleep(size.leaseMs);
      else await trouble.stop();
    } else await trouble.stop();
    const code = await Promise.race([over, sleep(2 * size.leaseMs, 'sleeps' as const)]);
    if (code !== 'sleeps') return code;
    await trouble.stop();
    return over;
  }

  async function bringForward(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const code = await attempt('resume', tries <= 3 && dice.chance(0.6));
      if (code === 0 && (await night.verify()) === 0) return;
      // One that failed and was rolled back is settled: no resume tries it again, the next run does.
      if (tries > 3 && code === 3) {
        offGoalSettled = (await night.history()).offGoal;
        if ((await night.applyRest()) === 0 && (await night.verify()) === 0) {
          tell(`another run brought what had failed to its goal: ${offGoalSettled.join(', ')}`);
          return;
        }
      }
      if (tries === mostResumes) throw new Error(`not all is at its goal after ${String(tries)} resumes`);
    }
  }

  /** The run itself may have done it; what it left, a rollback does. */
  async function bringBack(): Promise<void> {
    if (dice.chance(0.5)) await attempt('resume', dice.chance(0.6));
    for (let tries = 1; ; tries += 1) {
      const code = await attempt('rollback', tries <= 3 && dice.chance(0.6));
      // 1: there is nothing to roll back.
      if ((code === 0 || code === 1) && (await night.history()).offGoal.length === 0) return;
      if (tries === mostResumes) throw new Error(`not all is back after ${String(tries)} rollbacks`);
    }
  }

  try {
    // The joined life.
    let alive: Player[] = [];
    const ended: Promise<unknown>[] = [];
    const most = 6 + Math.ceil(size.hosts / 12);
    for (let done = 0; done < most && !(await night.isOver()); done += 1) {
      while (alive.length < runners) {
        const player = await night.start('join');
        alive.push(player);
        ended.push(end(player).finally(() => (alive = alive.filter((one) => one !== player))));
      }
      await sleep(dice.between(200, 900));
      await trouble.make(alive);
    }
    await trouble.stop();
    await Promise.all(ended);
    // Whoever comes now finishes what nobody has, and names what is in doubt.
    if (!(await night.isOver())) await end(await night.start('join'));

    await (size.goesBack === true ? bringBack() : bringForward());
  } catch (thrown) {
    tell(thrown instanceof Error ? thrown.message : String(thrown));
    faults.push({ kind: 'off-goal', what: story.at(-1) ?? '' });
  } finally {
    await trouble.stop();
  }
  try {
    const history = await night.history();
    faults.push(...findHistoryFaults({ ...history, offGoalSettled }));
    story.push(...describeLeft(history.events));
    const hostRuns = history.events.filter((one) => one.type === 'host-started').length;
    return { faults, hostRuns, events: history.events.length, troubles, story };
  } finally {
    await night.close();
  }
}

/** Hosts that the journal does not have at their goal, each with its own records. */
function describeLeft(events: readonly RunEvent[]): readonly string[] {
  const last = new Map(events.flatMap((one) => (one.type === 'host-finished' ? [[one.host, one] as const] : [])));
  return [...last].flatMap(([host, { verdict, detail }]) => {
    if (verdict === 'changed' || verdict === 'unchanged') return [];
    const own = events.filter((one) => ('host' in one && one.host === host) || one.type === 'run-resumed');
    const lines = own.map(
      (one) =>
        `    ${one.at} ${one.type} ${JSON.stringify(one, (key, value: unknown) => (bulky.includes(key) ? undefined : value))}`,
    );
    return [`${host}: ${verdict}: ${detail}`, ...lines];
  });
}

const bulky: readonly string[] = [
  'connection',
  'desired',
  'steps',
  'before',
  'after',
  'look',
  'findings',
  'text',
  'at',
  'type',
  'host',
];

interface Trouble {
  make(players: readonly Player[]): Promise<void>;
  /** All is as it was, but for who died. */
  stop(): Promise<void>;
}

function createTrouble(
  night: Night,
  postgres: Postgres,
  dice: Dice,
  note: (kind: string, line: string) => void,
): Trouble {
  const { leaseMs } = night.size;
  const endings = new Set<() => Promise<void> | void>();
  const timers = new Set<NodeJS.Timeout>();
  /** A crash, and the start after it, one at a time. */
  let database: Promise<void> = Promise.resolve();

  function endAfter(ms: number, ending: () => Promise<void> | void): void {
    endings.add(ending);
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (endings.delete(ending)) void ending();
    }, ms);
    timers.add(timer);
  }

  const describe = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

  return {
    async make(players) {
      const [roll, ms] = [dice.roll(), dice.between(leaseMs / 5, leaseMs * 2)];
      const isHeld = dice.chance(0.5);
      const victim = players.length === 0 ? null : dice.pick(players);
      const share = dice.between(1, 4);
      if (roll < 0.15) {
        const awayMs = Math.ceil(ms / 3);
        note('database crash', `the database crashes for ${describe(awayMs)}`);
        database = database
          .then(() => postgres.stopAtOnce())
          .then(() => sleep(awayMs))
          .then(() => postgres.start());
        await database;
      } else if (roll < 0.35) {
        note(
          `hosts ${isHeld ? 'held' : 'cut'}`,
          `a ${String(share)}th of the hosts is ${isHeld ? 'held' : 'cut'} for ${describe(ms)}`,
        );
        const ways = night.toHosts.filter(() => dice.chance(1 / share));
        for (const way of ways)
          if (isHeld) way.hold();
          else way.cut();
        endAfter(ms, () => {
          for (const way of ways) way.open();
        });
      } else if (victim === null) {
        await sleep(1);
      } else if (roll < 0.55) {
        note('SIGKILL', `${victim.name} is killed`);
        victim.process.kill('SIGKILL');
      } else if (roll < 0.8) {
        note('SIGSTOP', `${victim.name} sleeps for ${describe(ms)}`);
        victim.process.kill('SIGSTOP');
        endAfter(ms, () => {
          victim.process.kill('SIGCONT');
        });
      } else {
        note(`database ${isHeld ? 'held' : 'cut'}`, `${victim.name} loses the database for ${describe(ms)}`);
        if (isHeld) victim.toDatabase.hold();
        else victim.toDatabase.cut();
        endAfter(ms, () => {
          victim.toDatabase.open();
        });
      }
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      const all = [...endings];
      endings.clear();
      for (const ending of all) await ending();
      await database;
    },
  };
}
