// What every stage of a chaos run needs: the fleet and the picture of it that is expected, a life to be in, the journal to read.
import { createRunStore } from '../../src/journal/store.ts';
import type { Fleet } from '../../src/lab/fleet.ts';
import { Failure } from '../../src/model/failure.ts';
import type { RunHistory } from '../../src/model/history.ts';
import { difference, essenceOf } from '../support/machine-state.ts';
import { checkHosts, type Watched } from './claims.ts';
import type { Dice } from './dice.ts';
import type { MishapFeed } from './mishap-feed.ts';
import type { Deed } from './other-operator.ts';
import type { Seams } from '../../src/workflows/seams.ts';
import { beginLife, type End } from './process.ts';
import { count, type Tally } from './tally.ts';
import { readRun, replayRun } from '../support/read-journal.ts';

export const password = 'chaos-Pass-1!';

export interface Play {
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

export function mismatch({ seed, tally, tell }: Play, what: string): void {
  tally.mismatches.push({ seed, what });
  tell(`MISMATCH ${what}`);
}

export function randomEnd(dice: Dice, fleet: Fleet): End | null {
  if (dice.chance(0.4)) return null;
  const how = dice.pick(['stop', 'abort', 'die-before', 'die-after', 'die-before', 'die-after'] as const);
  if (how === 'die-before' || dice.chance(0.5)) return { how, at: { kind: 'append' }, n: dice.between(1, 60) };
  return { how, at: { kind: 'request', server: dice.pick(fleet.servers).name }, n: dice.between(1, 40) };
}

/** What comes to nothing on the server (it is so already) comes to nothing in the picture either. */
export function meddle(play: Play, host: Watched, deed: Deed): { readonly changed: boolean } {
  const before = essenceOf(host.machine);
  deed.do(host.machine);
  const changed = difference(before, essenceOf(host.machine)).length > 0;
  if (changed) deed.do(host.expected);
  play.tally.deeds += 1;
  play.tell(`on ${host.name} somebody ${deed.words}${changed ? '' : ', in vain'}`);
  return { changed };
}

/** Runs a stage in a life of its own, with mishaps when `stage` is not 0. */
export async function inLife<T>(
  play: Play,
  stage: number,
  end: End | null,
  work: (seams: Seams) => Promise<T>,
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
    const result = await life.live((seams) => work(seams).catch(unlessInterrupted));
    if (end !== null) play.tell(`end: ${JSON.stringify(end)}`);
    // Whether the run came so far is told by the machine, not by the seed: hosts that fail beside each other leave more or fewer records.
    if (end !== null && result === null) play.tell('it died');
    if (result === null) play.tally.deaths += 1;
    else if (life.seams.interrupts.interrupted) play.tally.interrupts += 1;
    return result === 'interrupted' ? null : result;
  } finally {
    play.listeners = play.listeners.filter((one) => one !== listener);
    for (const feed of play.feeds.values()) feed.disarm();
  }
}

/** Interrupted while it only asked: nothing was started. */
function unlessInterrupted(thrown: unknown): 'interrupted' {
  if (thrown instanceof Failure && thrown.code === 'interrupted') return 'interrupted';
  throw thrown;
}

export async function historyOf(play: Play, run: string): Promise<RunHistory | null> {
  const { events, damage } = await readRun(createRunStore(play.directory), run);
  if (damage !== null) mismatch(play, `the journal of ${run} is damaged in line ${damage.line}: ${damage.problem}`);
  return events.length === 0 ? null : replayRun(events);
}

/** Counts and tells what the journal says now, and holds it against the machines. */
export async function check(play: Play, run: string, stage: string): Promise<RunHistory | null> {
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
