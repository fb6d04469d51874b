// A journal in memory. `events` is what is on disk: an event is there once its append was carried out, acknowledged or not.
import { Failure } from '../../src/model/failure.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { Journal } from '../../src/model/seams.ts';
import { createController, type Controller } from './controller.ts';

/** full: it can't be written from here on; killed-before, killed-after: the controller dies at this append. */
export type AppendTrouble = 'full' | 'killed-before' | 'killed-after';

export interface MemoryJournal extends Journal {
  readonly events: readonly RunEvent[];
  /** How many appends were asked for. */
  readonly appends: number;
}

export interface MemoryJournalOptions {
  readonly controller?: Controller;
  /** For the n-th append, counted from 1. */
  readonly trouble?: (event: RunEvent, n: number) => AppendTrouble | null;
}

export function memoryJournal({ controller = createController(), trouble }: MemoryJournalOptions = {}): MemoryJournal {
  const events: RunEvent[] = [];
  let appends = 0;
  let full = false;
  const never = (): Promise<void> => new Promise<void>(() => undefined);
  return {
    events,
    get appends() {
      return appends;
    },
    async append(event) {
      await Promise.resolve();
      if (controller.dead) return never();
      appends += 1;
      const what = trouble?.(event, appends) ?? null;
      full ||= what === 'full';
      if (full) throw new Failure('journal/unwritable', "the journal can't be written: the disk is full");
      if (what !== null) controller.dead = true;
      if (what !== 'killed-before') events.push(structuredClone(event));
      if (what !== null) return never();
    },
  };
}
