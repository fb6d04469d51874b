// What unfolds under a host's row: the reason for its result and the fix, its ports, its steps with each command and answer.
// A list of pieces, so that pieces which many hosts share are kept once in the page.
import type { Finding } from '../../model/plan.ts';
import type { Happening, HostView, StepView } from '../view/fleet-view.ts';
import { atPlace } from '../view/place.ts';
import { mergeAlike } from '../../model/text/merge-alike.ts';
import { resultWords } from '../view/human-words.ts';
import { renderPorts, type DrawnPorts } from './host-ports.ts';
import { html, Markup } from './markup.ts';
import { clockTime } from './moment.ts';

/** The pieces in order; joined they are the host's HTML. `drawn`: what other hosts of the page have alike already. */
export function renderHostDetail(host: HostView, drawn: DrawnPorts): readonly Markup[] {
  return [...renderReasons(host), ...renderPorts(host, drawn), ...renderSteps(host)];
}

function renderReasons({ host, failure, findings, gaps }: HostView): readonly Markup[] {
  return [
    ...(failure === null ? [] : [renderReason('bad', atPlace(failure, host), failure.hint, failure.code)]),
    ...mergeAlike(findings, ({ severity, code, hint }) => `${severity} ${code} ${hint ?? ''}`).map(renderFinding),
    // Findings about answers say it already, once for each cause.
    ...(findings.some(isAboutAnswers) ? [] : gaps).map(({ question, reason }) =>
      renderReason('bad', `Incomplete answer about ${question}: ${reason}`, null, 'gap'),
    ),
  ];
}

function isAboutAnswers({ code }: Finding): boolean {
  return code === 'facts-incomplete' || code === 'account-rights' || code === 'netsh-refused';
}

const findingTones = { blocker: 'bad', warning: 'warn', info: 'idle' } as const;

function renderFinding({ severity, sentence, hint, code }: Finding): Markup {
  return renderReason(findingTones[severity], sentence, hint, code);
}

function renderReason(tone: string, sentence: string, fix: string | null, code: string): Markup {
  const todo = fix === null ? null : html`<p class="fix"><b>Fix:</b> ${fix}</p>`;
  return html`<div class="reason ${tone}">
    <p>${sentence} <code class="code">${code}</code></p>
    ${todo}
  </div>`;
}

/** Opening and closing tags are pieces of their own, so that what lies between them may differ from host to host. */
const tags = {
  steps: new Markup('<section class="steps"><h3>Steps</h3><ol>'),
  stepsEnd: new Markup('</ol></section>'),
  item: new Markup('<li>'),
  itemEnd: new Markup('</li>'),
  told: new Markup('<ol class="told">'),
  toldEnd: new Markup('</ol>'),
} as const;

function renderSteps({ steps }: HostView): readonly Markup[] {
  return steps.length === 0 ? [] : [tags.steps, ...steps.flatMap(renderStep), tags.stepsEnd];
}

function renderStep(step: StepView): readonly Markup[] {
  const { sign, sentence, lines, undoLines, happenings } = step;
  const { words, tone } = resultWords(step.result, step.rolledBack);
  const mark = html`<span class="mark ${tone}">${words}</span>`;
  const planned = [
    lines.map(
      (line, index) =>
        html`<li><span class="kind">${index === 0 ? 'sends' : 'if needed'}</span><code>${line}</code></li>`,
    ),
    undoLines.map((line) => html`<li><span class="kind">undo</span><code>${line}</code></li>`),
  ];
  const head = html`<p class="step"><span class="sign" aria-hidden="true">${sign}</span> ${sentence} ${mark}</p>`;
  const told =
    happenings.length === 0
      ? [
          html`<ul class="told planned">
            ${planned}
          </ul>`,
        ]
      : [tags.told, ...happenings.flatMap(renderHappening), tags.toldEnd];
  return [tags.item, head, ...told, tags.itemEnd];
}

const kindWords: Readonly<Record<Happening['kind'], string>> = {
  sent: 'sent',
  answered: 'answer',
  lost: 'lost',
  finished: 'found',
};

function renderHappening({ at, kind, direction, text }: Happening): readonly Markup[] {
  const words = direction === 'undo' && kind === 'sent' ? 'undo sent' : kindWords[kind];
  const told = kind === 'sent' ? html`<code>${text}</code>` : html`<span>${text}</span>`;
  return [
    tags.item,
    html`<time>${clockTime(at)}</time>`,
    html`<span class="kind ${kind}">${words}</span>`,
    told,
    tags.itemEnd,
  ];
}
