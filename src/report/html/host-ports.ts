// The ports section of one host: a table with each desired range before and after, then the port maps before and after. Families whose
// maps are the same are drawn once. It adds nothing to the view.
import { formatRange } from '../../model/port-range.ts';
import { describePresence } from '../../model/presence.ts';
import { nameExchangeRow } from '../../model/rules/fixed-ports.ts';
import type { HostView, PortCheck, PortsView } from '../view/fleet-view.ts';
import type { PortMap } from '../view/port-map.ts';
import { html, Markup } from './markup.ts';
import { dayAndTime } from './moment.ts';
import { closeUps, drawAllPorts, drawCloseUp } from './port-strip.ts';

/** By the ports they show: hosts that are alike have them as one object. */
export type DrawnPorts = Map<PortsView, { readonly desired: HostView['desired']; readonly pieces: readonly Markup[] }>;

export function renderPorts({ ports, desired, collectedAt }: HostView, drawn: DrawnPorts): readonly Markup[] {
  if (ports === null) return [];
  let known = drawn.get(ports);
  if (known?.desired !== desired) {
    known = { desired, pieces: drawPorts(ports, desired) };
    drawn.set(ports, known);
  }
  return [
    new Markup('<section class="ports"><h3>Ports</h3>'),
    html`<p class="when">
      Facts collected ${collectedAt === null ? 'at an unknown time' : dayAndTime(collectedAt)}${afterWords(ports)}
    </p>`,
    ...known.pieces,
    new Markup('</section>'),
  ];
}

function drawPorts(ports: PortsView, desired: HostView['desired']): readonly Markup[] {
  return [
    ...(ports.checks.length === 0 ? [] : [renderChecks(ports)]),
    ...alike(ports).map((one) => renderMaps(one, ports, desired)),
  ];
}

function afterWords({ afterIs }: PortsView): string {
  if (afterIs === null) return '';
  return afterIs === 'planned'
    ? '; “after” is what the plan would do'
    : '; “after” is what the host showed after its last step';
}

