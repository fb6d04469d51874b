// The heads of `if` and `for` as a remote command line may have them: `if [not] defined NAME`, `if [not] A==B`, and
// `for /l %i in (first,step,last) do`. Other forms (exist, errorlevel, geq, /f, files) the lab does not know. Pure; it runs nothing.
// Source: `if /?` and `for /?` of Windows.

export type Condition = { readonly isNot: boolean } & (
  | { readonly kind: 'defined'; readonly name: string }
  /** Both sides are expanded when it is carried out. */
  | { readonly kind: 'equal'; readonly left: string; readonly right: string }
);

/** `length`: how much of the text the head takes. Null: no such `if`. */
export function readIfHead(text: string): { readonly condition: Condition; readonly length: number } | null {
  const head = /^if\s+(not\s+)?(?:defined\s+([^\s()&|]+)|([^\s()&|=]+)==([^\s()&|=]+))(?=[\s(])/i.exec(text);
  if (head === null) return null;
  const [all, not, name, left = '', right = ''] = head;
  const isNot = not !== undefined;
  const condition: Condition =
    name === undefined ? { kind: 'equal', isNot, left, right } : { kind: 'defined', isNot, name };
  return { condition, length: all.length };
}

export interface Loop {
  readonly variable: string;
  readonly values: readonly number[];
  readonly length: number;
}

/** Null: no such `for`. */
export function readForHead(text: string): Loop | null {
  const head = /^for\s+\/l\s+%([a-z])\s+in\s*\(\s*(\d+)\s*,\s*([1-9]\d*)\s*,\s*(\d+)\s*\)\s+do(?=[\s(])/i.exec(text);
  if (head === null) return null;
  const [all, variable = '', first, step, last] = head;
  const values: number[] = [];
  for (let value = Number(first); value <= Number(last); value += Number(step)) values.push(value);
  return { variable, values, length: all.length };
}
