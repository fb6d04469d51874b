// What the proof of a journal comes to, in words and as data: the chain, its head beside it, and whether the run has an end. PURE.
import type { RunEvent } from '../model/outcome.ts';
import type { JournalEnd } from './chain.ts';

export interface Proof {
  /** The chain holds and reaches a head that says so. */
  readonly holds: boolean;
  readonly hasEnd: boolean;
  readonly text: string;
}

/** Follows the events of a run: has it an end, as far as its journal goes? */
export function createEndFinder(): { event(event: RunEvent): void; readonly hasEnd: boolean } {
  let hasEnd = false;
  return {
    event({ type }) {
      if (type === 'run-finished') hasEnd = true;
      if (type === 'run-resumed') hasEnd = false;
    },
    get hasEnd() {
      return hasEnd;
    },
  };
}

export function proveJournal(end: JournalEnd, hasEnd: boolean): Proof {
  const { records, damage, tornTail, lastDigest } = end;
  if (damage !== null) {
    return { holds: false, hasEnd: false, text: `The chain is broken in line ${damage.line}: ${damage.problem}\n` };
  }
  const count = records === 1 ? '1 record' : `${String(records)} records`;
  const lines = [
    `The chain is intact: ${count}, last digest ${records === 0 ? 'none' : lastDigest}`,
    ...(tornTail ? ['After them a record was cut short when the process died.'] : []),
    ...(hasEnd ? [] : ['The run has no end in it: its process died, or is still at work.']),
    ...(end.head === 'agrees' ? ['The head is sealed: it agrees with the chain, so nothing was cut off its end.'] : []),
    ...(describeHead(end) ?? []),
  ];
  return { holds: end.head === 'agrees' || end.head === 'behind', hasEnd, text: `${lines.join('\n')}\n` };
}

/** What a rollback or resume says of the head before it rests on the journal; null when there is nothing to say. */
export function describeHead({ head, damage }: JournalEnd): readonly string[] | null {
  if (damage !== null || head === 'agrees' || head === 'unread') return null;
  if (head === 'behind') {
    return ['Its head is behind: the process died, or the power went, before it was written. The records count.'];
  }
  return [
    `Its head, the file beside it, is ${head}: that nothing was cut off its end can't be proven.`,
    'Compare the last digest with the one printed when the run ended, if you have it.',
  ];
}
