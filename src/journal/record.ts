// One journal record <-> one JSON line. Each line carries the digest of the line before it and its own, so that a changed,
// removed or added line shows. The digest proves consistency, not authorship: whoever can write the file can write all of it again.
import { hash } from 'node:crypto';
import type { RunEvent } from '../model/outcome.ts';
import { savedEvent } from './saved-event.ts';

/** 1 had the commands in it. */
export const journalVersion = 2;
export const firstPrevious = '0'.repeat(64);

/** The line of one record, with its newline. `digest` covers every byte of the line before it. */
export function writeRecord(sequence: number, previous: string, event: RunEvent): { line: string; digest: string } {
  const body = `${makeHead(sequence, previous)}${JSON.stringify(savedEvent(event))}`;
  const digest = digestRecord(body);
  return { line: `${body},"digest":"${digest}"}\n`, digest };
}

/** 1, 2, 3, ... without a gap. */
function makeHead(sequence: number, previous: string): string {
  return `{"v":${journalVersion},"sequence":${sequence},"previous":"${previous}","event":`;
}

/** A line that is what was written, in its place. */
export interface ProvenRecord {
  readonly digest: string;
  /** The JSON text of the event, which is not looked into here. */
  readonly event: Buffer;
}

const tailBytes = `,"digest":"${firstPrevious}"}`.length;
const openingBrace = 0x7b;

/** Proves one line, given without its newline; `problem` says what is wrong with it. Never throws. */
export function proveRecord(line: Buffer, sequence: number, previous: string): ProvenRecord | { problem: string } {
  const bodyBytes = line.length - tailBytes;
  const tail = bodyBytes < 0 ? null : /^,"digest":"([0-9a-f]{64})"\}$/.exec(line.toString('latin1', bodyBytes));
  if (tail === null) return { problem: 'it does not end in a digest' };
  const digest = tail[1] ?? '';
  const body = line.subarray(0, bodyBytes);
  if (digestRecord(body) !== digest) return { problem: 'its text does not match its digest: it was changed' };
  const head = makeHead(sequence, previous);
  const isAsWritten = body.toString('latin1', 0, head.length) === head && body[head.length] === openingBrace;
  return isAsWritten ? { digest, event: body.subarray(head.length) } : readBody(body, digest, sequence, previous);
}

/** Laid out otherwise than it is written here, or wrong. */
function readBody(
  body: Buffer,
  digest: string,
  sequence: number,
  previous: string,
): ProvenRecord | { problem: string } {
  let parsed: { v?: unknown; sequence?: unknown; previous?: unknown; event?: unknown };
  try {
    parsed = JSON.parse(`${body.toString('utf8')}}`) as typeof parsed;
  } catch {
    return { problem: 'it is not JSON' };
  }
  if (Object.keys(parsed).length > 4) return { problem: 'it has parts that no record has' };
  if (parsed.v !== journalVersion) {
    const older = parsed.v === 1 ? ': go on with the Fencepost that wrote it' : '';
    const found = JSON.stringify(parsed.v);
    return { problem: `it has format version ${found}; this Fencepost reads version ${journalVersion}${older}` };
  }
  if (parsed.sequence !== sequence) {
    return {
      problem: `it is number ${JSON.stringify(parsed.sequence)} where number ${sequence} belongs: lines are missing or added`,
    };
  }
  if (parsed.previous !== previous) {
    return { problem: 'it does not follow the line before it: a line was changed, removed or added' };
  }
  if (typeof parsed.event !== 'object' || parsed.event === null) return { problem: 'it holds no event' };
  return { digest, event: Buffer.from(JSON.stringify(parsed.event)) };
}

function digestRecord(body: string | Buffer): string {
  return hash('sha256', body, 'hex');
}
