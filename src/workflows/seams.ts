// What the workflows ask of the world: cli/compose.ts fills it for a person at a terminal, a test fills it in memory. Everything a workflow
// has to tell while it is under way goes to `listener` (events and progress) or `notice`; the rest is in what it returns. It prints nothing.
import type { Inventory } from '../inventory/inventory.ts';
import type { LockHolder } from '../journal/lock-holder.ts';
import type { RunStore } from '../journal/store.ts';
import type { Failure, Issue } from '../model/failure.ts';
import type { Operator } from '../model/outcome.ts';
import type { Clock, Connector, SafeListener } from '../model/seams.ts';
import type { HostLocks } from '../run/hosts/host-job.ts';
import type { StopControl } from '../run/fleet/stop.ts';

export interface Seams {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly listener: SafeListener;
  readonly store: RunStore;
  readonly operator: Operator;
  readonly interrupts: Interrupts;
  /** A name for a run that starts at `now`, which no other run has. */
  readonly nameRun: (now: string) => string;
  /** The locks that `run` takes. `onTakeover` is called when a dead run's lock is taken over. */
  readonly createLocks: (run: string, onTakeover: TakeoverListener) => HostLocks;
  readonly notice: (notice: Notice) => void;
}

/** Ctrl-C and its like. */
export interface Interrupts {
  /** Asks a run to start no new hosts. */
  readonly stop: StopControl;
  /** Fires when everything has to stop now. */
  readonly signal: AbortSignal;
  /** True once a signal arrived. */
  readonly interrupted: boolean;
  /** From now on the first signal only stops what has not started. */
  protectRun(): void;
}

/** Where the secrets of hosts come from that a plan or a run knows. */
export interface OwnInventory {
  /** As the command named it, for hints; undefined: by default. */
  readonly named: readonly string[] | undefined;
  /** The operator's inventory; null: none was named and there is none by default. */
  readonly load: () => Promise<Inventory | null>;
  /** Whether a password that it does not have can be asked for. */
  readonly canAsk: boolean;
}

type TakeoverListener = (label: string, holder: LockHolder | null) => void;

/** What the operator should know, without effect on any outcome. */
export type Notice =
  | {
      readonly kind: 'lock-taken-over';
      /** Which took it; null: a runner, which is of no run. */
      readonly run: string | null;
      readonly label: string;
      readonly holder: LockHolder | null;
    }
  /** The last record of a run was cut short when its process died. */
  | { readonly kind: 'torn-tail'; readonly run: string }
  /** What is to be said of the seal that is kept beside a journal. */
  | { readonly kind: 'journal-head'; readonly run: string; readonly note: string }
  /** What `--limit` was taken to mean. */
  | { readonly kind: 'short-name'; readonly note: Issue }
  /** For which sites a shared run waits; empty: for none any more. */
  | { readonly kind: 'sites-missing'; readonly words: string }
  | { readonly kind: 'journal-not-closed'; readonly failure: Failure };
