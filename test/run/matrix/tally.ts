// Counts what the nights of the matrix came to, and writes it as one table that fits a CI log, with what it counts. It judges nothing.
import type { Judgement } from './judge-night.ts';

interface Row {
  tried: number;
  before: number;
  desired: number;
  between: number;
  down: number;
  downByWindows: number;
  longestDownMs: number;
}

export interface Tally {
  /** `place`: what the row is called, column by column. */
  add(place: readonly string[], judgement: Judgement): void;
  write(): string;
}

const heading = ['nights', 'as before', 'as desired', 'between', 'down', 'Manual', 'outage'];

const legend = `Nights, counted by how the host was at the end: its tables as before, as desired, or in between.
down: its mail service, left so by the run. Manual: a restart stopped it, and Windows starts none
that is Manual. outage: the longest that ended.`;

export function createTally(names: readonly string[]): Tally {
  const rows = new Map<string, Row>();
  let nights = 0;
  return {
    add(place, { end, isServiceUp, isDownByWindows, longestDownMs }) {
      nights += 1;
      const key = place.join('\t');
      const row = rows.get(key) ?? {
        tried: 0,
        before: 0,
        desired: 0,
        between: 0,
        down: 0,
        downByWindows: 0,
        longestDownMs: 0,
      };
      rows.set(key, row);
      row.tried += 1;
      row[end] += 1;
      if (isDownByWindows) row.downByWindows += 1;
      else if (isServiceUp) row.longestDownMs = Math.max(row.longestDownMs, longestDownMs);
      else row.down += 1;
    },
    write() {
      const lines = [...rows].map(([key, row]) => {
        const { tried, before, desired, between, down, downByWindows, longestDownMs } = row;
        const counts = [tried, before, desired, between, down, downByWindows].map(String);
        return [...key.split('\t'), ...counts, `${Math.ceil(longestDownMs / 1000)} s`];
      });
      return `${align([[...names, ...heading], ...lines])}\n${legend}\n${nights} nights`;
    },
  };
}

function align(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((one) => one[column]?.length ?? 0)));
  return lines
    .map((one) =>
      one
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
