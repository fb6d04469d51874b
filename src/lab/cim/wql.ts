// WQL, as much of it as a client of this product sends: SELECT columns FROM class WHERE comparisons joined by AND and OR. What is left
// out (LIKE, ISA, associators, events) is refused as a mistake in the query. Pure. Source: WMI SDK, "WQL (SQL for WMI)".
import type { CimProperties } from './classes.ts';

export interface WqlQuery {
  /** Null: `*`. */
  readonly columns: readonly string[] | null;
  readonly className: string;
  readonly matches: (instance: CimProperties) => boolean;
}

const token = /\s*(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(<>|!=|<=|>=|[=<>(),*])|([A-Za-z_][\w.]*|-?\d+))/y;

/** Null: not a query that can be understood. Keywords and names are compared without regard to case. */
export function readWql(text: string): WqlQuery | null {
  const words = splitTokens(text);
  if (words === null) return null;
  const reader = new WqlReader(words);
  const query = reader.query();
  return reader.isAtEnd ? query : null;
}

function splitTokens(text: string): string[] | null {
  const found: string[] = [];
  const pattern = new RegExp(token);
  const trimmed = text.trimEnd();
  while (pattern.lastIndex < trimmed.length) {
    const match = pattern.exec(trimmed);
    if (match === null) return null;
    found.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return found;
}

type Condition = (instance: CimProperties) => boolean;

class WqlReader {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#words.length;
  }

  query(): WqlQuery | null {
    if (!this.#takes('select')) return null;
    const columns = this.#columns();
    if (columns === undefined || !this.#takes('from')) return null;
    const className = this.#name();
    if (className === null) return null;
    const matches = this.#takes('where') ? this.#either() : () => true;
    return matches === null ? null : { columns, className, matches };
  }

  #columns(): readonly string[] | null | undefined {
    if (this.#takes('*')) return null;
    const names: string[] = [];
    do {
      const name = this.#name();
      if (name === null) return undefined;
      names.push(name);
    } while (this.#takes(','));
    return names;
  }

  #either(): Condition | null {
    let left = this.#both();
    while (left !== null && this.#takes('or')) {
      const [one, other] = [left, this.#both()];
      left = other === null ? null : (instance) => one(instance) || other(instance);
    }
    return left;
  }

  #both(): Condition | null {
    let left = this.#comparison();
    while (left !== null && this.#takes('and')) {
      const [one, other] = [left, this.#comparison()];
      left = other === null ? null : (instance) => one(instance) && other(instance);
    }
    return left;
  }

  #comparison(): Condition | null {
    if (this.#takes('(')) {
      const inner = this.#either();
      return this.#takes(')') ? inner : null;
    }
    const name = this.#name();
    const isEqual = this.#takes('=');
    if (name === null || (!isEqual && !this.#takes('<>') && !this.#takes('!='))) return null;
    const literal = this.#words[this.#at++];
    if (literal === undefined || /^[<>=!(),*]/.test(literal)) return null;
    const wanted = /^['"]/.test(literal) ? literal.slice(1, -1).replace(/\\(.)/g, '$1') : literal;
    return (instance) => {
      const value = Object.entries(instance).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? null;
      return (String(value).toLowerCase() === wanted.toLowerCase()) === isEqual;
    };
  }

  #takes(word: string): boolean {
    if (this.#words[this.#at]?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #name(): string | null {
    const word = this.#words[this.#at];
    if (word === undefined || !/^[A-Za-z_]/.test(word)) return null;
    this.#at += 1;
    return word;
  }
}
