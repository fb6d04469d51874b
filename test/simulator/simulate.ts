// Plays nights one after the other, makes those that fail smaller, and counts. It prints nothing itself.
import { count } from '../chaos/tally.ts';
import { mishapsOf, playNight } from './night.ts';
import type { GuardCounts } from './night/state.ts';
import { shrink } from './shrink.ts';

export interface Simulation {
  readonly first: number;
  readonly nights: number;
  /** So many failing nights end it. */
  readonly maxFailures: number;
  readonly tell: (line: string) => void;
  readonly withStory: boolean;
  /** Told of each night before it is played. */
  readonly begins?: (seed: number) => void;
}

export interface SimulationTally {
  nights: number;
  hostRuns: number;
  deaths: number;
  readonly mishaps: Map<string, number>;
  readonly verdicts: Map<string, number>;
  readonly guards: GuardCounts;
  /** Seeds. */
  readonly failed: number[];
}

export async function simulate(simulation: Simulation): Promise<SimulationTally> {
  const { first, nights, maxFailures, tell, withStory, begins = () => undefined } = simulation;
  const tally: SimulationTally = {
    nights: 0,
    hostRuns: 0,
    deaths: 0,
    mishaps: new Map(),
    verdicts: new Map(),
    guards: { armed: 0, fired: 0, confirmed: 0 },
    failed: [],
  };
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  for (let seed = first; seed < first + nights && tally.failed.length < maxFailures; seed += 1) {
    begins(seed);
    const night = await playNight(seed, mishapsOf(seed), withStory ? tell : undefined);
    tally.nights += 1;
    tally.hostRuns += night.hostRuns;
    tally.deaths += night.deaths;
    tally.guards.armed += night.guards.armed;
    tally.guards.fired += night.guards.fired;
    tally.guards.confirmed += night.guards.confirmed;
    for (const { what } of night.happened) count(tally.mishaps, what);
    for (const verdict of night.verdicts) count(tally.verdicts, verdict);
    if (night.problems.length === 0) continue;
    tally.failed.push(seed);
    const { mishaps, problems } = await shrink(seed, mishapsOf(seed));
    tell(`seed ${seed}: ${problems.join('\n  ')}`);
    tell(`  with ${mishaps.length} mishaps: ${JSON.stringify(mishaps)}`);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(startedCpu);
  const cpuSeconds = (user + system) / 1_000_000;
  const lines = (counts: ReadonlyMap<string, number>): string =>
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, times]) => `${what} ${times}`)
      .join(', ');
  tell(`${tally.nights} nights from seed ${first}, ${tally.hostRuns} host-runs, ${tally.deaths} deaths`);
  const rate = (perSeconds: number): string => String(Math.round(tally.hostRuns / perSeconds));
  tell(`${seconds.toFixed(1)} s, ${rate(seconds)} host-runs a second, ${rate(cpuSeconds)} a second of processor time`);
  tell(`mishaps: ${lines(tally.mishaps)}`);
  const { armed, fired, confirmed } = tally.guards;
  tell(`guards: ${armed} armed, ${fired} have run, ${confirmed} confirmed by a person`);
  tell(`verdicts: ${lines(tally.verdicts)}`);
  tell(`${tally.failed.length} nights with a mismatch`);
  return tally;
}
