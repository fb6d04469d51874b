// I/O: `--events`, the events of a run as JSON lines while they happen: the very records that the journal holds,
// without its chain, each with the name and version of its form. It never waits for its reader; ordered-writer.ts says what happens then.
import { savedEvent } from '../../journal/saved-event.ts';
import type { RunEvent } from '../../model/outcome.ts';
import { visibleText } from '../../model/text/visible-text.ts';
import { eventLineVersion } from '../documents/kinds.ts';
import { createOrderedWriter } from './ordered-writer.ts';
import { openFileTarget, streamTarget } from './writer-targets.ts';

export interface EventStream {
  event(event: RunEvent): void;
  /** Resolves when all of it is written or given up. Never rejects. */
  end(): Promise<void>;
}

/** `-` is stdout. Throws Failure `usage/invalid` when the file can't be opened. `onLost` gets the reason once when nothing more is written. */
export function openEventStream(file: string, onLost: (reason: string) => void): EventStream {
  const target = file === '-' ? streamTarget(process.stdout) : openFileTarget(file, '--events');
  const writer = createOrderedWriter(target, { onLost });
  return {
    event(event) {
      const line = JSON.stringify({ schema: 'fencepost/event', version: eventLineVersion, ...savedEvent(event) });
      writer.write(`${visibleText(line)}\n`);
    },
    end: () => writer.end(),
  };
}
