// One journal record <-> one JSON line. Each line carries the digest of the line before it and its own, so that a changed,
// removed or added line shows. The digest proves consistency, not authorship: whoever can write the file can write all of it anew.
import { createHash } from 'node:crypto';
import type { RunEvent } from '../model/outcome.ts';

export const journalVersion = 1;
export const firstPrevious = '0'.repeat(64);

export interface JournalRecord {
  /** 1, 2, 3, ... without a gap. */
  readonly sequence: number;
  readonly previous: string;
  readonly event: RunEvent;
  readonly digest: string;
}

/** The line of one record, with its newline. `digest` covers every byte of the line before it. */
export function writeRecord(sequence: number, previous: string, event: RunEvent): { line: string; digest: string } {
  const body = `{"v":${journalVersion},"sequence":${sequence},"previous":"${previous}","event":${JSON.stringify(event)}`;
  const digest = digestOf(body);
  return { line: `${body},"digest":"${digest}"}\n`, digest };
}

/** Reads one line; `problem` says what is wrong with it. Never throws. */
export function readRecord(
  line: string,
  sequence: number,
  previous: string,
): { record: JournalRecord } | { problem: string } {
  const tail = /,"digest":"([0-9a-f]{64})"\}$/.exec(line);
  if (tail === null) return { problem: 'it does not end in a digest' };
  const digest = tail[1] ?? '';
  const body = line.slice(0, tail.index);
  if (digestOf(body) !== digest) return { problem: 'its text does not match its digest: it was changed' };
  let parsed: { v?: unknown; sequence?: unknown; previous?: unknown; event?: unknown };
  try {
    parsed = JSON.parse(`${body}}`) as typeof parsed;
  } catch {
    return { problem: 'it is not JSON' };
  }
  if (parsed.v !== journalVersion) {
    return { problem: `it has format version ${String(parsed.v)}; this Fencepost reads version ${journalVersion}` };
  }
  if (parsed.sequence !== sequence) {
    return {
      problem: `it is number ${String(parsed.sequence)} where number ${sequence} belongs: lines are missing or added`,
    };
  }
  if (parsed.previous !== previous) {
    return { problem: 'it does not follow the line before it: a line was changed, removed or added' };
  }
  return { record: { sequence, previous, event: parsed.event as RunEvent, digest } };
}

function digestOf(body: string): string {
  return createHash('sha256').update(body, 'utf8').digest('hex');
}
