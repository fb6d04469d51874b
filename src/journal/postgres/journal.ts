// I/O: appends records to one run's chain in the database. A record is acknowledged when its transaction is committed, and that commits only
// under the current epochs of the run's lease and of its host's; records that arrive meanwhile share the next transaction. A host's last
// record and the release of its lease are one transaction. A host that was lost is refused alone; a run that was lost takes nothing more.
// Several runners of one run append in turn: the row of the run is the queue, and a fence says which of their records count.
import { Failure } from '../../model/failure.ts';
import type { RunEvent } from '../../model/outcome.ts';
import type { OpenJournal } from '../append.ts';
import type { ChainHead } from '../head.ts';
import { writeRecord } from '../record.ts';
import { ownChain, type ChainRows } from './chain-rows.ts';
import type { Database, Query } from './database.ts';
import type { Fence } from './joined/fence.ts';
import { leaseLost } from './lease-lost.ts';
import { nameRunLock, type Lease, type Leases } from './leases.ts';

interface Waiting {
  readonly event: RunEvent;
  readonly resolve: () => void;
  readonly reject: (failure: Failure) => void;
}

interface Written {
  readonly head: ChainHead;
  readonly refused: ReadonlyMap<Waiting, Failure>;
  /** To be called once it is committed. */
  readonly released: readonly (() => void)[];
}

/** So many records go into one transaction. */
const mostAtOnce = 500;

/** These lead to something being sent: never without a lease. */
const needsLease: readonly RunEvent['type'][] = ['host-started', 'shell-opened', 'command-planned'];

