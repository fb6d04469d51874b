// Guards that are on hosts now, of whatever run: listed, and deleted. It asks the hosts and no journal.
import { readGuardList, writeGuardList } from '../../facts/guard-change.ts';
import { asFailure, failureRecord, type FailureRecord } from '../../model/failure.ts';
import type { Target } from '../../model/target.ts';
import { withDeadline } from '../../run/fleet/deadline.ts';
import { forEachHost } from '../../run/fleet/pool.ts';
import { callOffGuard } from '../../run/hosts/host-guard.ts';
import type { Seams } from '../seams.ts';

export interface LeftGuards {
  readonly host: string;
  /** Paths of tasks; null: they could not be listed. */
  readonly guards: readonly string[] | null;
  /** Why they could not be listed, or not all be deleted. */
  readonly failure: FailureRecord | null;
}

type GuardListing = Pick<Seams, 'connector' | 'listener' | 'interrupts'>;

/** Changes nothing. */
export function listGuards(
  targets: readonly Target[],
  concurrency: number,
  seams: GuardListing,
): Promise<readonly LeftGuards[]> {
  return eachHost(targets, concurrency, seams, () => []);
}

/** Deletes the guards that were found, each whatever becomes of the others, and lists again. */
export function cleanGuards(
  targets: readonly Target[],
  found: readonly LeftGuards[],
  concurrency: number,
  seams: GuardListing,
): Promise<readonly LeftGuards[]> {
  const known = new Map(found.map((one) => [one.host, one.guards ?? []]));
  const left = targets.filter(({ name }) => (known.get(name) ?? []).length > 0);
  return eachHost(left, concurrency, seams, ({ name }) => known.get(name) ?? []);
}

/** Those that were on hosts and are seen to be gone. */
export function countDeleted(found: readonly LeftGuards[], after: readonly LeftGuards[]): number {
  const left = new Map(after.map((one) => [one.host, one.guards]));
  return found
    .flatMap(({ host, guards }) => (guards ?? []).map((task) => ({ task, now: left.get(host) ?? null })))
    .filter(({ task, now }) => now?.includes(task) === false).length;
}

async function eachHost(
  targets: readonly Target[],
  concurrency: number,
  { connector, listener, interrupts }: GuardListing,
  toDelete: (target: Target) => readonly string[],
): Promise<readonly LeftGuards[]> {
  const found = new Map<string, LeftGuards>();
  await forEachHost(targets, { concurrency }, async (target) => {
    const { name: host } = target;
    listener.progress({ host, doing: 'asking for its guards' });
    try {
      let failure: FailureRecord | null = null;
      const guards = await withDeadline(target, interrupts.signal, async (signal) => {
        const session = await connector.connect(target, { signal });
        try {
          for (const task of toDelete(target)) {
            await callOffGuard(host, task, session, signal).catch((thrown: unknown) => {
              failure ??= failureRecord(asFailure(thrown));
            });
          }
          const script = writeGuardList(session.newNonce());
          return readGuardList(await session.ask(script.line, { signal }), script);
        } finally {
          await session.close();
        }
      });
      found.set(host, { host, guards, failure });
    } catch (thrown) {
      found.set(host, { host, guards: null, failure: failureRecord(asFailure(thrown)) });
    }
    listener.progress({ host, doing: '', over: true });
  });
  return targets.flatMap(({ name }) => found.get(name) ?? []);
}
