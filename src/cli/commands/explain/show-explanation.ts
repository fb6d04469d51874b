// What `explain` prints: one page, or the list of all; for a code that nobody knows the nearest ones.
import { Failure } from '../../../model/failure.ts';
import { explanations } from '../../../report/explanations/explanations.ts';
import { renderExplanation, renderExplanationList } from '../../../report/text/explanation-text.ts';
import { findAllNearest } from '../../../yaml/nearest.ts';
import { exitCodes } from '../../exit-codes.ts';
import { jsonDocument } from '../../json.ts';

/** Throws Failure `usage/invalid` for a code that has no page. */
export function explain(code: string | null, json: boolean): { readonly text: string; readonly exitCode: number } {
  if (code === null) {
    const text = json ? jsonDocument('explanations', { pages: explanations }) : renderExplanationList(explanations);
    return { text, exitCode: exitCodes.done };
  }
  // Copied from a message, brackets and all.
  const wanted = code.replace(/^\[|\]$/g, '').toLowerCase();
  const page = explanations.find((one) => one.code === wanted);
  if (page === undefined) throw unknownCode(wanted);
  return { text: json ? jsonDocument('explanation', page) : renderExplanation(page), exitCode: exitCodes.done };
}

function unknownCode(wanted: string): Failure {
  const codes = explanations.map((one) => one.code);
  const parts = codes.filter((code) => wanted !== '' && (code.includes(wanted) || code.endsWith(`/${wanted}`)));
  const near = [...new Set([...parts, ...findAllNearest(wanted, codes, 3)])].slice(0, 3);
  return new Failure('usage/invalid', `no page about ${wanted === '' ? 'an empty code' : wanted}`, {
    hint: near.length === 0 ? 'fencepost explain lists all codes' : `did you mean ${near.join(', ')}?`,
  });
}
