// A run that several processes, its runners, carry out together: what they share of it beside its journal. The journal is the truth; this
// says who may start which host now. Types only; journal/postgres/joined/ keeps it, run/joined/ works by it.
import type { RunEvent, Verdict } from './outcome.ts';
import type { Journal } from './seams.ts';

/** Hosts that are to be changed, of one batch or of the run. */
interface JoinedCounts {
  readonly hosts: number;
  readonly hasWaiting: boolean;
  /** With a runner now. */
  readonly busy: number;
  readonly failed: number;
}

export interface JoinedStanding {
  /** Digest of the plan that all of them carry out. */
  readonly plan: string;
  /** The open one, from 1; 0: none was opened yet. */
  readonly batch: number;
  /** Its end is in the journal. */
  readonly isBatchFinished: boolean;
  /** Why no host is started any more; null: hosts are. */
  readonly stopping: string | null;
  /** It finished, or somebody went on with it alone: no runner starts a host of it. */
  readonly isClosed: boolean;
  /** Some host of the site still waits; left out: this is no runner of a site. */
  readonly hasSiteWaiting?: boolean;
  readonly ofBatch: JoinedCounts;
  readonly ofRun: JoinedCounts;
}

/** What a runner has of the hosts under way, beside the others. */
export interface RunnerShares {
  /** Runners that live, this one too. */
  readonly runners: number;
  /** Hosts with this one now. */
  readonly own: number;
}

export interface JoinedHost {
  readonly host: string;
  /** From 1; 0: nothing is sent to it. */
  readonly batch: number;
  /** Hosts of one group are never with a runner at the same time, nor is one with a runner while another was left down. */
  readonly group: string | null;
  /** Only a runner of this site is given it; left out: one of no site. */
  readonly site?: string;
  /** Of its lock, which a runner of its site has to see. Given where there is a site. */
  readonly lockKey?: string;
}

/** A site with hosts in a run. */
export interface SiteStanding {
  readonly site: string;
  /** Of the open batch, that wait for it. */
  readonly waiting: number;
  /** Its runners that take part now and live. */
  readonly runners: number;
}

export interface LostHost {
  readonly host: string;
  readonly isStarted: boolean;
  /** It had been changed, and was being rolled back because others failed. */
  readonly isUndo: boolean;
  /** `ops@jump02 (process 4711)` */
  readonly runner: string;
}

export interface JoinedRun {
  readonly run: string;
  /** A host is acquired only by the runner that claimed it; `run RUN` by the one that coordinates. */
  readonly locks: {
    /** Rejects with Failure `run/host-locked`, and `run/lease-lost` when the claim is another's by now. */
    acquire(what: { readonly key: string; readonly label: string }): Promise<{ release(): Promise<void> }>;
  };
  /** From now on this process is one of its runners, until what this resolves with is released. */
  join(): Promise<{ release(): Promise<void> }>;
  /** Null: nobody started it yet. Throws Failure `run/cannot-join` when a run of this name has one process of its own. */
  readStanding(): Promise<JoinedStanding | null>;
  /** Makes the run, with its plan and its hosts; does nothing when it is there. */
  create(
    plan: {
      readonly digest: string;
      readonly text: Iterable<string>;
      /** By site: a plan of its hosts alone. */
      readonly ofSites?: ReadonlyMap<string, Iterable<string>>;
    },
    hosts: readonly JoinedHost[],
  ): Promise<void>;
  /** Its first record has been written. */
  isStarted(): Promise<boolean>;
  /** Appends in turn with the other runners. A record that came too late is left out, or refused as `run/lease-lost`. */
  openJournal(): Journal & { close(): Promise<void> };
  /** What the journal has beyond what was read before, by anybody. */
  readNew(visit: (event: RunEvent) => void): Promise<void>;
  /** A waiting host of the open batch that nobody has and whose group is free; null: there is none now, or `mayStart` refuses. */
  claimHost(mayStart: (standing: JoinedStanding & RunnerShares) => boolean): Promise<string | null>;
  /** Of this runner, and not started: it waits again. */
  returnHost(host: string): Promise<void>;
  /** Hosts of runners that are gone. */
  findLost(): Promise<readonly LostHost[]>;
  /** Hosts without a site that the run changed and nobody has now, in the plan's order; `batch`: of the open one. */
  listChanged(which: 'batch' | 'all'): Promise<readonly string[]>;
  /**
   * Of a run that is stopping, for who coordinates it: a changed host becomes this runner's, to be rolled back. False: it is not changed any
   * more, or another of its group is in doubt or was left down. Rejects with Failure `run/lease-lost` when another coordinates.
   */
  claimUndo(host: string): Promise<boolean>;
  /** Never started by the runner that is gone: it is as before it was claimed, and what that runner still writes of it is refused. */
  freeLost(host: string): Promise<void>;
  /** Of all hosts of the run. */
  countVerdicts(): Promise<Readonly<Partial<Record<Verdict, number>>>>;
  /** Waiting hosts; `held`: only those whose group is held by a lost host, or by one that was left down. */
  listWaiting(which: 'all' | 'held'): Promise<readonly string[]>;
  /** In the order of their names. */
  listSites(): Promise<readonly SiteStanding[]>;
}

/** A run as a runner of a site takes part in it: it never coordinates, and of the journal it has what it writes. */
export type SiteRun = Pick<
  JoinedRun,
  'run' | 'locks' | 'join' | 'readStanding' | 'openJournal' | 'claimHost' | 'returnHost'
> & {
  /** The plan of its hosts, in parts. */
  readPlan(): AsyncIterable<string>;
  /** Gives back whatever it has. Never rejects. */
  close(): Promise<void>;
};

/** What a runner of a site waits for. */
export interface SiteWork {
  readonly site: string;
  /** Runs with hosts that wait for this site. Throws Failure `state/unavailable`. */
  listOpenRuns(): Promise<readonly string[]>;
  /** Resolves when there may be something new, or the signal fires. Never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  openRun(run: string): SiteRun;
  close(): Promise<void>;
}
