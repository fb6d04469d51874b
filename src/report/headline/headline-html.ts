// A plan's headline as a list of terms, for the report page and the page that is signed off.
import type { PlanHeadline } from '../../model/headline/plan-headline.ts';
import { html, type Markup } from '../html/markup.ts';
import { describeHeadline } from './headline-words.ts';

export function renderHeadlineList(headline: PlanHeadline): Markup {
  return html`<dl class="about headline">
    ${describeHeadline(headline).map(
      ({ label, value }) =>
        html`<dt>${label}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}
