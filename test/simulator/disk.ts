// A state directory on a simulated disk: what was written and not flushed is lost at a death or torn anywhere, and the disk can be full or
// go read-only. The journal's own writer and reader work on it (journal/append.ts, chain.ts); the folders around it are a map.
import type { FileHandle } from 'node:fs/promises';
import { openJournal, unwritable, type OpenJournal } from '../../src/journal/append.ts';
import { createEventParser, followChain, type ChainReader, type JournalEnd } from '../../src/journal/chain.ts';
import { createOutline } from '../../src/journal/outline.ts';
import { firstPrevious } from '../../src/journal/record.ts';
import { planAppliedBefore, refuseDamage, type RunStore } from '../../src/journal/store.ts';
import { Failure } from '../../src/model/failure.ts';
import type { EventOf, RunEvent } from '../../src/model/outcome.ts';
import type { Life } from './life.ts';
import { writeMishaps } from './mishap.ts';

interface RunFiles {
  readonly planText: string;
  /** Flushed, in the parts in which it was: survives everything. */
  durable: Buffer[];
  /** Written and not flushed. */
  pending: Buffer[];
  /** What a reader of the whole has found so far: it only reads on. Another one begins when the file was cut. */
  reading: Reading;
}

/** Every life reads the same journal from its beginning; only what it says, not the reading, is in question. */
interface Reading {
  readonly reader: ChainReader;
  /** How many parts it has taken. */
  parts: number;
  readonly found: { readonly event: RunEvent; readonly digest: string }[];
  /** The last event of each host. */
  readonly last: Map<string, RunEvent>;
}

export interface Disk {
  readonly runs: Map<string, RunFiles>;
  readonly claims: Map<string, string>;
}

export function createDisk(): Disk {
  return { runs: new Map(), claims: new Map() };
}

/** Of what was not flushed, a new process finds only this part, from 0 to 1. */
export function crashDisk(disk: Disk, keep: number): void {
  for (const files of disk.runs.values()) {
    const pending = Buffer.concat(files.pending);
    files.durable.push(pending.subarray(0, Math.floor(pending.length * keep)));
    files.pending = [];
  }
}

/** The last thing of a host that is on disk for good. */
export function lastDurable(disk: Disk, run: string, host: string): RunEvent | null {
  return readOn(filesOf(disk, run)).last.get(host) ?? null;
}

/** What the journal that would survive now says last of the guard of a host; null: nothing. */
export function lastDurableGuard(disk: Disk, run: string, host: string): EventOf<'guard'> | null {
  const { found } = readOn(filesOf(disk, run));
  const told = found.flatMap(({ event }) => (event.type === 'guard' && event.host === host ? [event] : []));
  return told.at(-1) ?? null;
}

/** Of the last line of an outage that is on disk for a host: the numbers of the steps of which the disk does not say what became of them. */
export function untoldOfLine(disk: Disk, run: string, host: string): readonly number[] {
  let untold: readonly number[] = [];
  for (const { event } of readOn(filesOf(disk, run)).found) {
    if (!('host' in event) || event.host !== host) continue;
    // Its next life has looked at all of it.
    if (event.type === 'host-started' || event.type === 'host-finished') untold = [];
    if (!('step' in event)) continue;
    untold =
      event.type === 'command-planned'
        ? (event.outage?.then.map((one) => one.step) ?? [])
        : untold.filter((one) => one !== event.step);
  }
  return untold;
}

function filesOf(disk: Disk, run: string): RunFiles {
  const files = disk.runs.get(run);
  if (files === undefined) throw new Failure('run/unknown', 'there is no run of this name', { where: run });
  return files;
}

function startReading(): Reading {
  const found: Reading['found'] = [];
  const last: Reading['last'] = new Map();
  const reader = followChain(createEventParser(), (event, digest) => {
    found.push({ event, digest });
    if ('host' in event) last.set(event.host, event);
  });
  return { reader, parts: 0, found, last };
}

function readOn({ reading, durable }: RunFiles): Reading {
  for (; reading.parts < durable.length; reading.parts += 1) {
    reading.reader.take(durable[reading.parts] ?? Buffer.alloc(0));
  }
  return reading;
}

