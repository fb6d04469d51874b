// Many host names in few words: `ex[001:150], slow[01:05]`, the range notation that inventories and --limit-minded people know.

/** From this many names on, runs of numbers are drawn together. Fewer are easier read one by one. */
const manyNames = 20;

/** The names in their order, with runs of consecutive numbers as one range where there are many. */
export function drawTogether(names: readonly string[]): readonly string[] {
  if (names.length < manyNames) return names;
  const runs: string[][] = [];
  for (const name of names) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && follows(last, name)) run.push(name);
    else runs.push([name]);
  }
  return runs.flatMap((run) => (run.length < 3 ? run : [formatRange(run)]));
}

/** The last group of digits of the first label: the number of `ex07` in `ex07.paris.example2.com`. */
const numbered = /^([^.]*?)(\d+)([^\d.]*)(\..*)?$/;

function follows(before: string, name: string): boolean {
  const a = numbered.exec(before);
  const b = numbered.exec(name);
  if (a === null || b === null) return false;
  const sameFrame = a[1] === b[1] && a[3] === b[3] && a[4] === b[4];
  return sameFrame && a[2]?.length === b[2]?.length && Number(b[2]) === Number(a[2]) + 1;
}

function formatRange(run: readonly string[]): string {
  const first = numbered.exec(run[0] ?? '');
  const last = numbered.exec(run.at(-1) ?? '');
  return `${first?.[1] ?? ''}[${first?.[2] ?? ''}:${last?.[2] ?? ''}]${first?.[3] ?? ''}${first?.[4] ?? ''}`;
}
