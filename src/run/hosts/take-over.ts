// A host that was taken from another run, whose process did not give it back: dead, or asleep, with its last command half sent. Before anything is
// asked of the host, a line of that run that may still restart a service is waited for, and each of its shells is deleted: for one that can't be
// known to be gone the host is left as it is. Then what was under way there is over, and the host is compared with the plan like any other.
import { asFailure, Failure } from '../../model/failure.ts';
import type { LeftOnHost } from '../../model/history.ts';
import type { Clock, Connector, SafeListener, Session } from '../../model/seams.ts';
import type { Target } from '../../model/target.ts';
import type { HostLock, HostLocks } from './host-job.ts';
import { awaitLineApart, leftOfLine } from './open-line.ts';

interface TakeoverSeams {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly listener: Pick<SafeListener, 'progress'>;
}

export interface Takeover {
  /** The same; its first session on the host ends what other runs left there. */
  readonly connector: Connector;
  /** How much longer than its deadline that may take. */
  readonly extraMs: number;
  /** Whom it was taken from was sent away: a service may be on its way. */
  readonly isTaken: boolean;
}

/** The run that is rolled back: its lines are waited for before (orphaned-shells.ts). Who waits again has not seen the service down, and waits long. */
export function withoutLinesOf(run: string, locks: HostLocks): HostLocks {
  return {
    async acquire(what) {
      const lock = await locks.acquire(what);
      if (lock.readLeft === undefined) return lock;
      return {
        ...lock,
        readLeft: async () =>
          ((await lock.readLeft?.()) ?? []).map((one) => (one.run === run ? { ...one, line: null } : one)),
      };
    },
  };
}

/** Throws Failure `run/left-behind` when what was left can't be known, `journal/unwritable`. */
export async function takeHost(lock: HostLock, world: TakeoverSeams): Promise<Takeover> {
  const { connector, clock } = world;
  const left = (await lock.readLeft?.()) ?? [];
  if (left.length === 0) return { connector, extraMs: 0, isTaken: false };
  const waits = left.map(({ line }) => (line === null ? 0 : Math.max(0, leftOfLine(line, clock))));
  let isOver = false;
  return {
    connector: {
      async connect(target, options) {
        if (isOver) return connector.connect(target, options);
        await awaitLines(target, left, world, options?.signal);
        const session = await endShells(target, left, connector, options);
        try {
          for (const { run } of left) await lock.settleLeft?.(run);
        } catch (thrown) {
          await session.close();
          throw thrown;
        }
        isOver = true;
        return session;
      },
    },
    extraMs: Math.max(...waits),
    isTaken: true,
  };
}

/** First: a shell's end is the end of the line in it, and the service would stay stopped. */
async function awaitLines(
  target: Target,
  left: readonly LeftOnHost[],
  world: TakeoverSeams,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { connector, clock } = world;
  const asked = signal === undefined ? {} : { signal };
  for (const { line } of left) {
    if (line === null || leftOfLine(line, clock) <= 0) continue;
    await awaitLineApart(() => connector.connect(target, asked), target.name, line, world, asked);
  }
}

async function endShells(
  target: Target,
  left: readonly LeftOnHost[],
  connector: Connector,
  options: Parameters<Connector['connect']>[1],
): Promise<Session> {
  const leftBehind = left.flatMap((one) => one.shells);
  let isEnded = leftBehind.length === 0;
  const onLeftEnded = (): void => {
    isEnded = true;
  };
  try {
    return await connector.connect(target, { ...options, leftBehind, mustEndLeft: true, onLeftEnded });
  } catch (thrown) {
    const failure = asFailure(thrown);
    const isAnswer = failure.code.startsWith('wire/') || failure.code === 'deadline/request';
    if (isEnded || !isAnswer) throw failure;
    throw stillThere(target, left, failure);
  }
}

function stillThere({ name }: Target, left: readonly LeftOnHost[], failure: Failure): Failure {
  const runs = left.filter((one) => one.shells.length > 0).map((one) => one.run);
  const [run = 'RUN'] = runs;
  return new Failure(
    'run/left-behind',
    `taken from run ${runs.join(', ')}, of which a command may still come: its shell on this host could not be deleted: ${failure.message} [${failure.code}]`,
    {
      where: name,
      hint: `nothing was changed here. Try again, for Windows ends a shell that nobody uses after a while; or finish that run first: fencepost resume ${run}, or: fencepost rollback ${run}`,
      cause: failure,
    },
  );
}
