// One process of the tool in a night, from its start to its end or death, with the mishaps that are due in it. What it works on is handed in;
// how its end is judged says judging/ending.ts.
import { asFailure } from '../../../src/model/failure.ts';
import type { HostVerdict, RunKind } from '../../../src/model/outcome.ts';
import type { RunManners, RunOutcome } from '../../../src/workflows/execute-run.ts';
import type { MemorySeams } from '../../support/memory-seams.ts';
import { regainRights } from '../account.ts';
import { crashDisk, lastDurable, lastDurableGuard, untoldOfLine } from '../disk.ts';
import { lifeMs } from '../guards.ts';
import { noteMissingAnswer, noteOther } from '../judging/doubt.ts';
import { conclude } from '../judging/ending.ts';
import { linesOf, plannedLines } from '../judging/intent.ts';
import { listSubjects } from '../judging/subject.ts';
import { beginLife, type Life } from '../life.ts';
import type { Mishap } from '../mishap.ts';
import { changeSince } from '../stranger.ts';
import { dropChangedAgain, dropRestored, valuesOf } from '../truth.ts';
import { restart } from '../world.ts';
import { attemptEdited } from './edited-inventory.ts';
import { seamsOf } from './seams.ts';
import { firstRun, type Night, passTime, startOf, deadlineOf } from './state.ts';

type Work = (seams: MemorySeams, manners: RunManners) => Promise<RunOutcome | readonly HostVerdict[]>;

/** One process: what it said at its end; null: it died. */
export async function live(night: Night, kind: RunKind, work: Work): Promise<readonly HostVerdict[] | null> {
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
  }
  for (const mishap of due) if (mishap.what === 'restarted-since') restartSince(night, number, mishap);
  for (const server of servers) server.untouched = valuesOf(server.machine);
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

function restartSince(night: Night, number: number, mishap: Mishap): void {
  const server = [...night.servers.values()][mishap.n];
  if (server === undefined) return;
  restart(server);
  night.happened.push(mishap);
  night.tell(`life ${number}: ${server.name} has started again since`);
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
    const lines =
      open === undefined ? linesOf(server, untoldOfLine(disk, run, server.name)) : plannedLines(server, open);
    for (const one of lines.flatMap(listSubjects)) {
      noteMissingAnswer(server.doubts, one);
      // A look that is not on the disk was none.
      if (server.meddled.has(one)) noteOther(server.doubts, one);
    }
  }
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
