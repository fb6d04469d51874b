// `~regex` of a host pattern, matched in time linear in the name: by RE2's rules (re2js, plain JavaScript), for JavaScript's own engine can
// take years over `(a+)+$`, and no signal reaches a process that is in it. Lookaround and backreferences are what that costs.
// Source: Russ Cox, Regular Expression Matching in the Wild; RE2's syntax page.
import { RE2JS } from 're2js';

/** More than any host pattern needs. */
const maxLength = 1000;
/** RE2's instructions: each letter of a name costs at most so many steps. `ex\d{1,4}` has about 15. */
const maxInstructions = 400;

/** Matches at the start of a name, not necessarily to its end, as Python's `match` does; `fault` says why it can't be one. */
export function compileNameRegex(source: string): ((name: string) => boolean) | { readonly fault: string } {
  if (source.length > maxLength) return { fault: `is longer than ${String(maxLength)} characters` };
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(source, RE2JS.DOTALL);
  } catch {
    return { fault: isJavaScript(source) ? unsupported : 'is not a regular expression' };
  }
  if (regex.programSize() > maxInstructions) return { fault: 'is too large: it repeats too much' };
  return (name) => regex.matcher(name).lookingAt();
}

const unsupported = 'uses what could take for ever to match: lookaround, a backreference or a large repetition';

/** Only made, never run. */
function isJavaScript(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}
