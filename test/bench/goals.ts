// What the fan-out is to reach, held against one table of a run: a line each of what was desired and what was seen. Pure; it asserts nothing, and
// leaves out what the run's sizes and delays can't answer. Ratios are taken round by round, for the load of a machine changes between rounds.
import { limitMs, median, roundByRound } from './table.ts';
import type { Client, Row, Table } from './table.ts';

/** Below so many hosts the start of a program is most of what is seen. */
const enoughHosts = 100;
/** The share of a machine that may go to other programs without a word. */
const quiet = 0.1;

/** One line that says what limits in this table, and one for each goal it can answer; none without a collect. */
export function goalLines(table: Table): readonly string[] {
  const collect = table.rows.find((row) => row.client === 'collect' && row.rounds.length > 0);
  if (collect === undefined) return [];
  const toLimit = median(collect.rounds.map((one) => one.wallMs / limitMs(table, collect, one.requestsPerHost)));
  const cpuLimits = toLimit > 2;
  const labBusy = median(collect.rounds.map((one) => one.labCpuMs / one.wallMs / (table.labProcesses ?? 1)));
  const limits = cpuLimits ? 'CPU limits' : 'delays and commands limit';
  const lines = [
    `${limits}: collect took ${toLimit.toFixed(2)} times the limit; the lab was busy ${(labBusy * 100).toFixed(0)}% of that time`,
  ];
  const others = median(collect.rounds.map((one) => one.othersShare));
  if (others > quiet) {
    lines.push(
      `other programs had ${(others * 100).toFixed(0)}% of the machine meanwhile: times and their ratios say little, CPU and memory more`,
    );
  }
  if (table.hosts < enoughHosts) return lines;
  if (table.hosts >= 1000 && collect.concurrency === 200 && !cpuLimits) {
    lines.push(atMost('wall at most 1.25 of the limit', toLimit, 1.25));
  }
  const best = bestOther(table.rows, collect);
  if (cpuLimits && best !== null) {
    lines.push(atLeast(`3 times faster than the best other client (${best.name})`, timesFaster(collect, best), 3));
  }
  for (const row of table.rows) {
    if (row.client !== 'ansible-each-question' && row.client !== 'ansible-whole-line') continue;
    if (row.rounds.length === 0) continue;
    lines.push(atLeast(`20 times faster than ${row.name}, same facts`, timesFaster(collect, row), 20));
  }
  if (table.hosts >= 10_000) {
    const peakMb = median(collect.rounds.map((one) => one.peakMemoryMb));
    lines.push(
      goal(
        'peak memory below 300 MB at 10,000 hosts',
        `${peakMb.toFixed(0)} MB at ${String(table.hosts)}`,
        peakMb < 300,
      ),
    );
  }
  const pywinrm = table.rows.find((row) => row.client === 'pywinrm' && row.rounds.length > 0);
  if (pywinrm !== undefined) {
    const share = roundByRound(collect, pywinrm, (ours, theirs) => ours.cpuMs / theirs.cpuMs);
    lines.push(goal("CPU per host below half of pywinrm's", share.toFixed(2), share < 0.5));
  }
  return lines;
}

/** Our own, and one that asks less. */
const notOther: readonly Client[] = [
  'collect',
  'plan',
  'collect-before',
  'plan-before',
  'library',
  'ansible-one-question',
];

/** The quickest of other people's clients that asked the same with as many hosts at once. */
function bestOther(rows: readonly Row[], collect: Row): Row | null {
  const wall = (row: Row): number => median(row.rounds.map((one) => one.wallMs));
  const [best] = rows
    .filter(({ client }) => !notOther.includes(client))
    .filter((row) => row.concurrency === collect.concurrency && row.rounds.length > 0)
    .toSorted((a, b) => wall(a) - wall(b));
  return best ?? null;
}

function timesFaster(collect: Row, other: Row): number {
  return roundByRound(collect, other, (ours, theirs) => theirs.wallMs / ours.wallMs);
}

function atLeast(desired: string, seen: number, least: number): string {
  return goal(desired, seen.toFixed(2), seen >= least);
}

function atMost(desired: string, seen: number, most: number): string {
  return goal(desired, seen.toFixed(2), seen <= most);
}

function goal(desired: string, seen: string, met: boolean): string {
  return `${met ? 'met   ' : 'missed'}  ${desired}: ${seen}`;
}
