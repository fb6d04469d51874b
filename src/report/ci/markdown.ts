// A view as markdown for $GITHUB_STEP_SUMMARY and merge requests: counts, then what needs a person, worst first, then the rest by
// name. It never grows above its limit: GitHub drops a summary above 1024 KiB as a whole, so the end is left out and a line says so.
import {
  countStandings,
  worstFirst,
  type CheckedFleetView,
  type FleetView,
  type HostView,
} from '../view/fleet-view.ts';
import { describeHeadline } from '../headline/headline-words.ts';
import { mergeAlike } from '../../model/text/merge-alike.ts';
import { describeMissing, missingCheck, missingFix } from '../discovery/missing-words.ts';
import { problemsOfHost, type Problem } from './problems.ts';
import { counted } from '../../model/text/counted.ts';
import { visibleText } from '../../model/text/visible-text.ts';

/** 1 MiB less what a runner may add itself. */
export const markdownLimitBytes = 1024 * 1024 - 4096;

/** `limitBytes`: of the text as UTF-8. At least 4096 is assumed. */
export function writeMarkdown(view: CheckedFleetView, limitBytes = markdownLimitBytes): string {
  const head = `${renderHead(view)}${renderCounts(view)}${renderHeadline(view)}${renderAlerts(view)}`;
  const text = new LimitedText(limitBytes - 300, head);
  addMissing(view.notInInventory ?? [], text);
  const troubled = worstFirst(view.hosts).flatMap((host) => {
    const problems = problemsOfHost(host, view);
    return problems.length > 0 || host.standing === 'skipped' || host.standing === 'changes'
      ? [{ host, problems }]
      : [];
  });
  if (troubled.length > 0) {
    text.add('\n| host | result | what | fix |\n| --- | --- | --- | --- |\n');
    let shown = 0;
    for (const { host, problems } of troubled) {
      if (!text.add(renderRow(host, problems))) break;
      shown += 1;
    }
    if (shown < troubled.length) return `${text.value}\n${leftOut(troubled.length - shown)}`;
  }
  const named = new Set(troubled.map((one) => one.host));
  const calm = worstFirst(view.hosts).filter((host) => !named.has(host));
  for (const { standing, words } of countStandings(calm)) {
    const names = calm.filter((one) => one.standing === standing).map((one) => `<code>${escapeHtml(one.host)}</code>`);
    const block = `\n<details><summary>${counted(names.length, 'host')}: ${escapeHtml(words)}</summary>\n\n${names.join(', ')}\n\n</details>\n`;
    if (!text.add(block)) return `${text.value}\n${leftOut(names.length)}`;
  }
  return text.value;
}

export function leftOut(count: number): string {
  return `_${counted(count, 'more host')} not shown: a summary has a size limit. See \`fencepost report\` or \`--json\` for all._\n`;
}

function renderHead(view: FleetView): string {
  const about = [
    view.run === null ? view.kind : `${view.kind}, run ${view.run}`,
    view.at,
    ...(view.finishedAt === null ? [] : [`to ${view.finishedAt}`]),
  ];
  return `## ${cell(view.title)}\n\n${cell(about.join(', '))}\n\n`;
}

function renderCounts(view: FleetView): string {
  const counts = countStandings(view.hosts).map((one) => `**${one.count}** ${cell(one.words)}`);
  return `${counted(view.hosts.length, 'host')}: ${counts.join(', ')}\n`;
}

function renderHeadline({ headline }: FleetView): string {
  if (headline === null) return '';
  const rows = describeHeadline(headline).map(({ label, value }) => `| ${cell(label)} | ${cell(value)} |\n`);
  return `\n| plan | |\n| --- | --- |\n${rows.join('')}`;
}

function renderAlerts({ alerts }: FleetView): string {
  return alerts.map((alert) => `\n> **${cell(alert)}**\n`).join('');
}

/** So many are named: the hosts need room as well, and JUnit and `--json` have all. */
const namedServers = 50;

function addMissing(names: readonly string[], text: LimitedText): void {
  if (names.length === 0) return;
  const head = `\n**${cell(describeMissing(names.length))}** (${missingCheck})\n\nfix: \`${missingFix}\`\n`;
  const named = names.slice(0, namedServers).map((name) => `- <code>${escapeHtml(name)}</code>\n`);
  const more = names.length - named.length;
  const rest = more === 0 ? '' : `\n_${counted(more, 'more server')} not named here_\n`;
  if (!text.add(`${head}\n${named.join('')}${rest}`)) text.add(head);
}

function renderRow(host: HostView, problems: readonly Problem[]): string {
  const merged = mergeAlike(problems, ({ check, fix }) => `${check} ${fix ?? ''}`);
  const told = merged.length > 0 ? merged.map((one) => one.sentence) : tellQuietly(host);
  const fixes = problems.flatMap((one) => one.fix ?? []);
  return `| ${[[host.host], [host.words], told, [...new Set(fixes)]].map((lines) => lines.map(cell).join('<br>')).join(' | ')} |\n`;
}

function tellQuietly({ standing, steps, detail }: HostView): readonly string[] {
  return standing === 'changes' ? steps.map((step) => `${step.sign} ${step.sentence}`) : [detail];
}

/** Text in which nothing is markdown, HTML, a mention, a link or a second table cell. GitHub makes links of bare addresses too. */
export function cell(text: string): string {
  const plain = escapeHtml(text.replaceAll(/[ \t\r\n]+/g, ' ').trim());
  return plain
    .replaceAll(/[\\`*_{}[\]|~@]|:(?=\/\/)|(?<=www)\./gi, (found) => `&#${found.charCodeAt(0)};`)
    .replaceAll(/(?<=mailto|xmpp):/gi, '&#58;');
}

function escapeHtml(text: string): string {
  return visibleText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Text that takes a piece whole or not at all. */
export class LimitedText {
  readonly #limitBytes: number;
  #bytes: number;
  value: string;

  constructor(limitBytes: number, value: string) {
    this.#limitBytes = limitBytes;
    this.value = value;
    this.#bytes = Buffer.byteLength(value);
  }

  add(piece: string): boolean {
    const bytes = Buffer.byteLength(piece);
    if (this.#bytes + bytes > this.#limitBytes) return false;
    this.#bytes += bytes;
    this.value += piece;
    return true;
  }
}
