// Figures of one command at each size in, one table and its goals out.
import { expect, test } from 'vitest';
import { sizeGoalLines, sizeLines, type SizeFigure } from './sizes-table.ts';

const figure = (command: string, hosts: number, cpuOfHostMs: number, peakMemoryMb = 100): SizeFigure => ({
  command,
  hosts,
  cpuMs: cpuOfHostMs * hosts,
  wallMs: 61_234,
  peakMemoryMb,
});

test('commands stand below each other in their order, sizes beside each other by number; what was not measured is said', () => {
  expect(sizeLines([figure('plan', 1000, 6.04), figure('plan', 1, 612.3), figure('resume', 1000, 12)])).toEqual([
    '| CPU ms a host / wall s / peak MB | 1 | 1,000 |',
    '| --- | --- | --- |',
    '| `plan` | 612 / 61 / 100 | 6.0 / 61 / 100 |',
    '| `resume` | - | 12.0 / 61 / 100 |',
  ]);
});

test('of several rounds the median counts', () => {
  const rounds = [5, 9, 6].map((cpu) => figure('plan', 10, cpu, 100 + cpu));
  expect(sizeLines(rounds).at(-1)).toBe('| `plan` | 6.0 / 61 / 106 |');
});

test.each([
  [299.4, 'met     plan: peak below 300 MB at 10,000 hosts: 299'],
  [300, 'missed  plan: peak below 300 MB at 10,000 hosts: 300'],
])('a peak of %d MB', (peakMb, line) => {
  expect(sizeGoalLines([figure('plan', 10_000, 5, peakMb)])).toEqual([line]);
});

test.each([
  [7.5, 'met     plan: CPU a host at 10,000 at most 1.25 of that at 1,000: 1.25'],
  [7.6, 'missed  plan: CPU a host at 10,000 at most 1.25 of that at 1,000: 1.27'],
])('%d ms of CPU a host, beside 6 at a thousand', (cpuMs, line) => {
  expect(sizeGoalLines([figure('plan', 1000, 6), figure('plan', 10_000, cpuMs)]).at(-1)).toBe(line);
});

test('a smaller fleet answers no goal', () => {
  expect(sizeGoalLines([figure('plan', 1000, 6), figure('plan', 2500, 6, 400)])).toEqual([]);
});