function renderChecks({ checks, after }: PortsView): Markup {
  const isChanging = after !== null;
  const rows = mergeFamilies(checks).map(
    ({ check, families }) =>
      html`<tr>
        <th scope="row">
          <code>${check.desired.protocol} ${formatRange(check.desired.range)}</code>
          <span class="aside"
            >${check.desired.service === null ? null : `for ${check.desired.service}, `}${families}</span
          >
        </th>
        <td>${stateMark(check.before, check)}</td>
        ${isChanging ? html`<td>${stateMark(check.after ?? check.before, check)}</td>` : null}
        <td>
          ${
            check.holders === null || check.holders.length === 0
              ? html`<span class="aside">${check.holders === null ? 'not read' : 'none'}</span>`
              : check.holders.map((one) => html`<div class="mono">${one}</div>`)
          }
        </td>
      </tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Desired ports">
    <table class="checks">
      <thead>
        <tr>
          <th scope="col">Desired</th>
          <th scope="col">${isChanging ? 'Before' : 'Found'}</th>
          ${isChanging ? html`<th scope="col">After</th>` : null}
          <th scope="col">Owner</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function stateMark(state: NonNullable<PortCheck['after']>, { desired }: PortCheck): Markup {
  const isDesired = desired.presence === 'present';
  const goal = isDesired ? 'reserved' : 'not reserved';
  // What Windows itself has taken is no fault where nothing of ours is to be there.
  const taken = isDesired ? 'bad' : 'idle';
  const tone = state === goal ? 'good' : state === 'in doubt' ? 'bad' : state === 'taken by Windows' ? taken : 'todo';
  return html`<span class="mark ${tone}">${state}</span>`;
}

/** Families of one desired range with the same text are one row. */
function mergeFamilies(
  checks: readonly PortCheck[],
): readonly { readonly check: PortCheck; readonly families: string }[] {
  const rows = new Map<string, { check: PortCheck; families: string }>();
  for (const check of checks) {
    const { desired, before, after, holders } = check;
    const key = JSON.stringify([desired.protocol, desired.range, desired.presence, before, after, holders]);
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { check, families: familyName(check.family) });
    else row.families = `${row.families} and ${familyName(check.family)}`;
  }
  return [...rows.values()];
}

interface Alike {
  readonly names: string;
  readonly before: PortMap;
  readonly after: PortMap | null;
}

/** Maps that show the same are one drawing. */
function alike({ before, after, holders }: PortsView): readonly Alike[] {
  const drawn = new Map<string, Alike>();
  for (const [index, map] of before.entries()) {
    const { family, protocol } = map;
    const later = after?.[index] ?? null;
    const open = holders.filter((one) => one.family === family && one.protocol === protocol).map((one) => one.port);
    const key = JSON.stringify([protocol, bare(map), later === null ? null : bare(later), [...new Set(open)].sort()]);
    const known = drawn.get(key);
    const names =
      known === undefined ? `${protocol} on ${familyName(family)}` : `${known.names} and ${familyName(family)}`;
    drawn.set(key, { names, before: known?.before ?? map, after: known?.after ?? later });
  }
  return [...drawn.values()];
}

function bare({ dynamicRange, exclusions, unreadStores }: PortMap): unknown {
  return [dynamicRange, exclusions, unreadStores];
}

function renderMaps({ names, before, after }: Alike, ports: PortsView, desired: HostView['desired']): Markup {
  const windows = closeUps(desired);
  const same = after === null || JSON.stringify(bare(before)) === JSON.stringify(bare(after));
  const row = (label: string, map: PortMap): Markup => {
    const holders = ports.holders.filter((one) => one.family === map.family && one.protocol === map.protocol);
    const drawn = {
      map,
      holders,
      desired: desired.filter((one) => one.protocol === map.protocol).map((one) => one.range),
    };
    return html`<div class="maprow">
      <div class="maplabel">${label}</div>
      <figure>
        ${drawAllPorts(drawn, windows)}
        <figcaption class="axis">
          <span>0</span><span>16384</span><span>32768</span><span>49152</span><span>65535</span>
        </figcaption>
      </figure>
      ${windows.map(
        (window) =>
          html`<figure>
            ${drawCloseUp(drawn, window)}
            <figcaption class="axis">
              <span>${window.firstPort}</span><span>${window.firstPort + window.portCount - 1}</span>
            </figcaption>
          </figure>`,
      )}
    </div>`;
  };
  return html`<div class="map">
    <h4>${names}</h4>
    ${row(after === null ? 'Found' : same ? 'Before and after' : 'Before', before)}${
      same ? null : row('After', after)
    }${renderList(before, same ? null : after)}
  </div>`;
}

/** The maps as a list, for those who can't see them and those who want to copy a number. */
function renderList(before: PortMap, after: PortMap | null): Markup {
  const rows = (map: PortMap): readonly Markup[] =>
    map.exclusions.map((one) => {
      const own = map.protocol === 'tcp' ? nameExchangeRow(one.range) : null;
      const owner = one.administered ? (own ?? 'administered') : 'taken by Windows';
      return html`<li><code>${formatRange(one.range)}</code> ${owner}, ${describePresence(one.presence)}</li>`;
    });
  const list = (map: PortMap): Markup =>
    map.exclusions.length === 0
      ? html`<p>No exclusions.</p>`
      : html`<ul>
          ${rows(map)}
        </ul>`;
  const dynamic = before.dynamicRange === null ? 'not read' : formatRange(before.dynamicRange);
  return html`<details class="words">
    <summary>In words</summary>
    <p>
      Dynamic range
      <code>${dynamic}</code>${before.unreadStores.map((store) => html`; the ${store} store was not read`)}.
    </p>
    ${
      after === null
        ? list(before)
        : html`<p>Before:</p>
            ${list(before)}
            <p>After:</p>
            ${list(after)}`
    }
  </details>`;
}

function familyName(family: string): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}
