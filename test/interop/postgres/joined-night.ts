// A night for the tests of joined runs: twelve servers in four groups, a canary and batches, a database whose leases last three seconds, and
// the faults that no night may have, looked for in the journal and in what the servers were sent.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '../../../src/journal/postgres/database.ts';
import { createDatabaseState } from '../../../src/journal/postgres/database-state.ts';
import { readAddress } from '../../../src/journal/postgres/address.ts';
import type { RequestRecord } from '../../../src/lab/http/http-handler.ts';
import type { MishapSpec, ServerSpec } from '../../../src/lab/scenario/server-spec.ts';
import { usualQuirks } from '../../../src/lab/machine/quirks.ts';
import type { EventOf, RunEvent } from '../../../src/model/outcome.ts';
import type { CliResult, RunningCli } from '../../support/cli.ts';
import { withLab, type TestLab } from '../../support/lab.ts';
import { readRun } from '../../support/read-journal.ts';
import type { UsedPostgres } from '../support/use-postgres.ts';

export interface JoinedNight {
  readonly lab: TestLab;
  readonly state: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly inventory: readonly string[];
  readonly plan: string;
  run(...args: readonly string[]): Promise<CliResult>;
  /** One more runner of the run `night`. */
  readonly join: (...args: readonly string[]) => RunningCli;
  /** Resolves once the servers were sent so many changes. */
  changes(count: number): Promise<void>;
  /** Changes that were sent, in the order they came. */
  readonly sent: readonly Sent[];
  readonly events: () => Promise<readonly RunEvent[]>;
  /** Resolves once this batch has finished. */
  finishedBatch(batch: number): Promise<void>;
  /** Two runners, once both have taken part and one of them changes a host: `busy` does, and `coordinates` or not. */
  joinTwo(which: 'coordinator' | 'other' | 'any'): Promise<{ readonly busy: RunningCli; readonly other: RunningCli }>;
}

interface Sent {
  readonly host: string;
  readonly line: string;
  readonly atMs: number;
}

export interface NightOptions {
  readonly playbook?: string;
  readonly mishaps?: Readonly<Record<string, readonly MishapSpec[]>>;
  /** What else is other on some servers. */
  readonly servers?: Readonly<Record<string, Partial<ServerSpec>>>;
  readonly leaseMs?: number;
  readonly hosts?: number;
}

const groups = 4;
const changing = /\b(?:add|delete) excludedportrange\b|\bsc(?:\.exe)? (?:stop|start)\b/i;

export const nightPlaybook = (strategy: string, rest = ''): string => `name: A night
hosts: exchange
exclusions:
  - { port: 9933, for: MSExchangeIMAP4BE }
  - { port: 9955, for: MSExchangePOP3BE }
strategy: { ${strategy} }
${rest}`;

const usual = nightPlaybook(
  'canary: 1, batches: [5, 100%], concurrency: 6, max_failed: 0, one_at_a_time_by: availability_group',
);

/** A night in which it did not come to what its test is about. */
export class OtherNight extends Error {}

/** Which of two runners gets which host is up to them: nights that came otherwise than a test needs them are played again, eight in all. */
export async function playTogether(
  postgres: UsedPostgres['postgres'],
  options: NightOptions,
  play: (night: JoinedNight) => Promise<void>,
): Promise<void> {
  for (let left = 8; ; left -= 1) {
    try {
      await playOnce(postgres, options, play);
      return;
    } catch (thrown) {
      if (!(thrown instanceof OtherNight) || left === 1) throw thrown;
    }
  }
}