/** `fence`: the run has several runners; null: this process has it alone. `chain`: how its rows are reached. */
export function openDatabaseJournal(
  run: string,
  from: ChainHead,
  database: Database,
  leases: Leases,
  fence: Fence | null = null,
  chain: ChainRows = ownChain(run),
): OpenJournal {
  let head = from;
  let queue: Waiting[] = [];
  let flushing: Promise<void> | null = null;
  let broken: Failure | null = null;
  const place = `${database.address.place}, run ${run}`;
  const alone = { member: leases.find(run, nameRunLock(run)), run: undefined };
  /** `member`: without it nothing is written; `run`: without it nothing of the frame of a run with several runners. */
  const findOwn = (): ReturnType<Fence['own']> => (fence === null ? alone : fence.own());

  function leaseOf({ event }: Waiting): Lease | undefined {
    return 'host' in event ? leases.find(run, event.host) : undefined;
  }

  /** Null: it may be written. */
  function refusal(waiting: Waiting, lost: ReadonlySet<Lease>): Failure | null {
    const { event } = waiting;
    const lease = leaseOf(waiting);
    if (!('host' in event)) return null;
    if (fence !== null) {
      const isMine = lease?.state === 'held' && !lost.has(lease);
      return isMine || event.type === 'host-finished' ? null : leaseLost(event.host);
    }
    // What became of a host that was lost is said all the same: it is a record of this run.
    const isVerdict = event.type === 'host-finished';
    if (lease?.state === 'lost' || (lease !== undefined && lost.has(lease)))
      return isVerdict ? null : leaseLost(event.host);
    return lease?.state !== 'held' && needsLease.includes(event.type) ? leaseLost(event.host) : null;
  }

  async function write(batch: readonly Waiting[], tried: Written | null, query: Query): Promise<Written> {
    const held = [...new Set(batch.flatMap((one) => leaseOf(one) ?? []))].filter((one) => one.state === 'held');
    const own = findOwn();
    await fence?.lockHosts(listOthers(batch), query);
    const lost = new Set(await leases.findLost([...held, ...listOwn(own)], query));
    const there = await chain.lockHead(query);
    // The answer to a commit was lost, and it had come off.
    if (tried !== null && (isSame(there, tried.head) || (fence !== null && (await chain.hasRecord(tried.head, query)))))
      return tried;
    const { member } = own;
    if (member === undefined || member.state !== 'held' || lost.has(member)) throw leaseLost(`run ${run}`);
    if (fence === null && !isSame(there, head)) throw leaseLost(`run ${run}`);
    const holdsRun = own.run?.state === 'held' && !lost.has(own.run);
    const refused = new Map<Waiting, Failure>();
    const lines: string[] = [];
    const released: (() => void)[] = [];
    let { records, digest } = there;
    for (const waiting of batch) {
      const failure = refusal(waiting, lost);
      const passage = failure === null && fence !== null ? await fence.pass(waiting.event, holdsRun, query) : 'write';
      if (failure !== null || passage === 'refuse') {
        refused.set(waiting, failure ?? leaseLost('host' in waiting.event ? waiting.event.host : `run ${run}`));
        continue;
      }
      if (passage === 'drop') continue;
      const written = writeRecord((records += 1), digest, waiting.event);
      ({ digest } = written);
      lines.push(written.line);
      const lease = leaseOf(waiting);
      if (waiting.event.type === 'host-finished' && lease !== undefined && lease.state === 'held' && !lost.has(lease)) {
        released.push(await leases.releaseWithin(lease, query));
      }
    }
    if (lines.length > 0) await chain.add(lines, there, { records, digest }, query);
    for (const lease of lost) if (lease !== alone.member) lease.state = 'lost';
    return { head: { records, digest }, refused, released };
  }

  /** Hosts of which this runner writes a verdict without having them. */
  function listOthers(batch: readonly Waiting[]): readonly string[] {
    return batch.flatMap((one) =>
      one.event.type === 'host-finished' && leaseOf(one)?.state !== 'held' ? [one.event.host] : [],
    );
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    let tried: Written | null = null;
    const written = await database.persist(async (query) => {
      tried = await write(batch, tried, query);
      return tried;
    });
    head = written.head;
    for (const end of written.released) end();
    // A process that slept meanwhile: nothing may follow from this record unless the host is still its own.
    await leases.fence();
    for (const waiting of batch) {
      const failure = written.refused.get(waiting) ?? lostSince(waiting);
      if (failure === null) waiting.resolve();
      else waiting.reject(failure);
    }
  }

  function lostSince(waiting: Waiting): Failure | null {
    const { member, run: ofRun } = findOwn();
    if (member?.state === 'lost') return leaseLost(`run ${run}`);
    if (ofRun?.state === 'lost' && !('host' in waiting.event)) return leaseLost(`run ${run}`);
    const isLost = leaseOf(waiting)?.state === 'lost' && waiting.event.type !== 'host-finished';
    return isLost && 'host' in waiting.event ? leaseLost(waiting.event.host) : null;
  }

  async function flush(): Promise<void> {
    // Not in the same turn: the caller has yet to note that a flush is under way.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue.slice(0, mostAtOnce);
      queue = queue.slice(mostAtOnce);
      try {
        if (broken !== null) throw broken;
        await commit(batch);
      } catch (thrown) {
        broken ??= thrown instanceof Failure ? thrown : unwritable(place, thrown);
        for (const one of batch) one.reject(broken);
      }
    }
    flushing = null;
  }

  return {
    place,
    get head() {
      return head;
    },
    append(event) {
      return new Promise<void>((resolve, reject) => {
        queue.push({ event, resolve, reject });
        flushing ??= flush();
      });
    },
    async close() {
      await flushing;
      broken ??= new Failure('journal/unwritable', "the journal can't be written: it is closed", { where: place });
    },
  };
}

function listOwn({ member, run }: ReturnType<Fence['own']>): readonly Lease[] {
  return [member, run].flatMap((one) => (one === undefined || one.state === 'over' ? [] : [one]));
}

function isSame(one: ChainHead, other: ChainHead): boolean {
  return one.records === other.records && one.digest === other.digest;
}

function unwritable(place: string, thrown: unknown): Failure {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('journal/unwritable', `the journal can't be written: ${reason}`, {
    where: place,
    hint: 'look at the database; no change is sent before its inverse is in it',
    cause: thrown,
  });
}
