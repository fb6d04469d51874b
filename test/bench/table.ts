// What a bench measured, as rows of text. Pure.

/** One run of one client over the whole fleet. */
export interface Round {
  readonly wallMs: number;
  /** Of the client with its threads and children. */
  readonly cpuMs: number;
  readonly peakMemoryMb: number;
  readonly requestsPerHost: number;
  readonly connectionsPerHost: number;
  /** Shells that were still there a second after its end. */
  readonly shellsLeft: number;
  readonly labCpuMs: number;
  /** Of all the CPU that the machine had meanwhile, the part that neither the client nor the lab took nor was left idle: 0 to 1. */
  readonly othersShare: number;
}

export type Client =
  | 'collect'
  | 'plan'
  | 'collect-before'
  | 'plan-before'
  | 'library'
  | 'pywinrm'
  | 'pypsrp'
  | 'awinrm'
  | 'go'
  | 'ansible-one-question'
  | 'ansible-each-question'
  | 'ansible-whole-line';

export interface Row {
  readonly client: Client;
  readonly name: string;
  /** Hosts at once. */
  readonly concurrency: number;
  /** Empty when the client failed. */
  readonly rounds: readonly Round[];
}

export interface Table {
  readonly hosts: number;
  /** Every answer is held back so long. */
  readonly delayMs: number;
  /** A command takes so long. */
  readonly commandMs: number;
  /** Default 1. */
  readonly labProcesses?: number;
  readonly rows: readonly Row[];
}

/** What no client with these round trips can go below, were it and the servers infinitely fast. */
export function limitMs({ hosts, delayMs, commandMs }: Table, { concurrency }: Row, requestsPerHost: number): number {
  return ((requestsPerHost * delayMs + commandMs) * hosts) / concurrency;
}

export function tableLines(table: Table): readonly string[] {
  const { hosts, delayMs, commandMs, rows } = table;
  const first = rows.find((one) => one.rounds.length > 0);
  const heads = [
    'at once',
    'wall ms',
    'to limit',
    'to first',
    'requests/host',
    'cpu ms/host',
    'peak MB',
    'lab cpu/host',
    'shells left',
  ];
  return [
    `${String(hosts)} hosts, every answer held back ${String(delayMs)} ms, a command takes ${String(commandMs)} ms`,
    '',
    row(['', ...heads]),
    ...rows.map((one) => {
      const { name, concurrency, rounds } = one;
      if (rounds.length === 0) return row([name, String(concurrency), 'failed']);
      const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
      const wallMs = of((round) => round.wallMs);
      return row([
        name,
        String(concurrency),
        wallMs.toFixed(0),
        of((round) => round.wallMs / limitMs(table, one, round.requestsPerHost)).toFixed(2),
        (first === undefined ? Number.NaN : roundByRound(one, first, (ours, its) => ours.wallMs / its.wallMs)).toFixed(
          2,
        ),
        of((round) => round.requestsPerHost).toFixed(2),
        (of((round) => round.cpuMs) / hosts).toFixed(1),
        of((round) => round.peakMemoryMb).toFixed(0),
        (of((round) => round.labCpuMs) / hosts).toFixed(1),
        of((round) => round.shellsLeft).toFixed(0),
      ]);
    }),
  ];
}

/** The median over the rounds that both have: the load of a machine changes between rounds, less so within one. */
export function roundByRound(a: Row, b: Row, ratio: (a: Round, b: Round) => number): number {
  return median(
    a.rounds.flatMap((one, index) => {
      const other = b.rounds[index];
      return other === undefined ? [] : [ratio(one, other)];
    }),
  );
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function row([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(34)}${cells.map((cell) => cell.padStart(14)).join('')}`;
}
