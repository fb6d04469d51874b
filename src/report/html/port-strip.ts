// One port map as two drawings: all 65,536 ports, and a close-up of the ports round those that are desired. Widths are percentages
// and labels keep their size, so that the same drawing fits a telephone and paper. The words beside it say the same.
import { formatRange, lastPort, overlaps, type PortRange } from '../../model/port-range.ts';
import type { DesiredExclusion } from '../../model/desired.ts';
import type { MappedExclusion, PortHolder, PortMap } from '../view/port-map.ts';
import { html, type Markup } from './markup.ts';

const allPorts: PortRange = { firstPort: 0, portCount: 65536 };

export interface DrawnPorts {
  readonly map: PortMap;
  readonly desired: readonly PortRange[];
  readonly holders: readonly PortHolder[];
}

/** Where the close-ups lie: whole hundreds round what is desired; the Exchange back end's 9900-9999 when nothing is. */
export function closeUps(desired: readonly Pick<DesiredExclusion, 'range'>[]): readonly PortRange[] {
  const ranges = desired.length === 0 ? [{ firstPort: 9900, portCount: 1 }] : desired.map((one) => one.range);
  const windows: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.firstPort - b.firstPort)) {
    const firstPort = Math.floor(range.firstPort / 100) * 100;
    const end = Math.min(65536, Math.ceil((lastPort(range) + 1) / 100) * 100);
    const last = windows.at(-1);
    if (last !== undefined && firstPort <= lastPort(last) + 1) {
      windows[windows.length - 1] = {
        firstPort: last.firstPort,
        portCount: Math.max(lastPort(last) + 1, end) - last.firstPort,
      };
    } else {
      windows.push({ firstPort, portCount: end - firstPort });
    }
  }
  return windows;
}

/** All ports, the close-ups outlined. */
export function drawAllPorts({ map, desired, holders }: DrawnPorts, windows: readonly PortRange[]): Markup {
  return html`<svg class="strip" height="40" role="img" aria-label="${describe(map, allPorts)}">
    <rect class="track" x="0" y="12" width="100%" height="16" />
    ${dynamicBand(map, allPorts, 12, 16)}
    ${windows.map((one) => html`<rect class="window" ${bar(one, allPorts, 5)} y="8" height="24" />`)}
    ${map.exclusions.map((one) => html`<rect class="${chooseClass(one)}" ${bar(one.range, allPorts, 2)} y="12" height="16" />`)}
    ${desired.map((one) => html`<svg x="${percent(one.firstPort + 0.5, allPorts)}" y="0" overflow="visible"><path class="wish" d="M-3.5 1h7L0 7z" /></svg>`)}
    ${holders.map((one) => html`<circle class="holder" cx="${percent(one.port + 0.5, allPorts)}" cy="35" r="2" />`)}
  </svg>`;
}

/** One window in large: a cell for each port where they are few enough to be seen. */
export function drawCloseUp({ map, desired, holders }: DrawnPorts, window: PortRange): Markup {
  const tenth = Math.max(1, Math.round(window.portCount / 10));
  const lines = Array.from({ length: 9 }, (_, index) => window.firstPort + (index + 1) * tenth);
  const seen = desired.filter((one) => overlaps(one, window));
  return html`<svg class="strip" height="52" role="img" aria-label="${describe(map, window)}">
    <rect class="track" x="0" y="16" width="100%" height="20" />
    ${dynamicBand(map, window, 16, 20)}
    ${lines.map((port) => html`<line class="tick" x1="${percent(port, window)}" x2="${percent(port, window)}" y1="16" y2="36" />`)}
    ${map.exclusions.filter((one) => overlaps(one.range, window)).map((one) => html`<rect class="${chooseClass(one)}" ${bar(cut(one.range, window), window, 3)} y="16" height="20" />`)}
    ${seen.map((one) => html`<rect class="desired" ${bar(cut(one, window), window, 3)} y="14" height="24" />`)}
    ${spaced(seen, window).map((one) => html`<text class="desiredlabel" x="${percent(one.firstPort + one.portCount / 2, window)}" y="10" text-anchor="middle">${formatRange(one)}</text>`)}
    ${holders.filter((one) => overlaps({ firstPort: one.port, portCount: 1 }, window)).map((one) => html`<circle class="holder" cx="${percent(one.port + 0.5, window)}" cy="43" r="3" />`)}
  </svg>`;
}

/** Labels that would lie over the one before are left out; the table names every range. */
function spaced(ranges: readonly PortRange[], window: PortRange): readonly PortRange[] {
  let last = Number.NEGATIVE_INFINITY;
  return ranges.filter((one) => {
    const isFree = one.firstPort - last >= window.portCount * 0.13;
    if (isFree) last = one.firstPort;
    return isFree;
  });
}

function dynamicBand({ dynamicRange }: PortMap, window: PortRange, y: number, height: number): Markup | null {
  if (dynamicRange === null || !overlaps(dynamicRange, window)) return null;
  return html`<rect class="dynamic" ${bar(cut(dynamicRange, window), window, 2)} y="${y}" height="${height}" />`;
}

function chooseClass({ administered, presence }: MappedExclusion): string {
  if (!administered) return 'foreign';
  return presence.active && presence.persistent ? 'own' : 'own half';
}

function cut(range: PortRange, window: PortRange): PortRange {
  const firstPort = Math.max(range.firstPort, window.firstPort);
  return { firstPort, portCount: Math.min(lastPort(range), lastPort(window)) - firstPort + 1 };
}

/** `x` and `width`; what is too narrow to be seen gets `leastPx` pixels instead. */
function bar(range: PortRange, window: PortRange, leastPx: number): Markup {
  const share = (range.portCount / window.portCount) * 100;
  const width = share < leastPx / 6 ? String(leastPx) : `${round(share)}%`;
  return html`x="${percent(range.firstPort, window)}" width="${width}"`;
}

function percent(port: number, window: PortRange): string {
  return `${round(((port - window.firstPort) / window.portCount) * 100)}%`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** The drawing in words. */
function describe(map: PortMap, window: PortRange): string {
  const { family, protocol, dynamicRange, exclusions, unreadStores } = map;
  const inside = exclusions.filter((one) => overlaps(one.range, window));
  const named = inside.map((one) => `${formatRange(one.range)}${one.administered ? ' administered' : ''}`);
  const unread = unreadStores.map((store) => `; the ${store} store was not read`).join('');
  const dynamic = dynamicRange === null ? 'not read' : formatRange(dynamicRange);
  return `${protocol} ports ${formatRange(window)} on ${family}: dynamic range ${dynamic}; ${named.length === 0 ? 'no exclusions' : `exclusions ${named.join(', ')}`}${unread}`;
}
