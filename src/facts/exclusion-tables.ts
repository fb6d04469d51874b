// All exclusion tables of a host as one list of questions, and their answers as tables and gaps. The collector and the look
// after a change ask the same ones, so they can't disagree. It sends nothing.
import type { Gap, Noise, WindowsVersion } from '../model/facts.ts';
import { families, stores } from '../model/host-state.ts';
import type { ExclusionTable, Family, Protocol, Store } from '../model/host-state.ts';
import { lacksExclusions, readExclusions, showExclusions, type ExclusionReading } from '../windows/excluded-ports.ts';
import type { ScriptPart } from '../windows/script.ts';
import { describeNoise } from './noise.ts';

export interface TableQuestion {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly store: Store;
  /** In words, as gaps name it: `exclusions ipv4 tcp persistent`. */
  readonly question: string;
  readonly line: string;
}

/** Both families and both stores of each protocol, in a fixed order. */
export function tableQuestions(protocols: readonly Protocol[]): readonly TableQuestion[] {
  return [...new Set(protocols)].flatMap((protocol) =>
    families.flatMap((family) =>
      stores.map((store) => ({
        family,
        protocol,
        store,
        question: `exclusions ${family} ${protocol} ${store}`,
        line: showExclusions(family, protocol, store),
      })),
    ),
  );
}

export interface TablesResult {
  readonly tables: readonly ExclusionTable[];
  readonly gaps: readonly Gap[];
  readonly noise: readonly Noise[];
  /** False: this netsh has no `excludedportrange`; then there are neither tables nor gaps. */
  readonly exclusionSupport: boolean;
}

/**
 * The answers to `questions`, in the same order. `windows` null: the version isn't known, so a refusal is always a gap.
 */
export function readTables(
  questions: readonly TableQuestion[],
  parts: readonly ScriptPart[],
  windows: WindowsVersion | null,
): TablesResult {
  const read = (knownNoise: ReadonlySet<string>): readonly ExclusionReading[] =>
    questions.map((question, index) => {
      const part = parts[index];
      return part === undefined
        ? { problem: 'it was not answered' }
        : readExclusions(part.text, part.exitCode, question.store, knownNoise);
    });
  const first = read(new Set());
  // What stands around one table stands around the others, where a blank answer has nothing else.
  const known = new Set(first.flatMap((one) => ('value' in one ? (one.noise ?? []) : [])).map((line) => line.text));
  const readings = known.size === 0 ? first : read(known);
  if (windows !== null && lacksExclusions(windows, readings)) {
    return { tables: [], gaps: [], noise: [], exclusionSupport: false };
  }
  const tables: ExclusionTable[] = [];
  const gaps: Gap[] = [];
  const noise: Noise[] = [];
  for (const [index, { family, protocol, store, question }] of questions.entries()) {
    const reading = readings[index];
    if (reading === undefined) continue;
    if ('problem' in reading) {
      gaps.push({ question, reason: reading.problem, ...(reading.refused === true ? { refused: true } : {}) });
      continue;
    }
    tables.push({ family, protocol, store, exclusions: reading.value });
    noise.push(...describeNoise(question, reading.noise));
  }
  return { tables, gaps, noise, exclusionSupport: true };
}
