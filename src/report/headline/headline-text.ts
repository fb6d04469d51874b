// A plan's headline for a terminal: a row for each thing that is to be known, broken into lines under its label.
import type { PlanHeadline } from '../../model/headline/plan-headline.ts';
import { noPaint, type Paint } from '../text/colour.ts';
import { wrapText } from '../text/table.ts';
import { describeHeadline } from './headline-words.ts';

export interface HeadlineTextOptions {
  /** The plan is a rollback's. */
  readonly isRollback?: boolean;
  /** Left out: none. */
  readonly paint?: Paint;
}

/** Ends in a newline. */
export function renderHeadline(
  headline: PlanHeadline,
  { isRollback = false, paint = noPaint }: HeadlineTextOptions = {},
): string {
  return describeHeadline(headline, isRollback)
    .map(({ label, value }) => `${wrapText(value, `  ${paint('quiet', label.padEnd(10))}`, ' '.repeat(12))}\n`)
    .join('');
}
