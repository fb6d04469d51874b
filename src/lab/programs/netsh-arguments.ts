// The words after `netsh interface ipv4 <verb> <object>`: `tag=value` in any order and shortened, or bare values in the order
// of the tags (usage-en-1; shortened tags: ok-zh-CN-1 `start=49152 num=16383`). Pure; it knows no command.

export interface NetshArguments {
  /** Values by full tag name, as typed. */
  readonly values: Readonly<Record<string, string>>;
  /** An unknown tag, a tag given twice, or one value too many. */
  readonly wrong: boolean;
  /** Tags whose value came bare, without `tag=`. */
  readonly bare: readonly string[];
}

/** Reads `words` against the command's tags, in their order. */
export function readArguments(words: readonly string[], tags: readonly string[]): NetshArguments {
  const values: Record<string, string> = {};
  const bare: string[] = [];
  let wrong = false;
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = equals < 0 ? null : word.slice(0, equals).toLowerCase();
    const tag =
      name === null
        ? tags.find((one) => values[one] === undefined)
        : tags.find((one) => name !== '' && one.startsWith(name));
    if (tag === undefined || values[tag] !== undefined) {
      wrong = true;
      continue;
    }
    values[tag] = word.slice(equals + 1);
    if (name === null) bare.push(tag);
  }
  return { values, wrong, bare };
}

/** The one of `choices` that the word means, shortened or not (netsh accepts `del`, `ex`, `int`); null when none does. */
export function matchShortened<Choice extends string>(
  word: string | undefined,
  choices: readonly Choice[],
  leastLetters = 1,
): Choice | null {
  if (word === undefined || word.length < leastLetters) return null;
  const lower = word.toLowerCase();
  return choices.find((choice) => choice.startsWith(lower)) ?? null;
}
