// All exclusion tables of a host as one list of questions, and their answers as tables and gaps. The collector and the look
// after a change ask the same ones, so they can't disagree. With each protocol the registry is asked as well, in the same line: netsh may
// show no permanent range although there is one, and then either witness suffices (facts: windows.md 0.9). It sends nothing.
import type { Gap, Noise, WindowsVersion } from '../model/facts.ts';
import { families, stores } from '../model/host-state.ts';
import type { Exclusion, ExclusionTable, Family, Protocol, Store } from '../model/host-state.ts';
import { sameRange, type PortRange } from '../model/port-range.ts';
import { lacksExclusions, readExclusions, showExclusions, type ExclusionReading } from '../windows/excluded-ports.ts';
import { readPersistentEntries, showPersistentEntries } from '../windows/persistent-entries.ts';
import type { ScriptPart } from '../windows/cmd/script.ts';
import { describeNoise } from './noise.ts';
import { rememberReadings } from './remembered-readings.ts';

interface Question {
  readonly protocol: Protocol;
  /** In words, as gaps name it: `exclusions ipv4 tcp persistent`. */
  readonly question: string;
  readonly line: string;
}

interface TableQuestion extends Question {
  readonly kind: 'table';
  readonly family: Family;
  readonly store: Store;
}

export type ExclusionQuestion = TableQuestion | (Question & { readonly kind: 'registry' });

/** Both families and both stores of each protocol, in a fixed order, and then the registry. */
export function exclusionQuestions(protocols: readonly Protocol[]): readonly ExclusionQuestion[] {
  return [...new Set(protocols)].flatMap((protocol): readonly ExclusionQuestion[] => [
    ...families.flatMap((family) =>
      stores.map((store) => ({
        kind: 'table' as const,
        family,
        protocol,
        store,
        question: `exclusions ${family} ${protocol} ${store}`,
        line: showExclusions(family, protocol, store),
      })),
    ),
    {
      kind: 'registry',
      protocol,
      question: `permanent exclusions ${protocol} in the registry`,
      line: showPersistentEntries(protocol),
    },
  ]);
}

export interface TablesResult {
  readonly tables: readonly ExclusionTable[];
  readonly gaps: readonly Gap[];
  readonly noise: readonly Noise[];
  /** False: this netsh has no `excludedportrange`; then there are neither tables nor gaps. */
  readonly exclusionSupport: boolean;
}

const readers = {
  active: rememberReadings((text, exitCode) => readExclusions(text, exitCode, 'active')),
  persistent: rememberReadings((text, exitCode) => readExclusions(text, exitCode, 'persistent')),
};

/**
 * The answers to `questions`, in the same order. `windows` null: the version isn't known, so a refusal is always a gap. A registry
 * that can't be read is no gap: it is no witness, which the tables say where it matters.
 */
export function readTables(
  questions: readonly ExclusionQuestion[],
  parts: readonly ScriptPart[],
  windows: WindowsVersion | null,
): TablesResult {
  const asked = questions.map((question, index) => ({ question, part: parts[index] }));
  const read = (knownNoise: ReadonlySet<string>) =>
    asked.flatMap(({ question, part }) => {
      if (question.kind === 'registry') return [];
      const reading: ExclusionReading =
        part === undefined
          ? { problem: 'it was not answered' }
          : knownNoise.size === 0
            ? readers[question.store](part.text, part.exitCode)
            : readExclusions(part.text, part.exitCode, question.store, knownNoise);
      return [{ question, reading }];
    });
  const first = read(new Set());
  // What stands around one table stands around the others, where a blank answer has nothing else.
  const known = new Set(
    first.flatMap(({ reading }) => ('value' in reading ? (reading.noise ?? []) : [])).map((line) => line.text),
  );
  const answered = known.size === 0 ? first : read(known);
  const readings = answered.map((one) => one.reading);
  if (windows !== null && lacksExclusions(windows, readings)) {
    return { tables: [], gaps: [], noise: [], exclusionSupport: false };
  }
  const shown: ExclusionTable[] = [];
  const gaps: Gap[] = [];
  const noise: Noise[] = [];
  for (const { question, reading } of answered) {
    const { family, protocol, store } = question;
    if ('problem' in reading) {
      const refused = reading.refused === true ? { refused: true as const } : {};
      gaps.push({ question: question.question, reason: reading.problem, ...refused });
      continue;
    }
    shown.push({ family, protocol, store, exclusions: reading.value });
    noise.push(...describeNoise(question.question, reading.noise));
  }
  const entries = new Map<Protocol, readonly PortRange[] | null>();
  for (const { question, part } of asked) {
    if (question.kind !== 'registry' || part === undefined) continue;
    const reading = readPersistentEntries(part.text, part.exitCode);
    entries.set(question.protocol, 'value' in reading ? reading.value : null);
  }
  const tables = shown.map((table) => heardBySecondWitness(table, shown, entries.get(table.protocol) ?? null));
  return { tables, gaps, noise, exclusionSupport: true };
}

/** A netsh that shows any permanent row shows all of them; only where it shows none does the registry count. */
function heardBySecondWitness(
  table: ExclusionTable,
  shown: readonly ExclusionTable[],
  entries: readonly PortRange[] | null,
): ExclusionTable {
  const isPersistent = (one: ExclusionTable): boolean => one.protocol === table.protocol && one.store === 'persistent';
  if (!isPersistent(table) || shown.some((one) => isPersistent(one) && one.exclusions.length > 0)) return table;
  if (entries === null) return { ...table, witness: 'none' };
  if (entries.length === 0) return table;
  const ofFamily = entries.filter((range) => isOfFamily(range, table, shown));
  return { ...table, exclusions: ofFamily.map((range) => ({ range, administered: true })), witness: 'registry' };
}

/**
 * The registry knows no family. Where the range is in force on the other family only, the families have lists of their own (a doubt about
 * Windows, section 3) and the entry is the other's.
 */
function isOfFamily(range: PortRange, { family, protocol }: ExclusionTable, shown: readonly ExclusionTable[]): boolean {
  const isIt = (row: Exclusion): boolean => row.administered && sameRange(row.range, range);
  const inForce = shown
    .filter((one) => one.protocol === protocol && one.store === 'active' && one.exclusions.some(isIt))
    .map((one) => one.family);
  return inForce.length === 0 || inForce.includes(family);
}
