// A value of an INI inventory as Ansible types it: by Python's `ast.literal_eval`, and the text itself where that refuses. Written by
// hand for what a line can hold; it evaluates nothing. Source: Python 3 "Literals", ansible-core 2.19 plugins/inventory/ini.py.

export type LiteralResult = { readonly isLiteral: true; readonly value: unknown } | { readonly isLiteral: false };

const noLiteral: LiteralResult = { isLiteral: false };

/** Deeper is no setting, and Python gives up too. */
const deepest = 90;

/** Thrown and caught in this file only: the text is no literal. */
class NoLiteral extends Error {}

/** Tuples and sets become lists, bytes text, keys of a dict text, as in Ansible's JSON. Never throws. */
export function readPythonLiteral(text: string): LiteralResult {
  const reader = createReader(text);
  try {
    const value = reader.readAll();
    return { isLiteral: true, value };
  } catch (thrown) {
    if (thrown instanceof NoLiteral) return noLiteral;
    throw thrown;
  }
}

function createReader(source: string): { readAll(): unknown } {
  const text = source.replace(/^[ \t]+/, '');
  let at = 0;

  function skipBlanks(): void {
    while (/[ \t\f]/.test(text[at] ?? '')) at += 1;
    if (text[at] === '#') at = text.length;
  }

  function take(sign: string): boolean {
    skipBlanks();
    if (!text.startsWith(sign, at)) return false;
    at += sign.length;
    return true;
  }

  function match(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return null;
    at += found[0].length;
    return found[0];
  }

  function readAll(): unknown {
    const first = readValue(0);
    skipBlanks();
    if (at === text.length) return first;
    // `1, 2` is a tuple without brackets.
    if (!take(',')) throw new NoLiteral();
    const rest = readItems('', 0);
    return [first, ...rest];
  }

  /** Up to the closing sign, or to the end of the text where that is empty. */
  function readItems(close: string, depth: number): unknown[] {
    const items: unknown[] = [];
    for (;;) {
      skipBlanks();
      if (close === '' ? at === text.length : take(close)) return items;
      items.push(readValue(depth + 1));
      if (take(',')) continue;
      skipBlanks();
      if (close === '' ? at === text.length : take(close)) return items;
      throw new NoLiteral();
    }
  }

  function readValue(depth: number): unknown {
    if (depth > deepest) throw new NoLiteral();
    skipBlanks();
    if (take('[')) return readItems(']', depth);
    if (take('{')) return readBraces(depth);
    if (take('(')) return readParentheses(depth);
    const sign = match(/[+-]/y);
    if (sign !== null) {
      skipBlanks();
      const number = readNumber();
      return sign === '-' ? negate(number) : number;
    }
    if (/[0-9.]/.test(text[at] ?? '')) return readNumber();
    const string = readStrings();
    if (string !== null) return string;
    const word = match(/[A-Za-z_]\w*/y);
    if (word === 'None') return null;
    if (word === 'True') return true;
    if (word === 'False') return false;
    if (word === 'set' && take('(') && take(')')) return [];
    throw new NoLiteral();
  }

  function readParentheses(depth: number): unknown {
    if (take(')')) return [];
    const first = readValue(depth + 1);
    if (take(')')) return first;
    if (!take(',')) throw new NoLiteral();
    return [first, ...readItems(')', depth)];
  }

  function readBraces(depth: number): unknown {
    if (take('}')) return {};
    const pairs: [string, unknown][] = [];
    const first = readValue(depth + 1);
    if (!take(':')) {
      if (take('}')) return [first];
      if (!take(',')) throw new NoLiteral();
      return [...new Set([first, ...readItems('}', depth)])];
    }
    pairs.push([nameKey(first), readValue(depth + 1)]);
    while (!take('}')) {
      if (!take(',')) throw new NoLiteral();
      if (take('}')) break;
      const key = nameKey(readValue(depth + 1));
      if (!take(':')) throw new NoLiteral();
      pairs.push([key, readValue(depth + 1)]);
    }
    return Object.fromEntries(pairs);
  }

  function readNumber(): number {
    const digits = '[0-9](?:_?[0-9])*';
    const float = match(
      new RegExp(`(?:${digits}\\.(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?|${digits}[eE][+-]?${digits}`, 'y'),
    );
    const written = float ?? match(/0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[0-9](?:_?[0-9])*/y);
    // A letter behind it: an imaginary number, a name, an address.
    if (written === null || /[\w.]/.test(text[at] ?? '')) throw new NoLiteral();
    const plain = written.replaceAll('_', '');
    if (float === null && /^0+[0-9]*[1-9]/.test(plain)) throw new NoLiteral();
    const number = Number(plain);
    // What this language's numbers can't hold exactly stays the text it was.
    if (!Number.isFinite(number) || (float === null && !Number.isSafeInteger(number))) throw new NoLiteral();
    return number;
  }

  /** Neighbours are joined. Null: there is none. */
  function readStrings(): string | null {
    let joined: string | null = null;
    let kind: string | null = null;
    for (;;) {
      skipBlanks();
      const before = at;
      const opening = match(/(?:[rR][bB]?|[bB][rR]?|[uU])?(?:'''|"""|'|")/y);
      if (opening === null) {
        at = before;
        return joined;
      }
      const quote = opening.replace(/^[A-Za-z]+/, '');
      const prefix = opening.slice(0, opening.length - quote.length).toLowerCase();
      const isBytes = prefix.includes('b') ? 'bytes' : 'text';
      if (kind !== null && kind !== isBytes) throw new NoLiteral();
      kind = isBytes;
      joined = (joined ?? '') + readString(quote, prefix);
    }
  }

  function readString(quote: string, prefix: string): string {
    let value = '';
    for (;;) {
      const sign = text[at];
      if (sign === undefined) throw new NoLiteral();
      if (text.startsWith(quote, at)) {
        at += quote.length;
        return value;
      }
      if (prefix.includes('b') && sign > '\u007f') throw new NoLiteral();
      at += 1;
      if (sign !== '\\') value += sign;
      else if (prefix.includes('r')) value += sign + takeSign();
      else value += readEscape(prefix.includes('b'));
    }
  }

  function takeSign(): string {
    const sign = text[at];
    if (sign === undefined) throw new NoLiteral();
    at += 1;
    return sign;
  }

  function readEscape(isBytes: boolean): string {
    const octal = match(/[0-7]{1,3}/y);
    if (octal !== null) return String.fromCharCode(Number.parseInt(octal, 8));
    const sign = takeSign();
    const plain = escapes[sign];
    if (plain !== undefined) return plain;
    const length = sign === 'x' ? 2 : isBytes ? 0 : sign === 'u' ? 4 : sign === 'U' ? 8 : 0;
    // Names of letters are not known here; Python refuses no other letter.
    if (sign === 'N' && !isBytes) throw new NoLiteral();
    if (length === 0) return `\\${sign}`;
    const digits = match(new RegExp(`[0-9a-fA-F]{${length}}`, 'y'));
    const point = digits === null ? Number.NaN : Number.parseInt(digits, 16);
    if (!(point <= 0x10_ff_ff)) throw new NoLiteral();
    return String.fromCodePoint(point);
  }

  return { readAll };
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function negate(number: number): number {
  return number === 0 ? 0 : -number;
}

/** As JSON writes a key of that kind; Python refuses lists and dicts. */
function nameKey(key: unknown): string {
  if (typeof key === 'object' && key !== null) throw new NoLiteral();
  return String(key);
}