async function playOnce(
  postgres: UsedPostgres['postgres'],
  { playbook = usual, mishaps = {}, servers = {}, leaseMs = 3000, hosts = 12 }: NightOptions,
  play: (night: JoinedNight) => Promise<void>,
): Promise<void> {
  const state = await postgres.createDatabase();
  const names = Array.from({ length: hosts }, (_, index) => `ex${String(index + 1).padStart(2, '0')}`);
  const sent: Sent[] = [];
  const waiting = new Set<() => void>();
  const started: RunningCli[] = [];
  const onRequest = (host: string, { operation, commandLine }: Pick<RequestRecord, 'operation' | 'commandLine'>) => {
    if (operation !== 'command' || commandLine === null || !changing.test(commandLine)) return;
    sent.push({ host, line: commandLine, atMs: performance.now() });
    for (const look of waiting) look();
  };
  await withLab(
    names.map((name) => {
      return { name, quirks: { ...usualQuirks, oneList: true }, mishaps: mishaps[name] ?? [], ...servers[name] };
    }),
    async (lab) => {
      const env = { FENCEPOST_STATE: state };
      const members = (group: number): string => names.filter((_, index) => index % groups === group).join(': , ');
      const children = Array.from(
        { length: groups },
        (_, group) =>
          `    dag${String(group)}:\n      hosts: { ${members(group)}: }\n      vars: { availability_group: dag${String(group)} }\n`,
      );
      const grouped = await lab.write('groups.yml', `all:\n  children:\n${children.join('')}`);
      const inventory = ['-i', lab.inventoryFile, '-i', grouped];
      const book = await lab.write('playbook.yml', playbook);
      const plan = lab.path('night.plan');
      const run = (...args: readonly string[]): Promise<CliResult> => lab.run(args, { env });
      const made = [await run('state', 'init'), await run('plan', ...inventory, '-p', book, '--out', plan)];
      for (const one of made) if (one.exitCode !== 0) throw new Error(one.stderr);
      await postgres.query(state, `UPDATE fencepost.setting SET lease_ms = ${String(leaseMs)}`);
      const join = (...args: readonly string[]): RunningCli => {
        const one = lab.start(['apply', plan, ...inventory, '--join', 'night', '--yes', ...args], {
          env,
        });
        started.push(one);
        return one;
      };
      try {
        await play({
          lab,
          state,
          inventory,
          plan,
          sent,
          before: lab.states(),
          run,
          join,
          changes: (count) =>
            new Promise((resolve) => {
              const look = (): void => {
                if (sent.length >= count) resolve();
              };
              waiting.add(look);
              look();
            }),
          events: () => readEvents(state),
          async finishedBatch(batch) {
            const text = 'SELECT FROM fencepost.joined_run WHERE finished_batch >= $1';
            while ((await postgres.query(state, text, [batch])).length === 0) await sleep(10);
          },
          async joinTwo(which) {
            const two = [join(), join()] as const;
            const processId = await findBusy(postgres, state, which);
            if (processId === null) throw new OtherNight(`no runner (${which}) was seen at work`);
            const [one, other] = two[0].processId === processId ? two : [two[1], two[0]];
            return { busy: one, other };
          },
        });
      } finally {
        for (const one of started) one.kill('SIGKILL');
        await Promise.allSettled(started.map((one) => one.ended));
      }
    },
    { delayMs: 40, onRequest },
  );
}

/** The process that is changing a host of a batch with several, once two take part. Null: the run ended, and it never came to that. */
async function findBusy(
  postgres: UsedPostgres['postgres'],
  state: string,
  which: 'coordinator' | 'other' | 'any',
): Promise<number | null> {
  for (;;) {
    const [found] = await postgres.query<{ id: number }>(
      state,
      `SELECT (h.holder->>'processId')::int AS id FROM fencepost.joined_host h
       JOIN fencepost.record c ON c.run = h.run AND h.state = 'started' AND h.batch > 1
         AND convert_from(c.line, 'UTF8') LIKE '%"type":"command-planned"%"host":"' || h.host || '"%'
       WHERE (SELECT count(DISTINCT runner) FROM fencepost.joined_host WHERE batch > 0 AND runner IS NOT NULL) > 1
         AND ($1 = 'any' OR ($1 = 'coordinator') =
           (h.runner = (SELECT runner FROM fencepost.lease WHERE key = 'run night'))) LIMIT 1`,
      [which],
    );
    if (found !== undefined) return found.id;
    const [over] = await postgres.query(state, 'SELECT FROM fencepost.joined_run WHERE closed');
    if (over !== undefined) return null;
    await sleep(10);
  }
}

