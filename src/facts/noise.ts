// The lines around an answer that are no part of it, as a fact: the first and how many, for they may be many. It judges nothing.
import type { Noise } from '../model/facts.ts';
import type { Line } from '../windows/cmd/lines.ts';

const longestLine = 100;

/** One entry, or none when there is no noise. */
export function describeNoise(question: string, lines: readonly Line[] | undefined): readonly Noise[] {
  const [first] = lines ?? [];
  if (lines === undefined || first === undefined) return [];
  return [{ question, line: first.text.slice(0, longestLine), count: lines.length }];
}
