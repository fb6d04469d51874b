// The figures of chaos runs: counted, and as text.

export interface Tally {
  runs: number;
  hostRuns: number;
  deaths: number;
  interrupts: number;
  deeds: number;
  readonly mishaps: Map<string, number>;
  /** Stage and verdict. */
  readonly verdicts: Map<string, number>;
  readonly mismatches: { readonly seed: number; readonly what: string }[];
}

export function emptyTally(): Tally {
  return {
    runs: 0,
    hostRuns: 0,
    deaths: 0,
    interrupts: 0,
    deeds: 0,
    mishaps: new Map(),
    verdicts: new Map(),
    mismatches: [],
  };
}

export function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

export function describeTally(tally: Tally, seconds: number): string {
  const lines = (counts: ReadonlyMap<string, number>): string =>
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, times]) => `  ${String(times).padStart(7)}  ${what}`)
      .join('\n');
  const sum = [...tally.mishaps.values()].reduce((total, times) => total + times, 0);
  return [
    `${tally.runs} runs, ${tally.hostRuns} host-runs, ${seconds.toFixed(1)} s`,
    `${tally.deaths} deaths, ${tally.interrupts} interrupts, ${tally.deeds} deeds of another operator`,
    `${sum} mishaps:`,
    lines(tally.mishaps),
    'verdicts:',
    lines(tally.verdicts),
    `${tally.mismatches.length} mismatches`,
  ].join('\n');
}
