// What `unlock` does: shows whose locks they are and when they last gave a sign of life, asks, and takes them away. A process that can be
// asked and lives keeps its locks: two runs on one host are worse than any wait.
import type { Life } from '../../../journal/lock-holder.ts';
import type { HeldLock } from '../../../journal/unlock.ts';
import { Failure } from '../../../model/failure.ts';
import { counted } from '../../../model/text/counted.ts';
import { renderTable } from '../../../report/text/table.ts';
import { findRun } from '../../../workflows/find-run.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { jsonDocument } from '../../json.ts';
import { confirm } from '../../io/terminal.ts';

const lifeWords: Readonly<Record<Life, string>> = {
  lives: 'its process lives',
  dead: 'its process is gone',
  beats: 'MAY STILL BE AT WORK: it cannot be asked from here',
  silent: 'gave no sign of life for long',
};

/** Returns the exit code. Throws Failure `run/host-locked` while the process lives, `run/not-confirmed`, and those of `findRun`. */
export async function unlockRun(
  typed: string,
  { yes, json }: { readonly yes: boolean; readonly json: boolean },
  world: World,
): Promise<number> {
  const nowMs = Date.parse(world.clock.now());
  const listLocks = (name: string): Promise<readonly HeldLock[]> => world.state.listLocks(name, nowMs);
  const named = typed === 'last' ? [] : await listLocks(typed);
  // A run that died before its first record holds locks and is in no list: its whole name must not pass for the beginning of another's.
  const run = named.length > 0 ? typed : await findRun(typed, world.store);
  const locks = run === typed ? named : await listLocks(run);
  const document = (isFreed: boolean): string =>
    jsonDocument('unlock', { run, freed: isFreed ? locks.map((one) => one.holder.label) : [] });
  if (locks.length === 0) {
    world.say(`Run ${run} holds no lock.\n`);
    if (json) world.out(document(false));
    return exitCodes.done;
  }
  world.say(renderTable([['LOCKED', 'BY', 'SINCE', 'LAST SIGN OF LIFE', ''], ...locks.map(formatRow)]));
  const living = locks.find((one) => one.life === 'lives');
  if (living !== undefined) {
    throw new Failure('run/host-locked', `the process of this run lives: ${String(living.holder.processId)}`, {
      where: run,
      hint: 'stop it with Ctrl-C where it runs: it then finishes or rolls back what is in progress',
    });
  }
  const beats = locks.find((one) => one.life === 'beats');
  if (beats !== undefined) {
    const after = `${String(beats.deadAfterMs / 1000)} s`;
    world.say(
      `Make sure that the process is gone before you go on: two runs on one host undo each other.\nAfter ${after} without a sign of life its locks are free without this.\n`,
    );
  }
  if (!yes && !(await confirm(`Take ${counted(locks.length, 'lock')} from run ${run}?`))) {
    throw new Failure('run/not-confirmed', 'not confirmed; nothing was unlocked');
  }
  await world.state.removeLocks(locks);
  if (json) world.out(document(true));
  world.say(`Freed ${counted(locks.length, 'lock')}. Next: fencepost resume ${run}, or: fencepost rollback ${run}\n`);
  return exitCodes.done;
}

function formatRow({ holder, life, silentMs }: HeldLock): readonly string[] {
  const { label, user, machine, processId, since } = holder;
  return [
    label,
    `${user} on ${machine} (process ${String(processId)})`,
    since,
    `${String(Math.round(silentMs / 1000))} s ago`,
    lifeWords[life],
  ];
}
