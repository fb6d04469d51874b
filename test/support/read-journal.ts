// A whole journal at once, for tests: the tool itself goes through one event by event.
import { followChain, parseEvent, type JournalEnd } from '../../src/journal/chain.ts';
import { createReplay, withoutBeginning } from '../../src/journal/replay.ts';
import type { RunStore } from '../../src/journal/store.ts';
import type { RunHistory } from '../../src/model/history.ts';
import type { RunEvent } from '../../src/model/outcome.ts';

export interface WholeJournal extends JournalEnd {
  readonly events: readonly RunEvent[];
}

/** `partBytes`: how much of it comes at a time. */
export function readJournal(text: string | Buffer, partBytes = Number.MAX_SAFE_INTEGER): WholeJournal {
  const bytes = Buffer.from(text);
  const events: RunEvent[] = [];
  const reader = followChain(parseEvent, (event) => events.push(event));
  for (let at = 0; at < bytes.length; at += partBytes) reader.take(bytes.subarray(at, at + partBytes));
  return { ...reader.end(), events };
}

export async function readRun(store: RunStore, run: string): Promise<WholeJournal> {
  const events: RunEvent[] = [];
  const end = await store.readRun(run, (event) => events.push(event));
  return { ...end, events };
}

/** Throws Failure `journal/damaged` when the events do not begin with a run. */
export function replayRun(events: readonly RunEvent[]): RunHistory {
  const replay = createReplay();
  for (const event of events) replay.event(event);
  const history = replay.history();
  if (history === null) throw withoutBeginning('a-run');
  return history;
}
