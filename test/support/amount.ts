// How much of an exhaustive test is carried out: always the same share in `npm test`, more in `.ci/run` (FENCEPOST_TESTS=ci), all of it
// by hand (FENCEPOST_TESTS=all). What a test proves does not depend on it, only at how many points.
const levels = ['share', 'ci', 'all'] as const;
type Level = (typeof levels)[number];

const level: Level = readLevel(process.env['FENCEPOST_TESTS'] ?? 'share');

function readLevel(text: string): Level {
  const found = levels.find((one) => one === text);
  if (found === undefined) throw new Error(`FENCEPOST_TESTS is ${text}; it may be ${levels.join(', ')}`);
  return found;
}

/** Everything by hand: random tests draw other cases each time. */
export const isAll = level === 'all';

/** The amount for this time. Where `all` says nothing, CI's is all. */
export function amount<T>(of: Readonly<Record<Exclude<Level, 'all'>, T>> & { readonly all?: T }): T {
  return of[level] ?? of.ci;
}

/** Every `stride`-th, the first included: of a list of points that are alike. */
export function everyNth<T>(points: readonly T[], stride: number): readonly T[] {
  return points.filter((_, index) => index % stride === 0);
}
