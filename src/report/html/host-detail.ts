// What unfolds under a host's row: why it stands as it does and what to do, its ports, its steps with all that was asked and answered.
// A list of pieces, so that pieces which many hosts share are kept once in the page.
import type { Finding } from '../../model/plan.ts';
import type { Happening, HostView, StepView } from '../fleet-view.ts';
import { renderPorts } from './host-ports.ts';
import { html, type Markup } from './markup.ts';
import { clockTime } from './moment.ts';

/** The pieces in order; joined they are the host's HTML. */
export function renderHostDetail(host: HostView): readonly Markup[] {
  return [...renderReasons(host), ...renderPorts(host), ...renderSteps(host)];
}

function renderReasons({ failure, detail, findings, gaps }: HostView): readonly Markup[] {
  const told = failure === null ? [] : [renderReason('bad', failure.message, failure.hint, failure.code)];
  const extra = detail !== '' && detail !== failure?.message ? [html`<p class="detail">${detail}</p>`] : [];
  return [
    ...extra,
    ...told,
    ...findings.filter((one) => one.sentence !== detail || one.hint !== null).map(renderFinding),
    ...gaps.map((gap) =>
      renderReason('bad', `The answer about ${gap.question} could not be read whole: ${gap.reason}`, null, 'gap'),
    ),
  ];
}

const findingTones = { blocker: 'bad', warning: 'warn', info: 'idle' } as const;

function renderFinding({ severity, sentence, hint, code }: Finding): Markup {
  return renderReason(findingTones[severity], sentence, hint, code);
}

function renderReason(tone: string, sentence: string, cure: string | null, code: string): Markup {
  const todo = cure === null ? null : html`<p class="cure"><b>What to do:</b> ${cure}</p>`;
  return html`<div class="reason ${tone}">
    <p>${sentence} <code class="code">${code}</code></p>
    ${todo}
  </div>`;
}

function renderSteps({ steps }: HostView): readonly Markup[] {
  if (steps.length === 0) return [];
  return [
    html`<section class="steps">
      <h3>Steps</h3>
      <ol></ol>
    </section>`,
    ...steps.flatMap(renderStep),
    html`</ol></section>`,
  ];
}

const resultTones: Readonly<Record<StepView['result'], string>> = {
  done: 'good',
  'not-needed': 'good',
  failed: 'bad',
  'in-doubt': 'bad',
  open: 'bad',
  planned: 'todo',
  'not-run': 'idle',
};

const resultWords: Readonly<Record<StepView['result'], string>> = {
  done: 'done',
  'not-needed': 'done already',
  failed: 'failed',
  'in-doubt': 'in doubt',
  open: 'open: no answer in the journal',
  planned: 'planned',
  'not-run': 'not run',
};

function renderStep({ sign, sentence, result, takenBack, lines, undoLines, happenings }: StepView): readonly Markup[] {
  const mark = takenBack
    ? html`<span class="mark warn">taken back</span>`
    : html`<span class="mark ${resultTones[result]}">${resultWords[result]}</span>`;
  const planned = [
    lines.map(
      (line, index) =>
        html`<li><span class="kind">${index === 0 ? 'sends' : 'if needed'}</span><code>${line}</code></li>`,
    ),
    undoLines.map((line) => html`<li><span class="kind">way back</span><code>${line}</code></li>`),
  ];
  return [
    html`<li>
      <p class="step"><span class="sign" aria-hidden="true">${sign}</span> ${sentence} ${mark}</p>
    </li>`,
    ...(happenings.length === 0
      ? [
          html`<ul class="told">
            ${planned}
          </ul>`,
        ]
      : [html`<ol class="told"></ol>`, ...happenings.flatMap(renderHappening), html`</ol>`]),
    html`</li>`,
  ];
}

const kindWords: Readonly<Record<Happening['kind'], string>> = {
  sent: 'sent',
  answered: 'answer',
  lost: 'lost',
  ended: 'found',
};

function renderHappening({ at, kind, direction, text }: Happening): readonly Markup[] {
  const words = direction === 'undo' && kind === 'sent' ? 'sent back' : kindWords[kind];
  const told = kind === 'sent' ? html`<code>${text}</code>` : html`<span>${text}</span>`;
  return [
    html`<li class="${kind}"><time>${clockTime(at)}</time></li>`,
    html`<span class="kind">${words}</span>${told}</li>`,
  ];
}
