// The fewest mishaps with which a night still fails: each is left out in turn, for as long as that helps.
import { playNight } from './night.ts';
import type { Mishap } from './mishap.ts';

export interface SmallNight {
  readonly mishaps: readonly Mishap[];
  readonly problems: readonly string[];
}

export async function shrink(seed: number, first: readonly Mishap[]): Promise<SmallNight> {
  let mishaps = first;
  let { problems } = await playNight(seed, mishaps);
  for (let index = 0; index < mishaps.length;) {
    const fewer = mishaps.toSpliced(index, 1);
    const without = await playNight(seed, fewer);
    if (without.problems.length === 0) {
      index += 1;
      continue;
    }
    mishaps = fewer;
    problems = without.problems;
    index = 0;
  }
  return { mishaps, problems };
}
