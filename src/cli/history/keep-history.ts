// What a command saw goes into the history, and what was there before comes out of it. Whatever goes wrong here is a warning: it changes no
// verdict and no exit code.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObservationStore } from '../../journal/observations/observation-store.ts';
import { asFailure } from '../../model/failure.ts';
import { findNews, type HostNews } from '../../model/observations/news.ts';
import { isSameHost, type HostObservation, type HostObservations } from '../../model/observations/observation.ts';
import { observeRun } from '../../workflows/history/observe-run.ts';
import type { World } from '../compose.ts';

/** A year of cumulative updates and some. */
const defaultDays = 400;
const waitMs = 200;

type HistoryWorld = Pick<World, 'state' | 'clock' | 'operator' | 'say'>;

export function openHistory({ state, clock, operator }: HistoryWorld): ObservationStore {
  const locks = state.createLocks({
    run: 'history',
    user: operator.user,
    now: () => clock.now(),
    // Whoever died while writing left every file whole.
    onTakeover: () => undefined,
  });
  return state.openHistories(locks, () => sleep(waitMs));
}

/** Never rejects. */
export async function keepHistory(
  observations: readonly HostObservation[],
  world: HistoryWorld,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await harmless('the history was not kept', world, async () => {
    const limits = { now: world.clock.now(), keepMs: readDays(env, world) * 86_400_000 };
    for (const file of await openHistory(world).add(observations, limits)) {
      world.say(`warning: a damaged history was set aside and a new one started: ${file}\n`);
    }
  });
}

/** What a run saw, however it ended. Never rejects. */
export async function keepHistoryOfRun(run: string, world: HistoryWorld, env: NodeJS.ProcessEnv): Promise<void> {
  await harmless('the history was not kept', world, async () => {
    await keepHistory(await observeRun(run, world.state.runs), world, env);
  });
}

/** All of them; null: they could not be read. Never rejects. */
export async function readHistories(world: HistoryWorld): Promise<readonly HostObservations[] | null> {
  return harmless('the history could not be read', world, async () => (await openHistory(world).read()).histories);
}

/** What is new about each host; null: the history could not be read. Never rejects. */
export async function readNews(
  observations: readonly HostObservation[],
  world: HistoryWorld,
): Promise<readonly HostNews[] | null> {
  const histories = await readHistories(world);
  if (histories === null) return null;
  const byHost = new Map(histories.map((one) => [`${one.host} ${one.endpoint} ${one.desired}`, one]));
  return observations.map((one) => {
    const found = byHost.get(`${one.host} ${one.endpoint} ${one.desired}`);
    return findNews(one, found !== undefined && isSameHost(found, one) ? found : undefined);
  });
}

function readDays(env: NodeJS.ProcessEnv, world: HistoryWorld): number {
  const named = env['FENCEPOST_HISTORY_DAYS'];
  if (named === undefined || named === '') return defaultDays;
  const days = Number(named);
  if (Number.isInteger(days) && days >= 1) return days;
  world.say(
    `warning: FENCEPOST_HISTORY_DAYS: expected a whole number of days of at least 1, got ${named}; ${String(defaultDays)} is used\n`,
  );
  return defaultDays;
}

async function harmless<T>(what: string, world: HistoryWorld, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    const { message, where } = asFailure(thrown);
    world.say(`warning: ${what}: ${message}${where === null ? '' : ` (${where})`}\n`);
    return null;
  }
}
