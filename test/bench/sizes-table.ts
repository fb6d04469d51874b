// What `npm run bench:sizes` measured, as one table in Markdown, commands down and sizes across, and what it says of the goals. Pure.
import { median } from './table.ts';

/** One command over a whole fleet of one size. */
export interface SizeFigure {
  readonly command: string;
  readonly hosts: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakMemoryMb: number;
}

/** At so many hosts peak memory has a goal. */
const manyHosts = 10_000;
const mostMb = 300;
/** CPU a host at the largest size, beside this one: linear is at most a quarter more. */
const enoughHosts = 1000;
const mostGrowth = 1.25;

/** A cell: CPU ms a host / wall s / peak MB, medians where a command was measured more than once; `-`: not measured. */
export function sizeLines(figures: readonly SizeFigure[]): readonly string[] {
  const sizes = [...new Set(figures.map((one) => one.hosts))].toSorted((a, b) => a - b);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['CPU ms a host / wall s / peak MB', ...sizes.map((size) => size.toLocaleString('en'))]),
    line(['---', ...sizes.map(() => '---')]),
    ...listCommands(figures).map((command) =>
      line([`\`${command}\``, ...sizes.map((size) => writeCell(pick(figures, command, size)))]),
    ),
  ];
}

/** A line for each command that was measured at enough hosts; none below. */
export function sizeGoalLines(figures: readonly SizeFigure[]): readonly string[] {
  return listCommands(figures).flatMap((command) => {
    const at = (hosts: number): readonly SizeFigure[] => pick(figures, command, hosts);
    const many = at(manyHosts);
    if (many.length === 0) return [];
    const peakMb = median(many.map((one) => one.peakMemoryMb));
    const memory = `${peakMb < mostMb ? 'met   ' : 'missed'}  ${command}: peak below ${String(mostMb)} MB at 10,000 hosts: ${peakMb.toFixed(0)}`;
    if (at(enoughHosts).length === 0) return [memory];
    const growth = cpuOfHost(many) / cpuOfHost(at(enoughHosts));
    const isLinear = growth <= mostGrowth;
    const linear = `${isLinear ? 'met   ' : 'missed'}  ${command}: CPU a host at 10,000 at most ${String(mostGrowth)} of that at 1,000: ${growth.toFixed(2)}`;
    return [memory, linear];
  });
}

function listCommands(figures: readonly SizeFigure[]): readonly string[] {
  return [...new Set(figures.map((one) => one.command))];
}

function pick(figures: readonly SizeFigure[], command: string, hosts: number): readonly SizeFigure[] {
  return figures.filter((one) => one.command === command && one.hosts === hosts);
}

function cpuOfHost(figures: readonly SizeFigure[]): number {
  return median(figures.map((one) => one.cpuMs / one.hosts));
}

function writeCell(figures: readonly SizeFigure[]): string {
  if (figures.length === 0) return '-';
  const cpu = cpuOfHost(figures);
  const wallS = median(figures.map((one) => one.wallMs)) / 1000;
  const peakMb = median(figures.map((one) => one.peakMemoryMb));
  return `${cpu.toFixed(cpu < 100 ? 1 : 0)} / ${wallS.toFixed(wallS < 10 ? 1 : 0)} / ${peakMb.toFixed(0)}`;
}
