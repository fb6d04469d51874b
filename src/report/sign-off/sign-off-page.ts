// What is signed off, as one HTML file without scripts that loads nothing: for the change record, and for paper.
import { counted } from '../../model/text/counted.ts';
import { renderHeadlineList } from '../headline/headline-html.ts';
import { renderDocument } from '../html/document.ts';
import { html, type Markup } from '../html/markup.ts';
import { dayAndTime } from '../html/moment.ts';
import { planStateWords } from '../view/human-words.ts';
import { describeHostBackEnds } from './sign-off-back-ends.ts';
import { describeAccount, describeOutage } from './sign-off-text.ts';
import { describeAllDesired, type SignOff, type SignOffHost, type SignOffStep } from './sign-off-view.ts';

/** The whole document, ending in a newline. */
export function renderSignOffPage(view: SignOff): string {
  const body = html`${renderHead(view)}
    <main>${renderOutline(view)} ${view.hosts.map(renderHost)}</main>
    <footer>Times are UTC. This page is self-contained: it loads nothing and sends nothing.</footer>`;
  return renderDocument({ title: `${view.playbook.name} · plan ${view.shortDigest}`, body });
}

function renderHead(view: SignOff): Markup {
  const { playbook, inventory } = view;
  return html`<header class="top">
    <p class="kind"><b>Fencepost</b> · Plan ${view.shortDigest}, to be signed off</p>
    <h1>${playbook.name}</h1>
    <p class="times">${dayAndTime(view.createdAt)}</p>
    <dl class="about">
      ${renderRow('Plan digest', view.digest)} ${renderRow('Planned by', view.createdBy)}
      ${renderRow('Made with', `Fencepost ${view.toolVersion}`)}
      ${renderRow('Playbook', `${playbook.file} (sha256 ${playbook.sha256})`)}
      ${renderRow('Inventory', `${inventory.files.join(', ')} (sha256 ${inventory.sha256})`)}
      ${view.guard === undefined ? null : renderRow('Guard', view.guard)}
      ${describeAllDesired(view).map((one) => renderRow('Desired on every host', one))}
    </dl>
  </header>`;
}

function renderRow(label: string, value: string): Markup {
  return html`<dt>${label}</dt>
    <dd>${value}</dd>`;
}

function renderOutline({ counts, headline, outages }: SignOff): Markup {
  return html`<section>
    <h2>${counts.changing} of ${counted(counts.hosts, 'host')} to change</h2>
    ${renderHeadlineList(headline)} ${outages.length === 0 ? html`<p>No service is stopped.</p>` : null}
    ${outages.map((one) => html`<p class="alert">${describeOutage(one)}</p>`)}
  </section>`;
}

function renderHost(host: SignOffHost): Markup {
  const { proxy, trust, backEnds, failure } = host;
  return html`<section>
    <h2 class="name">${host.host}: ${planStateWords(host.state, false)}</h2>
    <dl class="about">
      ${renderRow('Address', proxy === null ? host.address : `${host.address} through the proxy ${proxy}`)}
      ${renderRow('Account', describeAccount(host))} ${renderRow('Method', `${host.method} (${host.credential})`)}
      ${trust === null ? null : renderRow('Trusts', trust)}
      ${backEnds === undefined ? null : renderRow('Back-end ports', describeHostBackEnds(backEnds))}
    </dl>
    ${host.findings.map((one) => html`<p>${one.severity}: ${one.sentence}</p>`)}
    ${failure === null ? null : html`<p>${failure.message} <code class="code">${failure.code}</code></p>`}
    ${host.steps.map(renderStep)} ${host.guard === undefined ? null : renderGuard(host.guard)}
  </section>`;
}

function renderGuard(lines: readonly string[]): Markup {
  return html`<p class="step">Its guard, unless called off</p>
    <ul class="told planned">
      ${lines.map((line) => html`<li><span class="kind">sends</span> <code>${line}</code></li>`)}
    </ul>`;
}

function renderStep({ number, sentence, commands, undo }: SignOffStep): Markup {
  const list = (kind: string, lines: readonly string[]): readonly Markup[] =>
    lines.map((line) => html`<li><span class="kind">${kind}</span> <code>${line}</code></li>`);
  return html`<p class="step">${number}. ${sentence}</p>
    <ul class="told planned">
      ${list('sends', commands.slice(0, 1))}${list('if needed', commands.slice(1))}${list('undo', undo)}
    </ul>`;
}
