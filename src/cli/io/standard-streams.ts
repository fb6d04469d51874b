// I/O: the process' own two streams, guarded once: `results` is stdout, `talk` is stderr. main.ts imports this first, so that also those who
// write to process.stdout themselves are safe.
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { guardStream } from './safe-stream.ts';

/** Beyond so many unread bytes, talk is dropped: it must not fill the memory of a run. */
const talkLimitBytes = 8 * 1024 * 1024;

export const results = guardStream(process.stdout);
export const talk = guardStream(process.stderr, talkLimitBytes);

const terminals = [0, 1, 2].filter((fd) => isatty(fd));

/**
 * Before the process ends. Node restores the modes of its terminals then, and aborts (134) when one is gone: node.cc, ResetStdio, takes no
 * EIO. What is closed it leaves alone.
 */
export function leaveLostTerminals(): void {
  for (const fd of terminals.filter((one) => !isatty(one))) {
    try {
      closeSync(fd);
    } catch {
      // It is closed already.
    }
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

/** Waits for what is left to be written; a signal ends the wait and nothing else: all is decided by then. */
export async function unlessInterrupted(work: Promise<unknown>): Promise<void> {
  let stop: () => void = () => undefined;
  const interrupted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  for (const signal of signals) process.on(signal, stop);
  try {
    await Promise.race([work, interrupted]);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** A reader of the results of a run that takes longer is named. */
const readerMs = 10_000;

/** Until the results are read, or a signal comes. */
export async function awaitReader(say: (text: string) => void): Promise<void> {
  const waiting = setTimeout(() => {
    say('Done; waiting for the reader of stdout. Press Ctrl-C to stop waiting.\n');
  }, readerMs);
  await unlessInterrupted(results.drained());
  clearTimeout(waiting);
}
