// The seams of the workflows in memory: nothing on a disk, a clock that jumps, nobody at a terminal.
import { Failure } from '../../src/model/failure.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { Clock, Connector, Listener, Progress, SafeListener } from '../../src/model/seams.ts';
import type { HostLocks } from '../../src/run/hosts/host-job.ts';
import { isolateListener } from '../../src/run/isolated-listener.ts';
import { createStopControl, type StopControl } from '../../src/run/fleet/stop.ts';
import type { Notice, OwnInventory, Seams } from '../../src/workflows/seams.ts';
import { memoryClock } from './memory-clock.ts';
import { memoryStore, type MemoryStore } from './memory-store.ts';

export interface MemoryListener extends SafeListener {
  readonly events: readonly RunEvent[];
  readonly told: readonly Progress[];
}

export function memoryListener(): MemoryListener {
  const events: RunEvent[] = [];
  const told: Progress[] = [];
  const listener: Listener = { event: (event) => events.push(event), progress: (progress) => told.push(progress) };
  return { ...isolateListener(listener), events, told };
}

/** Locks within one process. `held`: hosts that somebody else has. */
export function memoryLocks(held: readonly string[] = []): HostLocks & { readonly now: ReadonlySet<string> } {
  const now = new Set(held);
  return {
    now,
    acquire({ label }) {
      if (now.has(label)) {
        return Promise.reject(new Failure('run/host-locked', 'being changed by run x since noon', { where: label }));
      }
      now.add(label);
      return Promise.resolve({
        release() {
          now.delete(label);
          return Promise.resolve();
        },
      });
    },
  };
}

export interface MemorySeamsOptions {
  readonly connector: Connector;
  readonly clock?: Clock | undefined;
  readonly listener?: Listener | undefined;
  readonly store?: MemoryStore | undefined;
  readonly locks?: HostLocks | undefined;
  readonly stop?: StopControl | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Of the run that is started. */
  readonly run?: string;
}

export interface MemorySeams extends Seams {
  readonly store: MemoryStore;
  readonly notices: readonly Notice[];
}

export function memorySeams({
  connector,
  clock = memoryClock(),
  listener = memoryListener(),
  store = memoryStore(),
  locks = memoryLocks(),
  stop = createStopControl(),
  signal = new AbortController().signal,
  run = 'a-run',
}: MemorySeamsOptions): MemorySeams {
  const notices: Notice[] = [];
  return {
    connector,
    clock,
    listener: isolateListener(listener),
    store,
    operator: { user: 'ops', machine: 'jump', processId: 1, toolVersion: '0.1.0' },
    interrupts: {
      stop,
      signal,
      get interrupted() {
        return stop.reason === 'interrupted';
      },
      protectRun: () => undefined,
    },
    nameRun: () => run,
    createLocks: () => locks,
    notice: (notice) => notices.push(notice),
    notices,
  };
}

/** No inventory: hosts are reached as they were saved, and a password could be asked for. */
export const noInventory: OwnInventory = { named: undefined, load: () => Promise.resolve(null), canAsk: true };
