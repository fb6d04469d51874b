// One runner of the bench of states, in a process of its own: claims hosts of a joined run, locks each, appends the records that a real host had
// and releases it. Between claims it reads what is new and how the run stands, as the engine does. No host is reached.
import { readAddress } from '../../src/journal/postgres/address.ts';
import { createDatabase } from '../../src/journal/postgres/database.ts';
import { createDatabaseState } from '../../src/journal/postgres/database-state.ts';
import type { JoinedHost } from '../../src/model/joined-run.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { failedVerdicts } from '../../src/run/fleet/budget.ts';
import { mayStart } from '../../src/run/joined/may-start.ts';

export interface RunnerTask {
  readonly address: string;
  readonly run: string;
  /** The one that makes the run, and coordinates it. */
  readonly isFirst: boolean;
  readonly hosts: number;
  /** In the batch that is carried out. */
  readonly atMost: number;
  /** Of the whole run. */
  readonly concurrency: number;
  /** Of one host, in their order. */
  readonly events: readonly RunEvent[];
  readonly first: RunEvent;
}

export interface RunnerUsage {
  readonly claims: number;
  readonly claimMs: number;
  readonly turnMs: number;
  readonly records: number;
  readonly peakMemoryMb: number;
  readonly cpuMs: number;
}

const nameHost = (index: number): string => `ex${String(index + 1).padStart(5, '0')}.corp.example`;

async function carryOut(task: RunnerTask): Promise<RunnerUsage> {
  const elapsedMs = (): number => performance.now();
  const database = createDatabase(readAddress(task.address), {
    readFile: () => Promise.reject(new Error('no file')),
    elapsedMs,
    warn: (text) => {
      console.error(text);
    },
  });
  const state = createDatabaseState(database, elapsedMs);
  const joined = state.openJoined({
    run: task.run,
    user: 'bench',
    now: () => new Date().toISOString(),
    onTakeover: () => undefined,
    failing: failedVerdicts,
  });
  if (joined === null) throw new Error('a database can be joined');
  if (task.isFirst) {
    const hosts = Array.from({ length: task.hosts }, (_, index): JoinedHost => ({
      host: nameHost(index),
      batch: index < task.atMost ? 1 : 2,
      group: `dag${String(Math.floor(index / 16))}`,
    }));
    await joined.create({ digest: 'bench', text: ['{}'] }, hosts);
  }
  while ((await joined.readStanding()) === null) await new Promise((resolve) => setTimeout(resolve, 100));
  const member = await joined.join();
  const journal = joined.openJournal();
  if (task.isFirst) {
    await joined.locks.acquire({ key: `run ${task.run}`, label: `run ${task.run}` });
    await journal.append(task.first);
    await journal.append({ at: task.first.at, type: 'batch-started', batch: 1, of: 1, hosts: [] });
  }
  let [claims, claimMs, turnMs, records] = [0, 0, 0, 0];
  const strategy = {
    concurrency: task.concurrency,
    maxFailed: { kind: 'count', hosts: 0 },
    maxFailedTotal: null,
  } as const;
  const underWay = new Set<Promise<void>>();

  async function change(host: string): Promise<void> {
    const lock = await joined?.locks.acquire({ key: `${host}:5985`, label: host });
    for (const event of task.events) {
      await journal.append({ ...event, host } as RunEvent);
      records += 1;
    }
    await lock?.release();
  }

  let standing = await joined.readStanding();
  let lookedAt = 0;
  for (;;) {
    const turnedAt = elapsedMs();
    if (underWay.size === 0 || turnedAt - lookedAt > 100) {
      await joined.readNew(() => undefined);
      standing = await joined.readStanding();
      lookedAt = turnedAt;
    }
    if (standing === null || standing.batch === 0) continue;
    const claimedAt = elapsedMs();
    const host = await joined.claimHost((now) => mayStart(strategy, now));
    const now = elapsedMs();
    turnMs += claimedAt - turnedAt;
    claimMs += now - claimedAt;
    claims += 1;
    if (host !== null) {
      const run = change(host).finally(() => underWay.delete(run));
      underWay.add(run);
      continue;
    }
    if (underWay.size > 0) await Promise.race(underWay);
    else if (!standing.ofBatch.hasWaiting && standing.ofBatch.busy === 0) break;
    else await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await journal.close();
  await member.release();
  await state.close();
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  return { claims, claimMs, turnMs, records, peakMemoryMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
}

process.once('message', (task) => {
  void carryOut(task as RunnerTask).then((usage) => {
    process.send?.(usage, () => {
      process.exit(0);
    });
  });
});
