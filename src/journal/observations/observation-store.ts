// I/O: the histories of hosts in the state directory, one small file per host, endpoint and set of desires. Written by one process at a time,
// each file whole or not at all. A damaged file is set aside when something is to be written in its place, and that is said; one that can't be
// read now is left as it is.
import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../../files/make-directory.ts';
import { hostObservations } from '../../forms/history-forms.ts';
import { Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import {
  addObservation,
  isSameHost,
  type HistoryLimits,
  type HostObservation,
  type HostObservations,
  type ObservedHost,
} from '../../model/observations/observation.ts';
import { createObservationSharing } from '../../model/observations/share-observations.ts';
import type { Locks } from '../lock.ts';

interface ReadHistories {
  readonly histories: readonly HostObservations[];
  /** Files that are no history. */
  readonly damaged: readonly string[];
}

export interface ObservationStore {
  /**
   * All of them; that there are none is no error. A file that can't be read counts as damaged. Rejects with Failure `run/unknown` when
   * nobody can say which there are.
   */
  read(): Promise<ReadHistories>;
  /**
   * Adds to the histories and takes away what is too old. Resolves with the files that were set aside. Rejects with Failure
   * `run/host-locked` while another process writes for long, `journal/unwritable`.
   */
  add(observations: readonly HostObservation[], limits: HistoryLimits): Promise<readonly string[]>;
}

const format = 'fencepost-host-history';
const version = 1;
/** Files at once. */
const width = 16;
/** Another process that writes is waited for so often, a while each time. */
const lockTries = 30;

export function createObservationStore(directory: string, locks: Locks, wait: () => Promise<void>): ObservationStore {
  const folder = join(directory, 'history');
  return {
    async read() {
      const files = await listFiles(folder);
      const sharing = createObservationSharing();
      const read = await eachOf(files, async (name) => {
        const found = await readOne(join(folder, name)).catch(() => 'damaged' as const);
        return typeof found === 'object' ? sharing.history(found) : found;
      });
      return {
        histories: read.flatMap((one) => (typeof one === 'object' ? one : [])),
        damaged: files.filter((_, at) => read[at] === 'damaged').map((name) => join(folder, name)),
      };
    },
    async add(observations, limits) {
      if (observations.length === 0) return [];
      await guard(folder, () => makeDirectory(folder, 0o700));
      const held = await acquire(locks, wait);
      try {
        return await guard(folder, () => addAll(folder, observations, limits));
      } finally {
        await held.release();
      }
    },
  };
}

async function addAll(
  folder: string,
  observations: readonly HostObservation[],
  limits: HistoryLimits,
): Promise<readonly string[]> {
  const byFile = new Map<string, HostObservation[]>();
  for (const one of observations) {
    const name = nameFile(one);
    byFile.set(name, [...(byFile.get(name) ?? []), one]);
  }
  const aside = await eachOf([...byFile], async ([name, added]) => {
    const file = join(folder, name);
    const found = await readOne(file);
    const isUsable = typeof found === 'object' && added.every((one) => isSameHost(one, found));
    let spans = isUsable ? found.spans : [];
    for (const { observation } of added) spans = addObservation(spans, observation, limits);
    const [first] = added;
    if (first === undefined) return [];
    const moved = isUsable || found === 'missing' ? [] : [await setAside(file)];
    const { host, endpoint, desired, playbook } = first;
    await replace(file, writeHistory({ host, endpoint, desired, playbook, spans }));
    return moved;
  });
  await takeAwayOld(folder, limits);
  return aside.flat();
}

function writeHistory(history: HostObservations): string {
  const body = JSON.stringify(history);
  return `{"format":"${format}","version":${version},"sha256":"${digest(body)}","history":${body}}\n`;
}

/** The very text that was written is proven, then its form. */
function parseHistory(text: string): HostObservations | null {
  const head = `{"format":"${format}","version":${version},"sha256":"`;
  const match = /^([0-9a-f]{64})","history":(.*)\}\n$/s.exec(text.startsWith(head) ? text.slice(head.length) : '');
  const [, written, body] = match ?? [];
  if (body === undefined || digest(body) !== written) return null;
  const read = hostObservations.safeParse(JSON.parse(body));
  return read.success ? read.data : null;
}

/** Rejects when the file can't be read: too many open files, or a disk that fails for a moment, damages no history. */
async function readOne(file: string): Promise<HostObservations | 'missing' | 'damaged'> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    if (readErrnoCode(thrown) === 'ENOENT') return 'missing';
    throw thrown;
  }
  return parseHistory(text) ?? 'damaged';
}

async function setAside(file: string): Promise<string> {
  const aside = `${file}.damaged-${randomBytes(4).toString('hex')}`;
  await rename(file, aside);
  return aside;
}

async function replace(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await open(beside, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}

/** Hosts that nobody looked at for so long, and what a process that died left unfinished: only the holder of the lock writes here. */
async function takeAwayOld(folder: string, { now, keepMs }: HistoryLimits): Promise<void> {
  const oldest = Date.parse(now) - keepMs;
  await eachOf(await readdir(folder), async (name) => {
    const file = join(folder, name);
    const isOld = async (): Promise<boolean> => name.endsWith('.json') && (await stat(file)).mtimeMs < oldest;
    if (name.endsWith('.tmp') || (await isOld())) await rm(file, { force: true });
  });
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith('.json')).sort();
  } catch (cause) {
    const code = readErrnoCode(cause);
    if (code === 'ENOENT') return [];
    throw new Failure('run/unknown', `the histories can't be read${code === null ? '' : ` (${code})`}`, {
      where: folder,
      hint: 'look at its rights; verdicts and runs do not depend on it',
      cause,
    });
  }
}

function nameFile({ host, endpoint, desired }: ObservedHost): string {
  const plain = host
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '_')
    .slice(0, 80);
  return `${plain}-${digest(JSON.stringify([host, endpoint, desired])).slice(0, 16)}.json`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function acquire(locks: Locks, wait: () => Promise<void>) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await locks.acquire({ key: 'history', label: 'the history of the hosts' });
    } catch (thrown) {
      const isBusy = thrown instanceof Failure && thrown.code === 'run/host-locked';
      if (!isBusy || tries === lockTries) throw thrown;
    }
    await wait();
  }
}

async function guard<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const code = readErrnoCode(cause);
    throw new Failure('journal/unwritable', `the history can't be written${code === null ? '' : ` (${code})`}`, {
      where: folder,
      hint: 'make room, or name another directory with --state-dir',
      cause,
    });
  }
}

/** In order of the items; some at once. */
async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += width) {
    results.push(...(await Promise.all(items.slice(at, at + width).map(work))));
  }
  return results;
}
