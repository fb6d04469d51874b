import { Failure } from '../../model/failure.ts';
import { defineCommand } from '../define-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions } from '../options.ts';

export const explainCommand = defineCommand({
  command: 'explain [code]',
  describe: 'Explain a code or a verdict: its meaning, usual causes and fixes; without one: list them all',
  positionals: { code: { type: 'string', describe: 'A code as messages show it in brackets, or a verdict' } },
  options: commonOptions,
  examples: [['explain auth/refused', 'why a logon is refused, and what to check']],
  async run({ code, json }) {
    const { explanations } = await import('../../report/explanations/explanations.ts');
    const { renderExplanation, renderExplanationList } = await import('../../report/text/explanation-text.ts');
    const { jsonDocument } = await import('../json.ts');
    const { results } = await import('../io/standard-streams.ts');
    if (code === undefined) {
      const { findColumns } = await import('../io/terminal.ts');
      const list = () => renderExplanationList(explanations, findColumns(process.stdout));
      results.write(json ? jsonDocument('explanations', { pages: explanations }) : list());
      return exitCodes.done;
    }
    // Copied from a message, brackets and all.
    const named = code.replace(/^\[|\]$/g, '').toLowerCase();
    const page = explanations.find((one) => one.code === named);
    if (page === undefined) {
      throw await unknownCode(
        named,
        explanations.map((one) => one.code),
      );
    }
    results.write(json ? jsonDocument('explanation', page) : renderExplanation(page));
    return exitCodes.done;
  },
});

/** With the nearest ones that there are. */
async function unknownCode(named: string, codes: readonly string[]): Promise<Failure> {
  const { findAllNearest } = await import('../../yaml/nearest.ts');
  const parts = codes.filter((code) => named !== '' && (code.includes(named) || code.endsWith(`/${named}`)));
  const near = [...new Set([...parts, ...findAllNearest(named, codes, 3)])].slice(0, 3);
  return new Failure('usage/invalid', `no explanation for ${named === '' ? 'an empty code' : named}`, {
    hint: near.length === 0 ? 'fencepost explain lists all codes' : `did you mean ${near.join(', ')}?`,
  });
}
