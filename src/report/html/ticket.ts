// A plan on paper, for the change ticket: hosts that are alike in one row, so that a fleet fits on two sheets. Only print shows it, in the
// place of the rows that unfold; a run or a snapshot is printed host by host.
import { counted } from '../../model/text/counted.ts';
import { drawTogether } from '../text/host-ranges.ts';
import { worstFirst, type FleetView, type HostView } from '../view/fleet-view.ts';
import { html, type Markup } from './markup.ts';

export function renderTicket({ kind, hosts }: FleetView): Markup | null {
  if (kind !== 'plan') return null;
  const groups = new Map<string, HostView[]>();
  for (const host of worstFirst(hosts)) {
    const key = JSON.stringify([host.standing, describeReason(host)]);
    groups.set(key, [...(groups.get(key) ?? []), host]);
  }
  return html`<section class="ticket" aria-label="Hosts, for print">
    <h2>Hosts</h2>
    <table class="plain">
      <thead>
        <tr>
          <th>Result</th>
          <th>Hosts</th>
          <th>What will happen, or why not</th>
        </tr>
      </thead>
      <tbody>
        ${[...groups.values()].map(renderGroup)}
      </tbody>
    </table>
  </section>`;
}

function renderGroup(hosts: readonly HostView[]): Markup | null {
  const [first] = hosts;
  if (first === undefined) return null;
  const names = drawTogether(hosts.map((one) => one.host)).join(', ');
  return html`<tr>
    <td><span class="mark ${first.tone}">${first.words}</span></td>
    <td class="name">${hosts.length === 1 ? names : `${counted(hosts.length, 'host')}: ${names}`}</td>
    <td>${describeReason(first)}</td>
  </tr>`;
}

/** Of an unreached host the code: what it said may name the host. */
function describeReason({ detail, failure }: HostView): string {
  return failure === null ? detail : failure.code;
}
