// I/O: stdout and stderr, so that losing one never ends the process or changes what it found out. The first error (reader gone, terminal
// gone, disk full) silences the stream for good; whoever cares asks `lost`. It prints nothing about its own loss.
// All text is made safe to look at here, so that no renderer can forget it (colours.ts).
import type { Writable } from 'node:stream';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import { shownAnnotations, shownText } from './colours.ts';
import { findColumns } from './terminal.ts';
import { fitLines, plainWidth } from './terminal-text/fit-lines.ts';

export interface SafeStream {
  /** Never throws and never waits. */
  write(text: string): void;
  /**
   * Writes part by part and waits for a slow reader before it takes the next one, so that a long document never waits in memory. Stops waiting,
   * not writing, when the stream is lost or `wait` gives up (after a signal). Never rejects but with what `parts` throws.
   */
  writeParts(parts: Iterable<string>, wait: (drained: Promise<void>) => Promise<void>): Promise<void>;
  /** Annotations for GitHub, one a line; in `write` they would be text like any other. */
  annotate(lines: string): void;
  /** Output of another Fencepost, which was made safe there: its colours and annotations are not this process'. */
  relay(text: string): void;
  /** Why the stream is silent, in words with the system's code; null while it works. */
  readonly lost: string | null;
  /** The reader ended by itself, as `head` does: no error. */
  readonly isReaderGone: boolean;
  /** The loss was reported already, or does not matter: the stream is not waited for any more. */
  excuse(): void;
  readonly isExcused: boolean;
  /** Resolves when all was handed to the system, or the stream is lost, or after so long. */
  drained(limitMs?: number): Promise<void>;
}

/** So much of a long document may wait for its reader. */
const mostWaitingBytes = 256 * 1024;

type GuardedStream = Writable & Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>>;

/** `limitBytes`: so much may wait for a reader that is slower; beyond it the stream counts as lost. Default: no limit. */
export function guardStream(stream: GuardedStream, limitBytes = Infinity): SafeStream {
  let lost: string | null = null;
  let isReaderGone = false;
  let isExcused = false;
  let tellLoss: () => void = () => undefined;
  const loss = new Promise<void>((resolve) => {
    tellLoss = resolve;
  });
  const lose = (thrown: unknown): void => {
    if (lost !== null) return;
    lost = describeLoss(thrown);
    isReaderGone = readErrnoCode(thrown) === 'EPIPE';
    tellLoss();
  };
  let widthOf = plainWidth;
  if (findColumns(stream) !== undefined) {
    // What knows wide scripts is not loaded for a pipe, nor waited for.
    void import('../../report/text/display-width.ts').then(
      ({ displayWidth }) => (widthOf = displayWidth),
      () => undefined,
    );
  }
  // Stays as long as the process: without it an error of the stream would end the process.
  stream.on('error', lose);
  const send = (text: string): void => {
    if (lost !== null) return;
    try {
      if (stream.writableLength > limitBytes) lose(new Error('its reader stopped reading'));
      else stream.write(text);
    } catch (thrown) {
      lose(thrown);
    }
  };
  const guarded: SafeStream = {
    write(text) {
      send(fitLines(shownText(text), findColumns(stream), widthOf));
    },
    async writeParts(parts, wait) {
      for (const part of parts) {
        guarded.write(part);
        if (lost === null && stream.writableLength > mostWaitingBytes) await wait(guarded.drained());
      }
    },
    annotate(lines) {
      send(shownAnnotations(lines));
    },
    relay: send,
    get lost() {
      return lost;
    },
    get isReaderGone() {
      return isReaderGone;
    },
    excuse() {
      isExcused = true;
    },
    get isExcused() {
      return isExcused;
    },
    async drained(limitMs) {
      if (lost !== null || isExcused) return;
      let timer: NodeJS.Timeout | undefined;
      const written = new Promise<void>((resolve) => {
        try {
          stream.write('', () => {
            resolve();
          });
        } catch {
          resolve();
        }
      });
      const late = new Promise<void>((resolve) => {
        if (limitMs !== undefined) timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([written, loss, late]);
      clearTimeout(timer);
      // The stream's own 'error' comes a turn after the answer to the write.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return guarded;
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EPIPE: 'its reader is gone',
  ECONNRESET: 'its reader is gone',
  EIO: 'the terminal or the disk is gone',
};

/** `the disk is full (ENOSPC)`. */
export function describeLoss(thrown: unknown): string {
  const code = readErrnoCode(thrown);
  const known = code === null ? undefined : reasons[code];
  if (known !== undefined && code !== null) return `${known} (${code})`;
  return thrown instanceof Error ? thrown.message : String(thrown);
}
