// I/O: `--events`, the events of a run as JSON lines while they happen: the very records that the journal holds,
// without its chain, each with the name and version of its form.
import { openSync, writeSync } from 'node:fs';
import { savedEvent } from '../journal/saved-event.ts';
import { Failure } from '../model/failure.ts';
import type { RunEvent } from '../model/outcome.ts';
import { eventLineVersion } from './documents/kinds.ts';

/** Writes each event at once. `-` is stdout. Throws Failure `usage/invalid` when the file can't be opened. */
export function openEventStream(file: string): (event: RunEvent) => void {
  let target: number;
  try {
    target = file === '-' ? process.stdout.fd : openSync(file, 'a', 0o600);
  } catch (thrown) {
    throw new Failure('usage/invalid', `--events: ${file} can't be written`, { where: file, cause: thrown });
  }
  return (event) => {
    writeSync(
      target,
      `${JSON.stringify({ schema: 'fencepost/event', version: eventLineVersion, ...savedEvent(event) })}\n`,
    );
  };
}