function read(disk: Disk, run: string, visit: (event: RunEvent, digest: string) => void): JournalEnd {
  const { reader, found } = readOn(filesOf(disk, run));
  for (const { event, digest } of found) visit(event, digest);
  return reader.end();
}

/** The disk as one process sees it. `watch` is told of every event that is asked to be written, before it is. */
export function openStore(disk: Disk, life: Life, watch: (event: RunEvent) => void): RunStore {
  let broken: Error | null = null;
  const problem = (code: 'ENOSPC' | 'EROFS'): Error => Object.assign(new Error(code), { code });

  async function write(files: RunFiles, text: string): Promise<void> {
    await Promise.resolve();
    if (life.isDead) return life.never();
    life.steps += 1;
    life.writes += 1;
    if (broken !== null) throw broken;
    const bytes = Buffer.from(text);
    for (const { what, detail } of life.take(writeMishaps, life.writes)) {
      const part = bytes.subarray(0, Math.floor(bytes.length * detail));
      if (what === 'full' || what === 'read-only') {
        broken = problem(what === 'full' ? 'ENOSPC' : 'EROFS');
        if (what === 'full') files.durable.push(part);
        throw broken;
      }
      if (what !== 'die-unwritten') files.pending.push(bytes);
      life.die();
      crashDisk(disk, what === 'die-torn' ? detail : what === 'die-synced' || detail < 0.5 ? 1 : 0);
      return life.never();
    }
    files.pending.push(bytes);
  }

  async function flush(files: RunFiles): Promise<void> {
    await Promise.resolve();
    if (life.isDead) return life.never();
    life.steps += 1;
    files.durable.push(...files.pending);
    files.pending = [];
  }

  function open(run: string, count: number, previous: string): OpenJournal {
    const files = filesOf(disk, run);
    const handle: Pick<FileHandle, 'appendFile' | 'datasync' | 'close'> = {
      appendFile: (text) => write(files, String(text)),
      datasync: () => flush(files),
      close: () => Promise.resolve(),
    };
    // The head beside the journal is not simulated: it only tells of a journal that was cut afterwards.
    const head = { write: () => Promise.resolve(), close: () => Promise.resolve() };
    const journalFiles = { file: run, handle: handle as FileHandle, openHead: head };
    const journal = openJournal(journalFiles, { records: count, digest: previous });
    return {
      place: journal.place,
      get head() {
        return journal.head;
      },
      close: () => journal.close(),
      append(event) {
        watch(event);
        return journal.append(event);
      },
    };
  }

  async function tick(): Promise<void> {
    await Promise.resolve();
    if (life.isDead) return life.never();
    life.steps += 1;
  }

  return {
    place: 'simulated',
    async createRun(run, planText) {
      await tick();
      if (broken !== null) throw unwritable(run, broken);
      disk.runs.set(run, { planText: [...planText].join(''), durable: [], pending: [], reading: startReading() });
      return open(run, 0, firstPrevious);
    },
    async discardRun(run) {
      await tick();
      disk.runs.delete(run);
    },
    async *readPlan(run) {
      await tick();
      yield filesOf(disk, run).planText;
    },
    async reopenRun(run) {
      await tick();
      const files = filesOf(disk, run);
      const end = read(disk, run, () => undefined);
      refuseDamage(run, end);
      if (end.tornTail) {
        files.durable = [Buffer.concat(files.durable).subarray(0, end.wholeBytes)];
        files.reading = startReading();
      }
      return open(run, end.records, end.lastDigest);
    },
    async listRuns() {
      await tick();
      return [...disk.runs.keys()].sort();
    },
    async readRun(run, visit) {
      await tick();
      return read(disk, run, visit);
    },
    async outlineRun(run) {
      await tick();
      const outline = createOutline();
      const end = read(disk, run, (event) => {
        outline.event(event);
      });
      return { outline: outline.outline(), end };
    },
    async readBeginning(run) {
      await tick();
      return readOn(filesOf(disk, run)).found[0]?.event ?? null;
    },
    planClaim: (digest) => Promise.resolve(disk.claims.get(digest) ?? null),
    async claimPlan(digest, run) {
      await tick();
      const by = disk.claims.get(digest);
      if (by !== undefined) throw planAppliedBefore(by);
      disk.claims.set(digest, run);
    },
  };
}
