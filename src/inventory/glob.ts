// Shell globs: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`. PURE. No regular expression is made of them: `a*a*a*b` would cost one years. Of
// several stars only the last one met is ever tried again, so that the work is at most the name's length times the glob's.

/** Whether a name is what the glob describes, to its end. */
export type GlobMatcher = (name: string) => boolean;

type Token = { readonly kind: 'any-text' } | { readonly kind: 'one'; readonly accepts: (unit: number) => boolean };

/** Null when there is nothing wild in it, or a set runs backwards (`[z-a]`): then it is a name. */
export function compileGlob(glob: string): GlobMatcher | null {
  if (!/[*?[]/.test(glob)) return null;
  const tokens: Token[] = [];
  for (let at = 0; at < glob.length;) {
    const sign = glob[at];
    const end = sign === '[' ? glob.indexOf(']', at + 2) : -1;
    if (sign === '*') {
      if (tokens.at(-1)?.kind !== 'any-text') tokens.push({ kind: 'any-text' });
      at += 1;
    } else if (sign === '?') {
      tokens.push({ kind: 'one', accepts: () => true });
      at += 1;
    } else if (end !== -1) {
      const accepts = readSet(glob.slice(at + 1, end));
      if (accepts === null) return null;
      tokens.push({ kind: 'one', accepts });
      at = end + 1;
    } else {
      const expected = glob.charCodeAt(at);
      tokens.push({ kind: 'one', accepts: (unit) => unit === expected });
      at += 1;
    }
  }
  return (name) => matches(tokens, name);
}

/** What stands between the brackets, never empty. */
function readSet(inside: string): ((unit: number) => boolean) | null {
  const isNegated = inside.startsWith('!') && inside.length > 1;
  const body = isNegated ? inside.slice(1) : inside;
  const ranges: (readonly [first: number, last: number])[] = [];
  for (let at = 0; at < body.length; at += 1) {
    const first = body.charCodeAt(at);
    const isRange = body[at + 1] === '-' && at + 2 < body.length;
    const last = isRange ? body.charCodeAt(at + 2) : first;
    if (last < first) return null;
    ranges.push([first, last]);
    if (isRange) at += 2;
  }
  return (unit) => ranges.some(([first, last]) => unit >= first && unit <= last) !== isNegated;
}

function matches(tokens: readonly Token[], name: string): boolean {
  let token = 0;
  let at = 0;
  /** The last star met, and how much of the name it has taken so far. */
  let star = -1;
  let taken = 0;
  while (at < name.length) {
    const next = tokens[token];
    if (next?.kind === 'any-text') {
      star = token;
      taken = at;
      token += 1;
    } else if (next?.accepts(name.charCodeAt(at)) === true) {
      token += 1;
      at += 1;
    } else if (star === -1) {
      return false;
    } else {
      token = star + 1;
      taken += 1;
      at = taken;
    }
  }
  while (tokens[token]?.kind === 'any-text') token += 1;
  return token === tokens.length;
}
