// One page of `explain`, or the list of all, as text. The pages are in explanations/.
import type { Explanation, ExplanationKind } from '../explanations/explanations.ts';
import type { Cure } from '../explanations/page.ts';
import { renderFittingTable, wrapText } from './table.ts';

const kindWords: Readonly<Record<ExplanationKind, string>> = {
  failure: 'failure',
  finding: 'plan finding',
  verdict: 'verdict on a host',
};

/** Commands stand on lines of their own, unbroken, so that they can be copied. */
export function renderExplanation({ code, kind, meaning, causes, cures, see }: Explanation): string {
  const parts = [
    `${code} (${kindWords[kind]})\n${wrapText(meaning, '  ', '  ')}\n`,
    `Usual causes:\n${causes.map((cause) => `${wrapText(cause, '  - ', '    ')}\n`).join('')}`,
    `Fix (replace the words in CAPITALS):\n${cures.map(renderCure).join('')}`,
    see.length === 0 ? '' : `See also: ${see.map((one) => `fencepost explain ${one}`).join(', ')}\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function renderCure({ what, on, command }: Cure): string {
  const head = `${wrapText(what, '  - ', '    ')}${command !== null && on === 'server' ? ', on the server' : ''}\n`;
  return command === null ? head : `${head}      ${command}\n`;
}

/** Every code with the first sentence of its meaning. `width`: of the terminal; without one, a code a line. */
export function renderExplanationList(pages: readonly Explanation[], width?: number): string {
  const headings: Readonly<Record<ExplanationKind, string>> = {
    failure: 'Failures, shown in brackets after an error',
    finding: 'Findings of a plan',
    verdict: 'Verdicts on a host',
  };
  const kinds = [...new Set(pages.map((page) => page.kind))];
  return kinds
    .map((kind) => {
      const rows = pages
        .filter((page) => page.kind === kind)
        .map((page) => ['', page.code, firstSentence(page.meaning)]);
      return `${headings[kind]}\n${renderFittingTable(rows, width)}`;
    })
    .concat('fencepost explain CODE shows causes and fixes.\n')
    .join('\n');
}

function firstSentence(text: string): string {
  return /^.*?[.:](?= |$)/.exec(text)?.[0].replace(/[.:]$/, '') ?? text;
}
