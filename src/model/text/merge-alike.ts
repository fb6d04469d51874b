// Findings that say the same of several ports or address families are one: `tcp 9933 and tcp 9955 on ipv4 and ipv6 lie in ...`. A sentence
// names ports and families only where every port has it on every family, so that it is true of each. Pure; data (JSON, JUnit) keeps them apart.

interface Told {
  readonly sentence: string;
}

/** A port with its protocol, or a family: what may differ. */
const token = /\b(?:(?:tcp|udp) \d+(?:-\d+)?|ipv[46])\b/g;

/** `keyOf`: what must be equal beside the sentence. Each merged one stands where its first stood. */
export function mergeAlike<T extends Told>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = `${keyOf(item)}\0${item.sentence.replaceAll(token, '*')}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].flatMap(mergeGroup);
}

/** The same for sentences alone. */
export function mergeSentences(sentences: readonly string[]): readonly string[] {
  const told = sentences.map((sentence) => ({ sentence }));
  return mergeAlike(told, () => '').map((one) => one.sentence);
}

/** As one text. */
export function joinAlike(sentences: readonly string[], separator = '; '): string {
  return mergeSentences(sentences).join(separator);
}

function mergeGroup<T extends Told>(group: readonly T[]): readonly T[] {
  const [first] = group;
  if (first === undefined || group.length === 1) return group;
  let parts: readonly Part<T>[] = group.map((one) => ({
    first: one,
    columns: (one.sentence.match(token) ?? []).map((value) => [value]),
  }));
  const count = parts[0]?.columns.length ?? 0;
  // Nothing in it differs.
  if (count === 0) return [first];
  for (let column = count - 1; column >= 0; column -= 1) parts = uniteColumn(parts, column);
  return parts.map(describePart);
}

/** Sentences of which every combination of its columns' values is told. */
interface Part<T> {
  readonly first: T;
  readonly columns: readonly (readonly string[])[];
}

/** Parts that differ in this column alone are one. */
function uniteColumn<T>(parts: readonly Part<T>[], column: number): readonly Part<T>[] {
  const united = new Map<string, { readonly part: Part<T>; readonly values: Set<string> }>();
  for (const part of parts) {
    const key = JSON.stringify(part.columns.map((values, at) => (at === column ? [] : values.toSorted())));
    const { values } = united.get(key) ?? { values: new Set<string>() };
    for (const value of part.columns[column] ?? []) values.add(value);
    if (!united.has(key)) united.set(key, { part, values });
  }
  return [...united.values()].map(({ part, values }) => ({
    ...part,
    columns: part.columns.with(column, [...values]),
  }));
}

function describePart<T extends Told>({ first, columns }: Part<T>): T {
  if (columns.every((values) => values.length === 1)) return first;
  let at = 0;
  const sentence = first.sentence.replaceAll(token, () => inOrder(columns[at++] ?? []).join(' and '));
  return { ...first, sentence: sentence.replace(manyPorts, toPlural) };
}

/** Ports as they come, families as everywhere. */
function inOrder(values: readonly string[]): readonly string[] {
  return values.every((one) => one.startsWith('ipv')) ? values.toSorted() : values;
}

/** `tcp 9933 and tcp 9955 on ipv4 lies `: where a sentence speaks of several ports as of one. */
const manyPorts =
  /((?:tcp|udp) \d+(?:-\d+)?(?: and (?:tcp|udp) \d+(?:-\d+)?)+(?: on ipv[46](?: and ipv[46])*)?) (is|lies) /;

function toPlural(_: string, ports: string, verb: string): string {
  return `${ports} ${verb === 'is' ? 'are' : 'lie'} `;
}
