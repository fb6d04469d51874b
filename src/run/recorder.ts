// Writes an event to the journal first and tells the listener after: what a person sees is already on disk. A listener that throws is
// cut off here at the latest: it must never look as if the step it was told of had failed.
import type { RunEvent } from '../model/outcome.ts';
import type { Ownership } from '../model/rules/ownership.ts';
import type { Clock, Journal, SafeListener } from '../model/seams.ts';

/** An event without its time. */
export type NewEvent = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;

export interface Recorder {
  /** Resolves when the event is on disk. Rejects with Failure `journal/unwritable`; then nothing more may be changed. */
  record(happening: NewEvent): Promise<void>;
}

export function createRecorder(journal: Journal, listener: SafeListener, clock: Clock): Recorder {
  return {
    async record(happening) {
      const event = { at: clock.now(), ...happening } as RunEvent;
      await journal.append(event);
      listener.event(event);
    },
  };
}

/** The same recorder; `ownership` is told of each event once it is on disk, as a later reader of the journal is. */
export function tellOwnership(recorder: Recorder, ownership: Ownership): Recorder {
  return {
    async record(happening) {
      await recorder.record(happening);
      ownership.event(happening);
    },
  };
}
