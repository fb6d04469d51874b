// The bytes of a journal -> its events, one by one: a journal of thousands of hosts is never in memory as a whole. A last line without
// its newline is what a crash leaves and is set apart; anything else that is wrong is damage and is named by line.
import type { RunEvent } from '../model/outcome.ts';
import { firstPrevious, proveRecord, type ProvenRecord } from './record.ts';

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
}

export interface ChainReader {
  /** The next bytes of the file, in parts of any length. */
  take(bytes: Buffer): void;
  end(): JournalEnd;
}

const newline = 0x0a;

/**
 * Hands each event to `visit` as soon as its line is proven, up to the first damage. `parse` makes of an event's JSON text what is
 * visited; null is not visited. A SyntaxError of `parse` is damage.
 */
export function followChain<E>(parse: (event: Buffer) => E | null, visit: (event: E) => void): ChainReader {
  let begun: Buffer[] = [];
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
      if (!(thrown instanceof SyntaxError)) throw thrown;
      damage = { line: records + 1, problem: 'it is not JSON' };
      return;
    }
    records += 1;
    lastDigest = digest;
    if (event !== null) visit(event);
  }

  return {
    take(bytes) {
      let from = 0;
      for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, from)) {
        const rest = bytes.subarray(from, at);
        takeLine(begun.length === 0 ? rest : Buffer.concat([...begun, rest]));
        begun = [];
        from = at + 1;
      }
      // A copy: the caller may use its bytes again.
      if (from < bytes.length) begun.push(Buffer.from(bytes.subarray(from)));
    },
    end: () => ({ records, lastDigest, damage, tornTail: begun.length > 0, wholeBytes }),
  };
}

/** All of an event. Throws SyntaxError. */
export function parseEvent(text: Buffer): RunEvent {
  return JSON.parse(text.toString('utf8')) as RunEvent;
}
