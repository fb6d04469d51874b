// What `explain` prints: one page, or the list of all; for a code that nobody knows the nearest ones.
import { Failure } from '../model/failure.ts';
import { explanations } from '../report/explanations/explanations.ts';
import { renderExplanation, renderExplanationList } from '../report/text/explanation-text.ts';
import { findAllNearest } from '../yaml/nearest.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonDocument } from './json.ts';

/** Throws Failure `usage/invalid` for a code that has no page. */
export function explain(code: string | null, json: boolean): { readonly text: string; readonly exitCode: number } {
  if (code === null) {
    const text = json ? jsonDocument('explanations', { pages: explanations }) : renderExplanationList(explanations);
    return { text, exitCode: exitCodes.done };
  }
  // Copied from a message, brackets and all.
  const desired = code.replace(/^\[|\]$/g, '').toLowerCase();
  const page = explanations.find((one) => one.code === desired);
  if (page === undefined) throw unknownCode(desired);
  return { text: json ? jsonDocument('explanation', page) : renderExplanation(page), exitCode: exitCodes.done };
}

function unknownCode(desired: string): Failure {
  const codes = explanations.map((one) => one.code);
  const parts = codes.filter((code) => desired !== '' && (code.includes(desired) || code.endsWith(`/${desired}`)));
  const near = [...new Set([...parts, ...findAllNearest(desired, codes, 3)])].slice(0, 3);
  return new Failure('usage/invalid', `no page about ${desired === '' ? 'an empty code' : desired}`, {
    hint: near.length === 0 ? 'fencepost explain lists all codes' : `did you mean ${near.join(', ')}?`,
  });
}
