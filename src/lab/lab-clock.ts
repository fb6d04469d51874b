// Time as the lab sees it. fleet.ts gives the real one; a test gives its own and moves it by hand.
import type { Clock } from '../model/world.ts';

export interface LabClock extends Clock {
  /** Calls `run` once, `delayMs` from now; the function returned takes that back. */
  after(delayMs: number, run: () => void): () => void;
}
