// I/O: how a run's journal is read, whole, in outline or only its beginning. Apart from store.ts, which loads it on first use: judging events
// takes all their forms, and most commands read no journal.
import type { RunOutline } from '../model/history.ts';
import type { RunEvent } from '../model/outcome.ts';
import { createEventParser, parseEvent, type JournalEnd } from './chain.ts';
import { createOutline, parseOutlineEvent } from './outline.ts';
import { readChain, readFirst } from './read.ts';

export function readEvents(
  file: string,
  visit: (event: RunEvent, digest: string) => void,
  rest?: () => Promise<void>,
): Promise<JournalEnd> {
  return readChain(file, createEventParser(), visit, rest);
}

export async function readOutline(
  file: string,
): Promise<{ readonly outline: RunOutline | null; readonly end: JournalEnd }> {
  const reader = createOutline();
  const end = await readChain(file, parseOutlineEvent, (event) => {
    reader.event(event);
  });
  return { outline: reader.outline(), end };
}

export function readBeginning(file: string): Promise<RunEvent | null> {
  return readFirst(file, parseEvent);
}
