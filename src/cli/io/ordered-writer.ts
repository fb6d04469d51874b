// Writes text in order and in the background, for streams beside the run (--events, --log-file): nobody waits for a write, and no error
// comes back. A target that fails, or whose reader is too slow for its limits, is cut off once and told to `onLost`. What it writes to is a seam.
import { setTimeout as sleep } from 'node:timers/promises';
import { describeLoss } from './safe-stream.ts';

export interface OrderedWriter {
  /** Never throws and never waits. */
  write(text: string): void;
  /** Resolves when all is written or the target is cut off; it waits only while its reader takes something now and then. Never rejects. */
  end(): Promise<void>;
}

export interface WriterTarget {
  /** How many of the bytes were taken; 0 = none now, try later. */
  readonly send: (bytes: Buffer) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface WriterOptions {
  /** Told once, with the reason in words. */
  readonly onLost: (reason: string) => void;
  /** So much may wait in memory. Default 64 MiB. */
  readonly limitBytes?: number;
  /** At the end, a reader that takes nothing for so long is waited for no more. Default 10 s. */
  readonly stallMs?: number;
}

const chunkBytes = 65_536;
const retryMs = 20;

export function createOrderedWriter(
  target: WriterTarget,
  { onLost, limitBytes = 64 * 1024 * 1024, stallMs = 10_000 }: WriterOptions,
): OrderedWriter {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let isLost = false;
  let pumping: Promise<void> | null = null;
  let progressMs = performance.now();
  const lose = (reason: string): void => {
    if (isLost) return;
    isLost = true;
    waiting = [];
    waitingBytes = 0;
    onLost(reason);
  };

  async function pump(): Promise<void> {
    try {
      while (waiting.length > 0 && !isLost) {
        const bytes = Buffer.concat(waiting);
        waiting = [];
        await sendAll(bytes);
      }
    } catch (thrown) {
      lose(describeLoss(thrown));
    }
    pumping = null;
  }

  async function sendAll(bytes: Buffer): Promise<void> {
    for (let sent = 0; sent < bytes.length && !isLost;) {
      const taken = await target.send(bytes.subarray(sent, sent + chunkBytes));
      sent += taken;
      waitingBytes -= taken;
      if (taken > 0) progressMs = performance.now();
      else await sleep(retryMs);
    }
  }

  return {
    write(text) {
      if (isLost) return;
      const bytes = Buffer.from(text);
      if (waitingBytes + bytes.length > limitBytes) {
        lose(`its reader is too slow: more than ${String(Math.floor(limitBytes / 1024 / 1024))} MiB are waiting`);
        return;
      }
      waiting.push(bytes);
      waitingBytes += bytes.length;
      pumping ??= pump();
    },
    async end() {
      progressMs = performance.now();
      while (pumping !== null && !isLost) {
        await Promise.race([pumping, sleep(retryMs)]);
        if (performance.now() - progressMs > stallMs) {
          lose(`its reader read nothing for ${String(Math.round(stallMs / 1000))} s`);
        }
      }
      // A target that was cut off is left as it is: a write may still be under way on it.
      if (!isLost)
        await target.close().catch((thrown: unknown) => {
          lose(describeLoss(thrown));
        });
    },
  };
}
