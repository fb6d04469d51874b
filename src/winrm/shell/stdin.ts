// Bytes on their way to a command's stdin: cut so that each Send fits the server's envelope, one Send at a time per shell, a busy shell
// asked again. A Send whose answer is lost is not repeated: the command could read its bytes twice. Source: MS-WSMV 3.1.4.13; wsman.md 2.7.
import { asFailure } from '../../model/failure.ts';
import type { Failure } from '../../model/failure.ts';
import { retry } from '../retries.ts';
import type { Tries } from '../retries.ts';

/** In base64 and its envelope this fits the smallest MaxEnvelopeSizekb that Windows ships with, 150 (wsman.md sections 2.7 and 2.10). */
export const sendBytes = 96 * 1024;
const smallestBytes = 4096;

export interface Piece {
  readonly data: Uint8Array;
  /** True: no more input follows. */
  readonly end: boolean;
}

export interface InputParts {
  readonly send: (piece: Piece) => Promise<void>;
  readonly newTries: () => Tries;
  readonly signal?: AbortSignal | undefined;
}

/** Sends all of `data`, and its end if `end`. Throws Failure; `effect` is then of the piece that failed. */
export async function sendInput(parts: InputParts, { data, end }: Piece): Promise<void> {
  let limit = sendBytes;
  let at = 0;
  do {
    const isLast = data.length - at <= limit;
    const piece = { data: data.subarray(at, at + limit), end: isLast && end };
    if (piece.data.length === 0 && !piece.end) return;
    try {
      await sendPiece(parts, piece);
      at += piece.data.length;
    } catch (thrown) {
      const failure = asFailure(thrown);
      // A host whose MaxEnvelopeSizekb was lowered: nothing of the piece was taken.
      if (failure.code !== 'wire/too-large' || limit <= smallestBytes) throw failure;
      limit = Math.floor(limit / 2);
      continue;
    }
    if (isLast) return;
  } while (at <= data.length);
}

async function sendPiece({ send, newTries, signal }: InputParts, piece: Piece): Promise<void> {
  // 170: the shell is busy and took nothing.
  const canHelp = (failure: Failure): boolean => failure.retry === 'same-request';
  await retry(() => send(piece), { tries: newTries(), signal, canHelp });
}
