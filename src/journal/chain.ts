// A whole journal <-> text. A last line without its newline is what a crash leaves and is set apart; anything else that is
// wrong is damage and is named by line.
import { firstPrevious, readRecord, type JournalRecord } from './record.ts';

export interface JournalText {
  /** The records up to the first problem. */
  readonly records: readonly JournalRecord[];
  /** The beginning of a record that a crash cut short: never acknowledged, so nothing rests on it. Null when there is none. */
  readonly tornTail: string | null;
  /** Null when the chain holds. `line` counts from 1. */
  readonly damage: { readonly line: number; readonly problem: string } | null;
}

/** Reads a journal's text. Never throws; an empty text has no records and no damage. */
export function readJournal(text: string): JournalText {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const tornTail = last === '' ? null : last;
  const records: JournalRecord[] = [];
  let previous = firstPrevious;
  for (const [index, line] of lines.entries()) {
    const read = readRecord(line, index + 1, previous);
    if ('problem' in read) return { records, tornTail, damage: { line: index + 1, problem: read.problem } };
    records.push(read.record);
    previous = read.record.digest;
  }
  return { records, tornTail, damage: null };
}
