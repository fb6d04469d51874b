// What `watch` does: looks for runs whose process is gone, tells the channels of each once, and sends what waits in the outbox. It takes no
// lock of a run or a host, asks no host, and changes nothing but the outbox.
import { randomBytes } from 'node:crypto';
import { asFailure, Failure } from '../../../model/failure.ts';
import type { Channel } from '../../../model/notifications/channel.ts';
import type { SendResult } from '../../../model/notifications/letter.ts';
import { listNames } from '../../../model/notifications/note.ts';
import { renderChannelTests, renderWatch } from '../../../report/notify/watch-text.ts';
import { findDeadRuns } from '../../../workflows/notify/find-dead-runs.ts';
import { createNotifier, type Notifier, type NotifierSeams } from '../../../workflows/notify/notifier.ts';
import { noteTest, noteUnfinishedRun, type UnfinishedRun } from '../../../workflows/notify/other-notes.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { refuseIdle } from '../../flags/refuse-idle.ts';
import { readPolicies } from '../../inputs.ts';
import { jsonDocument } from '../../json.ts';
import { joinChannels } from '../../notify/open-notifications.ts';
import type { InventoryArguments, PolicyArguments, StateArguments } from '../../options.ts';

export interface WatchArguments extends Pick<InventoryArguments, 'inventory'>, PolicyArguments, StateArguments {
  readonly once: boolean;
  readonly every: string | undefined;
  readonly test: boolean;
  readonly json: boolean;
}

interface Look {
  readonly dead: readonly UnfinishedRun[];
  /** Why not all runs could be looked at; null: all were. */
  readonly problem: string | null;
  readonly results: Awaited<ReturnType<Notifier['finish']>>;
}

/** Of one attempt, whatever the channel. */
const testMs = 15_000;

/**
 * Returns the exit code: 3 when a notification could not be delivered or not every run be looked at. Throws Failure `usage/invalid` without a channel, and the failures of
 * policies.
 */
export async function showWatch(args: WatchArguments, world: World): Promise<number> {
  const everyMs = readInterval(args.every ?? '1m');
  if (args.once && args.test) throw new Failure('usage/invalid', '--once and --test do not go together');
  refuseIdleOf(args);
  if (args.json && !args.once && !args.test) {
    throw new Failure('usage/invalid', '--json goes with --once or --test: a document has an end', {
      hint: 'fencepost watch --once --json',
    });
  }
  const channels = joinChannels(await readPolicies(args), world);
  if (channels.length === 0) {
    throw new Failure('usage/invalid', 'no channel to notify: no policy has notify', {
      hint: 'write notify: in policy.yml beside the inventory, or name another policy with --policy FILE',
    });
  }
  if (args.test) return await testChannels(channels, args.json, world);
  const judged = new Map<string, string>();
  // One for all looks: it knows what it sent and could not mark.
  const seams = await world.notifications.prepare();
  for (;;) {
    const { dead, problem, results } = await lookOnce(channels, judged, world, seams);
    const isLeft = problem !== null || results.some((one) => one.left > 0 || one.problem !== null);
    if (args.once) {
      const runs = dead.map(({ status, lastAt, holder }) => ({ run: status.run, lastAt, holder, next: status.next }));
      const look = { dead: runs, problem, channels: results };
      world.out(args.json ? jsonDocument('watch', look) : renderWatch(look));
      return isLeft ? exitCodes.someFailed : exitCodes.done;
    }
    await world.clock.sleep(everyMs, world.interrupts.signal);
    if (world.interrupts.signal.aborted) return exitCodes.interrupted;
  }
}

function refuseIdleOf({ once, test, every, state, 'state-dir': directory }: WatchArguments): void {
  const isEveryGiven = { '--every': every !== undefined };
  if (once) refuseIdle(isEveryGiven, 'with --once, which looks once', 'leave one of them out');
  const idle = { ...isEveryGiven, '--state': state !== undefined, '--state-dir': directory !== undefined };
  if (test) refuseIdle(idle, 'with --test, which looks at no run', 'leave it out of the test');
}

async function lookOnce(
  channels: readonly Channel[],
  judged: Map<string, string>,
  world: Pick<World, 'store' | 'state' | 'clock'>,
  seams: NotifierSeams,
): Promise<Look> {
  const { store, state, clock } = world;
  const notifier = createNotifier({ channels, known: null }, seams);
  const unread: string[] = [];
  let problem: string | null = null;
  const search = { store, now: clock.now(), judged, listRunLocks: () => state.listRunLocks() };
  const dead = await findDeadRuns({ ...search, onUnread: (run) => unread.push(run) }).catch((thrown: unknown) => {
    // What waits is sent all the same.
    problem = `runs could not be looked through: ${asFailure(thrown).message}`;
    return [];
  });
  if (unread.length > 0)
    problem = `whether these runs died is not known, their journals can't be read: ${listNames(unread)}`;
  if (problem !== null) seams.warn(problem);
  for (const one of dead) notifier.tell((origin) => noteUnfinishedRun(one, false, origin));
  return { dead, problem, results: await notifier.finish() };
}

async function testChannels(channels: readonly Channel[], json: boolean, world: World): Promise<number> {
  const { send, from, clock } = await world.notifications.prepare();
  const results = await Promise.all(
    channels.map(async (channel) => {
      const at = clock.now();
      const note = noteTest(channel.name, randomBytes(6).toString('hex'), { from, at });
      const letter = { channel: channel.name, sequence: 0, writtenAt: at, note };
      const signal = AbortSignal.any([AbortSignal.timeout(testMs), world.interrupts.signal]);
      return { channel: channel.name, kind: channel.way.kind, ...describeResult(await send(channel, letter, signal)) };
    }),
  );
  world.out(json ? jsonDocument('channel-test', { channels: results }) : renderChannelTests(results));
  return results.every((one) => one.isDelivered) ? exitCodes.done : exitCodes.someFailed;
}

function describeResult(result: SendResult): { readonly isDelivered: boolean; readonly problem: string | null } {
  return result.kind === 'sent' ? { isDelivered: true, problem: null } : { isDelivered: false, problem: result.reason };
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

function readInterval(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const ms = Number(digits) * (units[unit] ?? 0);
  if (ms >= 10_000 && ms <= 86_400_000) return ms;
  throw new Failure('usage/invalid', `--every: expected a time from 10s to 24h, such as 1m, got ${text}`);
}
