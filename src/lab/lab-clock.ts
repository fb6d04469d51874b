// Time as the lab sees it. fleet.ts gives the real one; a test gives its own and moves it by hand. Types only.
export interface LabClock {
  /** Now, as ISO 8601 text in UTC. */
  now(): string;
  /** Milliseconds of a clock that never jumps. */
  elapsedMs(): number;
  /** Calls `run` once, `delayMs` from now; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}
