// The seams of one life: the servers behind its connector, its disk, its listener and its locks, each with the mishaps of that life. What
// happens on them is watched; it decides nothing.
import type { RunEvent, RunKind } from '../../../src/model/outcome.ts';
import type { Listener } from '../../../src/model/seams.ts';
import { memoryLocks, memorySeams, type MemorySeams } from '../../support/memory-seams.ts';
import { throwingListener } from '../../support/throwing-listener.ts';
import { openStore } from '../disk.ts';
import { lifeMs } from '../guards.ts';
import { watchEvent, noteVerdict } from '../judging/events.ts';
import { checkIntent, checkDeadline } from '../judging/intent.ts';
import { listSubjects } from '../judging/subject.ts';
import type { Life } from '../life.ts';
import { lifeMishaps, type Mishap } from '../mishap.ts';
import { operateBeside, operateElsewhere, operateHere } from '../operators.ts';
import { valuesOf } from '../truth.ts';
import { connectorOf } from '../world.ts';
import { deadlineOf, firstRun, passTime, startOf, type Night } from './state.ts';

export function seamsOf(night: Night, kind: RunKind, number: number, life: Life, due: readonly Mishap[]): MemorySeams {
  const ofLife = due.filter((one) => (lifeMishaps as readonly string[]).includes(one.what));
  night.happened.push(...ofLife);
  const names = [...night.servers.keys()];
  const held = ofLife.flatMap((one) => (one.what === 'locked' ? [names[one.n % names.length] ?? ''] : []));
  const thrower = ofLife.find((one) => one.what.startsWith('listener'));
  const endsAt = kind === 'apply' ? deadlineOf(number, due) : null;
  const closing = ofLife.find((one) => one.what === 'pipe-closes');
  const listener: Listener | undefined =
    closing !== undefined
      ? closingPipe(closing.n)
      : thrower === undefined
        ? undefined
        : throwingListener(thrower.n, thrower.what === 'listener-rejects');
  const watch = (event: RunEvent): void => {
    watchEvent(night, kind, `life ${number}`, event);
    // What is told after a death nobody hears.
    if (event.type === 'host-finished' && !life.isDead) noteVerdict(night, kind, `life ${number}`, event);
  };
  const store = openStore(night.disk, life, watch);
  const locks = memoryLocks(held);
  const complain = (found: readonly string[]): void => {
    night.problems.push(...found.map((one) => `life ${number} (${kind}): ${one}`));
  };
  const { servers, disk, plan } = night;
  const seams = memorySeams({
    connector: connectorOf({
      servers,
      life,
      passTime: (server) => {
        passTime(night, server, number * lifeMs + life.clock.elapsedMs());
      },
      operate: async (server, detail) => {
        complain(await operateElsewhere(server, detail, startOf(number)));
      },
      operateBeside: (server) => {
        night.beside.push(operateBeside(server, startOf(number)));
      },
      operateHere: async () => {
        if (kind !== 'apply' || plan === null || !disk.runs.has(firstRun) || held.length > 0) return;
        const isHeld = locks.now.has(`run ${firstRun}`);
        const watch = (event: RunEvent): void => {
          watchEvent(night, 'rollback', `life ${number}, a second process`, event);
        };
        const second = { servers, disk, startMs: startOf(number), locks, plan, of: firstRun, watch };
        complain(await operateHere({ ...second, isHeld }));
        // What it did is not our life's.
        if (!isHeld) for (const server of servers.values()) server.untouched = valuesOf(server.machine);
      },
      checkIntent: (host, shown) => {
        for (const one of listSubjects(shown)) servers.get(host)?.sent.add(one);
        checkIntent(night, kind, number, host, shown);
        checkDeadline(night, number, host, shown, endsAt, life.clock.now());
      },
    }),
    clock: life.clock,
    listener,
    locks,
    stop: life.stop,
    signal: life.abort.signal,
    run: `run-${number}`,
  });
  return { ...seams, store: { ...store, saved: () => new Map() } };
}

/** `| head` goes away: from the n-th write on all of them fail. */
function closingPipe(n: number): Listener {
  let written = 0;
  const write = (): void => {
    written += 1;
    if (written >= n) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  };
  return { event: write, progress: write };
}
