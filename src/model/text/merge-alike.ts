// Findings that say the same of several ports or address families are one: `tcp 9933 and tcp 9955 on ipv4 and ipv6 lie in ...`. Only where
// every port has it on every family, so that the sentence is true of each. Pure; data (JSON, JUnit) keeps them apart.

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

function mergeGroup<T extends Told>(group: readonly T[]): readonly T[] {
  const [first] = group;
  if (first === undefined || group.length === 1) return group;
  const rows = group.map((one) => one.sentence.match(token) ?? []);
  const columns = (rows[0] ?? []).map((_, at) => [...new Set(rows.map((row) => row[at] ?? ''))]);
  const distinct = new Set(rows.map((row) => row.join(' '))).size;
  if (distinct !== columns.reduce((product, values) => product * values.length, 1)) return group;
  let at = 0;
  const sentence = first.sentence.replaceAll(token, () => (columns[at++] ?? []).join(' and '));
  const isMany = (columns[0]?.length ?? 0) > 1 && /^(?:tcp|udp) /.test(sentence);
  return [{ ...first, sentence: isMany ? sentence.replace(/ (is|lies) /, toPlural) : sentence }];
}

function toPlural(_: string, verb: string): string {
  return verb === 'is' ? ' are ' : ' lie ';
}
