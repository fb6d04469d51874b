// The run over time: one thin bar per host from its first to its last event, in the order in which they started, and below it
// the events of the run as a whole. Nothing for a plan or a snapshot.
import type { FleetView, HostView, Moment } from '../view/fleet-view.ts';
import { html, type Markup } from './markup.ts';
import { clockTime, spanWords } from './moment.ts';

/** More bars than this are no picture any more; the words tell it all. */
const drawnHosts = 400;
/** Up to so many, each bar has a line of its own with the host's name. */
const namedHosts = 40;

export function renderTimeline(view: FleetView): Markup | null {
  if (view.timeline.length === 0) return null;
  return html`<section class="timeline" aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    ${drawBars(view)}
    <ol class="moments">
      ${view.timeline.map((one) => renderMoment(one, view.at))}
    </ol>
  </section>`;
}

function renderMoment({ at, text, tone }: Moment, startedAt: string): Markup {
  return html`<li class="${tone}">
    <time>${clockTime(at)}</time><span class="aside">+${spanWords(startedAt, at)}</span><span>${text}</span>
  </li>`;
}

function drawBars(view: FleetView): Markup | null {
  const started = view.hosts
    .flatMap((host) => (host.startedAt === null ? [] : [{ host, startedAt: host.startedAt }]))
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const endAt = view.finishedAt ?? view.timeline.at(-1)?.at ?? view.at;
  const [fromMs, toMs] = [Date.parse(view.at), Math.max(Date.parse(endAt), Date.parse(view.at) + 1)];
  if (started.length === 0 || started.length > drawnHosts) return null;
  const place = (at: string): number => Math.round(((Date.parse(at) - fromMs) / (toMs - fromMs)) * 100_000) / 1000;
  const barOf = ({ host, startedAt }: StartedHost, y: number, heightPx: number): Markup => {
    const from = Math.min(place(startedAt), 99.5);
    const width = Math.max(place(host.finishedAt ?? endAt) - from, 0.4);
    return html`<rect class="bar ${host.tone}" x="${from}%" y="${y}" width="${width}%" height="${heightPx}" />`;
  };
  const axis = html`<figcaption class="axis">
    <span>${clockTime(view.at)}</span><span>${clockTime(endAt)}</span>
  </figcaption>`;
  if (started.length > namedHosts) {
    const bars = started.map((one, index) => barOf(one, index * 4, 3));
    const words = `When each of ${started.length} hosts was being changed; each host’s own section has the times`;
    return html`<figure class="gantt">
      <svg class="strip" height="${started.length * 4}" role="img" aria-label="${words}">${bars}</svg>${axis}
    </figure>`;
  }
  const lanes = started.map(
    (one) =>
      html`<li>
        <span class="mono">${one.host.host}</span
        ><svg class="strip" height="14" role="img" aria-label="${laneWords(one, endAt)}">
          <rect class="track" x="0" y="6" width="100%" height="2" />
          ${barOf(one, 1, 12)}
        </svg>
      </li>`,
  );
  return html`<figure class="gantt">
    <ul class="lanes">
      ${lanes}
    </ul>
    ${axis}
  </figure>`;
}

interface StartedHost {
  readonly host: HostView;
  readonly startedAt: string;
}

function laneWords({ host, startedAt }: StartedHost, endAt: string): string {
  return `changing from ${clockTime(startedAt)} for ${spanWords(startedAt, host.finishedAt ?? endAt)}`;
}
