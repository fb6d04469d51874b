// A note on its way to one channel: what the outbox keeps until it is delivered.
import type { Note } from './note.ts';

export interface Letter {
  readonly channel: string;
  /** Among letters written at one time by one process. */
  readonly sequence: number;
  /** When it was written; ISO 8601. */
  readonly writtenAt: string;
  readonly note: Note;
}

/** What became of one attempt to send. */
export type SendResult =
  | { readonly kind: 'sent' }
  /** Trying again may help. `afterMs`: the receiver asked for at least so long; null: it did not. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number | null }
  /** The receiver, or our own settings, refuse this: trying again at once is no use. */
  | { readonly kind: 'refused'; readonly reason: string };

/** In the order in which they are told. */
export function compareLetters(a: Letter, b: Letter): number {
  const order = [a.writtenAt, b.writtenAt] as const;
  if (order[0] !== order[1]) return order[0] < order[1] ? -1 : 1;
  if (a.sequence !== b.sequence) return a.sequence - b.sequence;
  return a.note.key < b.note.key ? -1 : 1;
}
