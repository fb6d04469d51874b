// The fleet over time as a small picture: one bar a period, as many parts as there are standings. Inline SVG, readable without colour by its
// table. Pure; the figures come from model/observations/drift-over-time.ts.
import type { DriftPoint } from '../../model/observations/drift-over-time.ts';
import { counted } from '../../model/text/counted.ts';
import { html, type Markup } from '../html/markup.ts';

const [barWidth, barGap, height] = [10, 2, 80];

export function renderDriftChart(points: readonly DriftPoint[]): Markup | null {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 2) return null;
  const width = points.length * (barWidth + barGap) - barGap;
  const words =
    `${first.at.slice(0, 10)}: ${tellPoint(first)}; ${last.at.slice(0, 10)}: ${tellPoint(last)}; ` +
    `most drifted at once: ${String(Math.max(...points.map((one) => one.drifted)))}`;
  return html`<section class="drift" aria-labelledby="drift">
    <h2 id="drift">Drift over time</h2>
    <svg
      class="drift-chart"
      role="img"
      aria-label="${words}"
      viewBox="0 0 ${width} ${height}"
      width="${width}"
      height="${height}"
    >
      ${points.map((point, at) => drawBar(point, at * (barWidth + barGap)))}
    </svg>
    <p class="when">
      ${first.at.slice(0, 10)} to ${last.at.slice(0, 10)}, from the bottom: drifted, as desired, not known (nobody
      looked, or could tell). Last: ${tellPoint(last)}.
    </p>
    <details>
      <summary>Figures</summary>
      <table class="plain">
        <thead>
          <tr>
            <th>From</th>
            <th>Drifted</th>
            <th>As desired</th>
            <th>Not known</th>
          </tr>
        </thead>
        <tbody>
          ${points.map(
            ({ at, drifted, asDesired, unknown }) =>
              html`<tr>
                <td>${at.slice(0, 10)}</td>
                <td>${drifted}</td>
                <td>${asDesired}</td>
                <td>${unknown}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
  </section>`;
}

function tellPoint({ drifted, asDesired, unknown }: DriftPoint): string {
  return `${counted(drifted, 'host')} drifted, ${asDesired} as desired, ${unknown} not known`;
}

/** Drift lies at the bottom, where its height can be compared. */
function drawBar({ at, drifted, asDesired, unknown }: DriftPoint, x: number): Markup {
  const all = Math.max(1, drifted + asDesired + unknown);
  const scale = (count: number): number => (count / all) * height;
  const parts = [
    { tone: 'bad', y: height - scale(drifted), of: scale(drifted) },
    { tone: 'good', y: height - scale(drifted) - scale(asDesired), of: scale(asDesired) },
    { tone: 'idle', y: 0, of: scale(unknown) },
  ].filter((one) => one.of > 0);
  return html`<g>
    <title>${at.slice(0, 10)}: ${tellPoint({ at, drifted, asDesired, unknown })}</title>
    ${parts.map(
      ({ tone, y, of }) =>
        html`<rect class="${tone}" x="${x}" y="${y.toFixed(2)}" width="${barWidth}" height="${of.toFixed(2)}" />`,
    )}
  </g>`;
}
