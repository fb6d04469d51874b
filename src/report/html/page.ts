// A view as one HTML file (document.ts), in parts: what is as long as the fleet is never in memory as a whole. A viewer that runs no scripts
// shows every host as a plain table.
import { countStandings, worstFirst, type FleetView, type HostView } from '../view/fleet-view.ts';
import type { ReportKind } from '../view/human-words.ts';
import { counted } from '../../model/text/counted.ts';
import { renderDriftChart } from '../history/drift-chart.ts';
import { renderHeadlineList } from '../headline/headline-html.ts';
import { renderDocument } from './document.ts';
import type { Markup } from './markup.ts';
import { fillHoles, hole, html, type Insert } from './markup.ts';
import { dayAndTime, spanWords } from './moment.ts';
import { listFilterGroups, describeSystem, writePageData } from './page-data.ts';
import { runPage } from './page-script.ts';
import { renderTicket } from './ticket.ts';
import { renderTimeline } from './timeline.ts';

const kindWords: Readonly<Record<ReportKind, string>> = {
  apply: 'Report of a run',
  rollback: 'Report of a rollback',
  plan: 'Plan (dry run, nothing changed)',
  verify: 'Verification',
  snapshot: 'Snapshot of the fleet',
};

/** The parts of the document, in order; it ends in a newline. */
export function renderPage(view: FleetView): Iterable<string> {
  // Indented with blanks, whatever compiled it: a tab would be shown as one on stdout, and the digest would be another.
  const script = `(${String(runPage)})(window);`.replaceAll('\t', '  ');
  const body = html`<a class="skip" href="#hosts">Skip to the hosts</a>
    ${renderHead(view)}
    <main>
      ${renderSummary(view)} ${renderDriftChart(view.drift ?? [])} ${renderTicket(view)} ${renderHosts(view)}
      ${renderTimeline(view)}
    </main>
    <footer>Times are UTC. This page is self-contained: it loads nothing and sends nothing.</footer>
    <script type="application/json" id="fleet-data">
      ${hole}
    </script>`;
  const text = renderDocument({ title: `${view.title} · ${view.run ?? dayAndTime(view.at)}`, body, script });
  return fillHoles(text, [plainRows(view.hosts), writePageData(view)]);
}

function renderHead({ kind, title, at, finishedAt, about, alerts }: FleetView): Markup {
  const finished = finishedAt === null ? null : html` to ${dayAndTime(finishedAt)}, ${spanWords(at, finishedAt)}`;
  return html`<header class="top">
    <p class="kind"><b>Fencepost</b> · ${kindWords[kind]}</p>
    <h1>${title}</h1>
    <p class="times">${dayAndTime(at)}${finished}</p>
    ${alerts.map((alert) => html`<p class="alert" role="alert">${alert}</p>`)}
    <dl class="about">
      ${about.map(
        ({ label, value }) =>
          html`<dt>${label}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </header>`;
}

function renderSummary({ hosts, headline }: FleetView): Markup {
  const counts = countStandings(hosts);
  let before = 0;
  const shares = counts.map(({ tone, count }) => {
    const x = (before / hosts.length) * 100;
    before += count;
    return html`<rect
      class="${tone}"
      x="${x.toFixed(3)}%"
      width="${((count / hosts.length) * 100).toFixed(3)}%"
      height="10"
    />`;
  });
  const words = counts.map(({ count, words: told }) => `${count} ${told}`).join(', ');
  return html`<section aria-labelledby="summary">
    <h2 id="summary">${counted(hosts.length, 'host')}</h2>
    <svg class="share" role="img" aria-label="${words}">${shares}</svg>
    <ul class="counts">
      ${counts.map(
        ({ standing, words: told, tone, count }) =>
          html`<li>
            <button type="button" class="${tone}" data-standing="${standing}" aria-pressed="false">
              <b>${count}</b><span>${told}</span>
            </button>
          </li>`,
      )}
    </ul>
    ${headline === null ? null : renderHeadlineList(headline)}
  </section>`;
}

function renderHosts({ hosts }: FleetView): Markup {
  const groups = [...new Set(hosts.flatMap(listFilterGroups))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return html`<section aria-labelledby="hosts-title">
    <h2 id="hosts-title">Hosts</h2>
    <div class="tools" role="search" aria-label="Filter hosts">
      <label
        >Search
        <input
          id="search"
          type="search"
          autocomplete="off"
          spellcheck="false"
          placeholder="name, system, reason"
          aria-keyshortcuts="/"
      /></label>
      <label
        >Group
        <select id="group">
          <option value="">all</option>
          ${groups.map((one) => html`<option value="${one}">${one}</option>`)}
        </select></label
      >
      <button type="button" id="reset">Clear filters</button
      ><button type="button" id="unfold">Expand or collapse all shown</button> <span id="status" role="status"></span>
    </div>
    ${renderLegend()}
    <ol id="hosts" tabindex="-1"></ol>
    <div id="more" hidden><button type="button" id="more-button">Show more hosts</button></div>
    <noscript
      ><p class="alert">
        Scripts are off here: hosts are listed without ports and steps. Open the file in a browser for the full report.
      </p>
      ${renderPlainTable()}</noscript
    >
  </section>`;
}

function* plainRows(hosts: readonly HostView[]): Generator<string> {
  for (const host of worstFirst(hosts)) {
    yield html`<tr>
      <td><span class="mark ${host.tone}">${host.words}</span></td>
      <td class="name">${host.host}</td>
      <td>${describeSystem(host)}</td>
      <td>${host.detail}</td>
    </tr>`.text;
  }
}

function renderPlainTable(): Markup {
  return html`<table class="plain">
    <thead>
      <tr>
        <th>Result</th>
        <th>Host</th>
        <th>System</th>
        <th>Reason</th>
      </tr>
    </thead>
    <tbody>
      ${hole}
    </tbody>
  </table>`;
}

function renderLegend(): Markup {
  const swatch = (inner: Insert, words: string): Markup =>
    html`<li><svg width="14" height="14" aria-hidden="true">${inner}</svg>${words}</li>`;
  const box = (className: string): Markup => html`<rect class="${className}" x="1" y="2" width="12" height="10" />`;
  return html`<ul class="legend" aria-label="Colours of the port maps">
    ${swatch(box('dynamic'), 'dynamic range')}${swatch(box('own'), 'administered exclusion')}${swatch(
      box('own half'),
      'in one store only',
    )}${swatch(box('foreign'), 'taken by Windows')}${swatch(box('desired'), 'desired')}${swatch(html`<circle class="holder" cx="7" cy="7" r="3" />`, 'port in use')}
  </ul>`;
}
