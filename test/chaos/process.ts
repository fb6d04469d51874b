// One life of the controller: the real client, the real journal store and the real commands, in this process, with an end that can be
// foreseen: it is asked to stop, told to stop at once, or dies. What dies sends and writes nothing more, and its promises never settle,
// as those of a killed process do not.
import { isolateListener } from '../../src/run/isolated-listener.ts';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { OpenJournal } from '../../src/journal/append.ts';
import { createLocks } from '../../src/journal/lock.ts';
import { createRunStore, newRunName, type RunStore } from '../../src/journal/store.ts';
import type { Clock, Connector, Session, SessionOptions } from '../../src/model/seams.ts';
import { createStopControl } from '../../src/run/fleet/stop.ts';
import { createConnector } from '../../src/winrm/connect.ts';
import type { Seams } from '../../src/workflows/seams.ts';
import { throwingListener } from '../support/throwing-listener.ts';

/** `append`: at the n-th record of the journal; `request`: at the n-th request to one server of the fleet. */
export interface End {
  readonly how: 'stop' | 'abort' | 'die-before' | 'die-after';
  readonly at: { readonly kind: 'append' } | { readonly kind: 'request'; readonly server: string };
  readonly n: number;
}

export interface Life {
  readonly seams: Seams;
  /** To be told of every request that a server has decided on. */
  noteRequest(server: string): void;
  /** Runs a command in this life; null: it died on the way. Resolves when nothing of it is under way any more. */
  live<T>(work: (seams: Seams) => Promise<T>): Promise<T | null>;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export function beginLife(directory: string, password: string, end: End | null): Life {
  const stop = createStopControl();
  const now = new AbortController();
  const death = new AbortController();
  let met = 0;
  let underWay = 0;
  let isRun = false;
  const journals: OpenJournal[] = [];
  let tellDeath: () => void = () => undefined;
  const died = new Promise<null>((resolve) => {
    tellDeath = () => {
      resolve(null);
    };
  });
  const isDead = (): boolean => death.signal.aborted;

  function meetEnd(): void {
    if (end === null) return;
    stop.request('interrupted');
    // As cli/io/interrupts.ts: before hosts are in change, the first signal stops everything.
    if (end.how === 'abort' || (end.how === 'stop' && !isRun)) now.abort();
    if (end.how === 'stop' || end.how === 'abort') return;
    death.abort();
    tellDeath();
  }

  async function alive<T>(work: () => Promise<T>): Promise<T> {
    if (isDead()) return never();
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
      // Whatever came of it, nobody is there any more to hear it.
      if (isDead()) await never();
    }
  }

  const clock = quickClock(isDead);
  const withDeath = ({ signal }: SessionOptions = {}): SessionOptions => ({
    signal: signal === undefined ? death.signal : AbortSignal.any([signal, death.signal]),
  });
  const real = createConnector({
    readSecret: () => Promise.resolve(password),
    random: (bytes) => randomBytes(bytes),
    // Within a call of the client, of which the end is waited for: `alive` keeps its answer from the dead.
    clock: quickClock(() => false),
  });
  const connector: Connector = {
    connect: (target, options) =>
      alive(async () => mortalSession(await real.connect(target, withDeath(options)), alive, withDeath)),
  };

  function mortalJournal(journal: OpenJournal): OpenJournal {
    journals.push(journal);
    return {
      place: journal.place,
      get head() {
        return journal.head;
      },
      append: (event) =>
        alive(async () => {
          met += end?.at.kind === 'append' ? 1 : 0;
          const isMet = end?.at.kind === 'append' && met === end.n;
          if (isMet && end.how === 'die-before') {
            meetEnd();
            return;
          }
          await journal.append(event);
          if (isMet) meetEnd();
        }),
      close: () => journal.close(),
    };
  }

  const store = createRunStore(directory);
  const mortalStore: RunStore = {
    ...store,
    createRun: async (run, plan) => mortalJournal(await store.createRun(run, plan)),
    reopenRun: async (run) => mortalJournal(await store.reopenRun(run)),
  };
  const operator = { user: 'chaos', machine: 'here', processId: process.pid, toolVersion: '0' };
  const seams: Seams = {
    connector,
    clock,
    // Fails now and then in every life: nothing may come of it.
    listener: isolateListener(throwingListener(1 + (end?.n ?? 0))),
    store: mortalStore,
    interrupts: {
      stop,
      signal: now.signal,
      get interrupted() {
        return stop.reason === 'interrupted';
      },
      protectRun() {
        isRun = true;
      },
    },
    operator,
    nameRun: newRunName,
    createLocks: (run, onTakeover) =>
      createLocks({ directory, run, user: operator.user, now: () => clock.now(), onTakeover }),
    notice: () => undefined,
  };
  return {
    seams,
    noteRequest(server) {
      if (end?.at.kind !== 'request' || end.at.server !== server) return;
      met += 1;
      if (met === end.n) meetEnd();
    },
    async live(work) {
      const result = await Promise.race([work(seams), died]);
      if (!isDead()) return result;
      // What the network still carries arrives; a dead process' locks are as good as gone.
      do await new Promise((resolve) => setTimeout(resolve, 10));
      while (underWay > 0);
      for (const journal of journals) await journal.close();
      await rm(join(directory, 'locks'), { recursive: true, force: true, maxRetries: 5 });
      return null;
    },
  };
}

function mortalSession(
  session: Session,
  alive: <T>(work: () => Promise<T>) => Promise<T>,
  withDeath: (options?: SessionOptions) => SessionOptions,
): Session {
  return {
    ask: (line, options) => alive(() => session.ask(line, withDeath(options))),
    change: (line, options) => alive(() => session.change(line, withDeath(options))),
    list: (question, options) => alive(() => session.list(question, withDeath(options))),
    endLeft: (options) => alive(() => session.endLeft(withDeath(options))),
    newNonce: () => session.newNonce(),
    close: () => session.close(),
  };
}

/** A second of waiting takes a few milliseconds. */
function quickClock(isDead: () => boolean): Clock {
  let skippedMs = 0;
  return {
    now: () => new Date(Date.now() + skippedMs).toISOString(),
    elapsedMs: () => performance.now() + skippedMs,
    async sleep(durationMs, signal) {
      if (signal?.aborted === true) return;
      skippedMs += durationMs;
      await new Promise((resolve) => setTimeout(resolve, Math.min(10, 1 + durationMs / 200)));
      if (isDead()) await never();
    },
  };
}
