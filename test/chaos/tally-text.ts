// The figures of chaos runs, as text.
import type { Tally } from './play.ts';

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
