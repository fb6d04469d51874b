// What a person types for a run -> its name: the name itself, the beginning of one that no other run has, or `last`.
import type { RunStore } from '../journal/store.ts';
import { Failure } from '../model/failure.ts';

/** Throws Failure `usage/invalid` for a beginning that several runs share, `run/unknown` for `last` of no run. */
export async function findRun(typed: string, store: Pick<RunStore, 'listRuns' | 'place'>): Promise<string> {
  const runs = await store.listRuns();
  if (runs.includes(typed)) return typed;
  if (typed === 'last') {
    const last = runs.at(-1);
    if (last !== undefined) return last;
    throw new Failure('run/unknown', `there is no run in ${store.place}`, {
      where: typed,
      hint: '--state-dir names another state directory',
    });
  }
  const found = typed === '' ? [] : runs.filter((run) => run.startsWith(typed));
  const [only] = found;
  // One that nobody knows is left to whoever reads it: its message says where it was looked for.
  if (only === undefined) return typed;
  if (found.length === 1) return only;
  const shown = found.slice(-3).join(', ');
  throw new Failure('usage/invalid', `${found.length} runs start with this name`, {
    where: typed,
    hint: `type more of the name; the latest are ${shown}`,
  });
}
