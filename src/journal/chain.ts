// The bytes of a journal -> its events, one by one: a journal of thousands of hosts is never in memory as a whole. A last line without
// its newline is what a crash leaves and is set apart; anything else that is wrong is damage and is named by line.
import type { RunEvent } from '../model/outcome.ts';
import { createEventOrder } from './event-order.ts';
import type { FoundHead } from './head.ts';
import { firstPrevious, proveRecord, type ProvenRecord } from './record.ts';
import { EventFault, readEvent } from './read-event.ts';

/** What a journal came to, once all of it was read. */
export interface JournalEnd {
  /** How many were read: all, or those before the damage. */
  readonly records: number;
  /** Of the last of them; `firstPrevious` when there is none. */
  readonly lastDigest: string;
  /** Null when the chain holds. `line` counts from 1. */
  readonly damage: { readonly line: number; readonly problem: string } | null;
  /** The last record was cut short by a crash: it was never acknowledged, so nothing rests on it. */
  readonly tornTail: boolean;
  /** Where the whole lines end. */
  readonly wholeBytes: number;
  /**
   * The head beside the journal (head.ts). `behind`: the journal goes on after it: the process died, or the power went, between a record and
   * its head. A journal that does not reach its head is damaged.
   */
  readonly head: 'agrees' | 'behind' | 'missing' | 'unreadable' | 'unread';
}

export interface ChainReader {
  /** The next bytes of the file, in parts of any length. */
  take(bytes: Buffer): void;
  end(): JournalEnd;
}

const newline = 0x0a;

/**
 * Hands each event to `visit` as soon as its line is proven, up to the first damage. `parse` makes of an event's JSON text what is
 * visited, with its record's digest; null is not visited. A SyntaxError and an EventFault of `parse` are damage.
 */
export function followChain<E>(
  parse: (event: Buffer) => E | null,
  visit: (event: E, digest: string) => void,
  head: FoundHead = null,
): ChainReader {
  const known = head === null || typeof head === 'string' ? null : head;
  let started: Buffer[] = [];
  let wholeBytes = 0;
  let records = 0;
  let lastDigest = firstPrevious;
  let damage: JournalEnd['damage'] = null;

  function takeLine(line: Buffer): void {
    wholeBytes += line.length + 1;
    if (damage !== null) return;
    const proven = proveRecord(line, records + 1, lastDigest);
    if ('problem' in proven) damage = { line: records + 1, problem: proven.problem };
    else takeEvent(proven);
  }

  function takeEvent({ event: text, digest }: ProvenRecord): void {
    let event: E | null;
    try {
      event = parse(text);
    } catch (thrown) {
      const problem = findProblem(thrown);
      if (problem === null) throw thrown;
      damage = { line: records + 1, problem };
      return;
    }
    if (known !== null && records + 1 === known.records && digest !== known.digest) {
      damage = { line: records + 1, problem: 'it is not the record that the head beside the journal names' };
      return;
    }
    records += 1;
    lastDigest = digest;
    if (event !== null) visit(event, digest);
  }

  return {
    take(bytes) {
      let from = 0;
      for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, from)) {
        const rest = bytes.subarray(from, at);
        takeLine(started.length === 0 ? rest : Buffer.concat([...started, rest]));
        started = [];
        from = at + 1;
      }
      // A copy: the caller may use its bytes again.
      if (from < bytes.length) started.push(Buffer.from(bytes.subarray(from)));
    },
    end() {
      const tornTail = started.length > 0;
      const state =
        known === null ? (head as 'missing' | 'unreadable' | null) : known.records < records ? 'behind' : 'agrees';
      return {
        records,
        lastDigest,
        damage: damage ?? findLoss(records, tornTail, head),
        tornTail,
        wholeBytes,
        head: state ?? 'unread',
      };
    },
  };
}

/** What the head knows of and the journal does not have any more. */
function findLoss(records: number, tornTail: boolean, head: FoundHead): JournalEnd['damage'] {
  if (typeof head === 'string') {
    const isEmpty = records === 0 && !tornTail;
    return isEmpty ? { line: 1, problem: `the journal is empty, and its head is ${head}` } : null;
  }
  if (head === null || head.records <= records) return null;
  const lost = head.records - records;
  const what = lost === 1 ? 'the last record is' : `the last ${String(lost)} records are`;
  return {
    line: records + 1,
    problem: `${what} missing: the head beside the journal counts ${String(head.records)}, and ${records === 0 ? 'the journal is empty' : `only ${String(records)} are there`}`,
  };
}

/** Null: not the fault of the text. */
function findProblem(thrown: unknown): string | null {
  if (thrown instanceof EventFault) return thrown.message;
  // RangeError: nested so deep that JSON gives up.
  return thrown instanceof SyntaxError || thrown instanceof RangeError ? 'it is not JSON' : null;
}

/** All of an event. Throws SyntaxError, EventFault. */
export function parseEvent(text: Buffer): RunEvent {
  return readEvent(JSON.parse(text.toString('utf8')));
}

/** For all events of a run, one after the other: each can follow those before it. */
export function createEventParser(): (text: Buffer) => RunEvent {
  const judge = createEventOrder();
  return (text) => {
    const event = parseEvent(text);
    judge(event);
    return event;
  };
}