export async function readEvents(address: string): Promise<readonly RunEvent[]> {
  const elapsedMs = (): number => performance.now();
  const seams = { readFile: () => Promise.reject(new Error('no file')), elapsedMs, warn: () => undefined };
  const database = createDatabase(readAddress(address), seams);
  const state = createDatabaseState(database, elapsedMs);
  try {
    const { events, damage } = await readRun(state.runs, 'night');
    if (damage !== null) throw new Error(`the journal is damaged: ${JSON.stringify(damage)}`);
    return events;
  } finally {
    await state.close();
  }
}

/** What must not be, whatever became of the runners; empty: nothing of it. `isFinished`: the run has come to its end. */
export async function findFaults(
  { events, sent, lab, before }: Pick<JoinedNight, 'events' | 'sent' | 'lab' | 'before'>,
  isFinished = true,
): Promise<readonly string[]> {
  const journal = await events();
  const faults: string[] = [];
  const verdicts = new Map<string, string>();
  const open = new Map<string, string | null>();
  let batch: EventOf<'batch-started'> | null = null;
  const startedHosts = new Set<string>();
  const planned = new Set<string>();
  for (const event of journal) {
    if (event.type === 'batch-started') {
      if (open.size > 0) faults.push(`batch ${event.batch} opens while ${[...open.keys()].join(', ')} is changed`);
      if (event.batch !== (batch?.batch ?? 0) + 1) faults.push(`batch ${event.batch} follows ${batch?.batch ?? 0}`);
      batch = event;
    }
    if (event.type === 'host-started') {
      const { host, exclusiveGroup: group } = event;
      if (startedHosts.has(host)) faults.push(`${host} is started twice`);
      startedHosts.add(host);
      if (batch?.hosts.includes(host) !== true) faults.push(`${host} is started outside its batch`);
      for (const [other, its] of open)
        if (group !== null && its === group) faults.push(`${host} is started beside ${other}`);
      open.set(host, group);
    }
    if (event.type === 'command-planned') {
      planned.add(event.host);
      if (!open.has(event.host)) faults.push(`${event.host}: a command without a start, or after its verdict`);
    }
    if (event.type === 'host-finished') {
      if (verdicts.has(event.host)) faults.push(`${event.host} has two verdicts`);
      verdicts.set(event.host, event.verdict);
      // One that is in doubt keeps its group from the others.
      if (event.verdict !== 'in-doubt') open.delete(event.host);
      else if (batch !== null) open.delete(event.host);
    }
  }
  const first = journal.at(0);
  const hosts = first?.type === 'run-started' ? first.hosts.map((one) => one.host) : [];
  if (journal.filter((one) => one.type === 'run-started').length !== 1) faults.push('the run starts more than once');
  const ends = journal.filter((one) => one.type === 'run-finished').length;
  if (isFinished && ends !== 1) faults.push(`the run ends ${String(ends)} times`);
  if (isFinished) for (const host of hosts) if (!verdicts.has(host)) faults.push(`${host} has no verdict`);
  const groupOf = (host: string): number => (Number(host.slice(2)) - 1) % groups;
  // By the servers alone: from its first change to its last, no other of its group is changed.
  const spans = hosts.flatMap((host) => {
    const own = sent.filter((one) => one.host === host);
    const [from, to] = [own.at(0), own.at(-1)];
    return from === undefined || to === undefined ? [] : [{ host, from: from.atMs, to: to.atMs }];
  });
  for (const one of spans) {
    for (const other of spans) {
      if (
        one.host < other.host &&
        groupOf(one.host) === groupOf(other.host) &&
        one.from <= other.to &&
        other.from <= one.to
      )
        faults.push(`${one.host} and ${other.host} are changed at once`);
    }
  }
  for (const host of hosts) {
    const lines = sent.filter((one) => one.host === host).map((one) => one.line);
    if (new Set(lines).size !== lines.length) faults.push(`${host}: a command was sent twice`);
  }
  const changed = lab.changedSince(before);
  for (const host of changed)
    if (!planned.has(host)) faults.push(`${host} is changed, and nothing of it was journaled`);
  if (isFinished) {
    for (const [host, verdict] of verdicts) {
      if (verdict === 'changed' && !changed.includes(host)) faults.push(`${host} is said to be changed`);
      if (verdict === 'skipped' && changed.includes(host)) faults.push(`${host} is said to be skipped`);
    }
  }
  return faults;
}
