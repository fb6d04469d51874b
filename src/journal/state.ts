// The one door to everything that runs leave behind and share: journals, plans, claims, locks, histories, signatures, letters. What is behind it,
// files or a database, nobody in front of it knows: where something is kept goes into messages only (`place`). One contract suite holds all
// kinds (test/journal/store-contract.ts).
import type { LockOptions, Locks } from './lock.ts';
import type { ChainHead } from './head.ts';
import type { ObservationStore } from './observations/observation-store.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { JoinedRun, SiteStanding, SiteWork } from '../model/joined-run.ts';
import type { RunLock } from './run-locks.ts';
import type { RunStore } from './store.ts';
import type { HeldLock } from './unlock.ts';

/** A run of another state, proven before. */
export interface RunCopy {
  readonly plan: AsyncIterable<string>;
  /** The journal, in parts of any length. */
  readonly journal: AsyncIterable<Buffer>;
  /** What the journal comes to. */
  readonly head: ChainHead;
}

/** `failing`: verdicts that a failure budget counts. */
export type JoinOptions = Omit<LockOptions, 'directory' | 'self' | 'beatMs'> & { readonly failing: readonly string[] };

/** What removes old runs. */
export interface Retention {
  /** The head that was exported last; null: none was. */
  readExported(run: string): Promise<string | null>;
  noteExported(run: string, digest: string): Promise<void>;
  /** Throws Failure `journal/unwritable` for who may not. */
  checkMayRemove(): Promise<void>;
  /** Whole, with its plan; that the plan was applied stays known. False: it stays, for its head is another by now. */
  removeRun(run: string, head: ChainHead): Promise<boolean>;
  /**
   * Letters that are too old, sent or not; approvals from before a moment (ISO 8601) of plans that none of the runs left applied. `gone`: runs that
   * count as removed. With `dryRun` they are only counted.
   */
  removeRest(rest: RestToRemove): Promise<RemovedRest>;
}

/** Approvals of plans, by the plan's digest. Whether one counts its signature says; nobody here looks. */
export interface ApprovalStore {
  /** For messages. */
  readonly place: string;
  /** In the order they came, one more than `most` at most. `text`: null: it is larger than `mostBytes`. */
  read(
    plan: string,
    bounds: { readonly most: number; readonly mostBytes: number },
  ): Promise<readonly { readonly id: string; readonly text: string | null }[]>;
  /** This very text twice is once. */
  add(plan: string, text: string): Promise<void>;
  remove(plan: string, ids: readonly string[]): Promise<void>;
}

interface RestToRemove {
  readonly before: string;
  readonly gone: readonly string[];
  readonly dryRun: boolean;
}

export interface RemovedRest {
  readonly letters: number;
  readonly approvals: number;
}

export interface State {
  /** For messages. */
  readonly place: string;
  readonly runs: RunStore;
  /** The folder of a run, for a link to it; null: there is none to open. */
  locateRun(run: string): string | null;
  /** Throws Failure `run/unknown` unless it is there: one that was named wrongly is not one without runs. */
  checkExists(): Promise<void>;
  /** Throws Failure `journal/unwritable` unless it can be written to. */
  checkWritable(): Promise<void>;
  /** A run that several runners carry out together; null: that can't be kept here. */
  openJoined(options: JoinOptions): JoinedRun | null;
  /** Those with hosts in a shared run; empty for any other. */
  listSites(run: string): Promise<readonly SiteStanding[]>;
  /** What a runner of one site waits for; null: that can't be kept here. */
  openSite(options: Omit<JoinOptions, 'run'> & { readonly site: string }): SiteWork | null;
  createLocks(options: Omit<LockOptions, 'directory'>): Locks;
  /** Those that a run holds, by label. `nowMs`: of the operator's clock. */
  listLocks(run: string, nowMs: number): Promise<readonly HeldLock[]>;
  /** The locks of runs themselves, not of their hosts; dead ones too. */
  listRunLocks(): Promise<readonly RunLock[]>;
  /** A lock that was released meanwhile is no error. */
  removeLocks(locks: readonly HeldLock[]): Promise<void>;
  /** `locks`: for the one that writes; `wait`: between two tries to have it. */
  openHistories(locks: Locks, wait: () => Promise<void>): ObservationStore;
  /** Letters that wait to be delivered, for whoever shares this state. `user`, `now`: who takes them. */
  openOutbox(options: Pick<LockOptions, 'user' | 'now'>): Promise<Outbox>;
  /** The signature under the head of a run's journal; null: there is none. Never rejects. */
  readHeadSignature(run: string): Promise<string | { readonly problem: string } | null>;
  /** Replaces the one before. */
  saveHeadSignature(run: string, text: string): Promise<void>;
  /** Null: they are files beside the plan, and nowhere else. */
  readonly approvals: ApprovalStore | null;
  /** The bytes of a run's journal, as they are. Throws Failure `run/unknown`. */
  readJournal(run: string): AsyncIterable<Buffer>;
  /** Takes a run from elsewhere, whole or not at all. Throws Failure `usage/invalid` when there is one of this name. */
  takeRun(run: string, copy: RunCopy): Promise<void>;
  /** Null: whoever owns the files removes them. */
  readonly retention: Retention | null;
  /** Never rejects. */
  close(): Promise<void>;
}
