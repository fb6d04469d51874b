// Receives until a command is done. A Receive whose answer was lost is sent again, byte for byte: a server may give the same data only to
// the same MessageID (wsman.md section 0, fact 7). Whether the command itself is run again is decided in shell.ts.
// Source: MS-WSMV 3.1.4.14; wsman.md section 2.6.
import { asFailure, Failure } from '../../model/failure.ts';
import type { Answer, Clock } from '../../model/seams.ts';
import { decodeOutput } from './decode-output.ts';
import { throwIfAborted } from '../abort-failure.ts';
import { retry } from '../retries.ts';
import type { Tries } from '../retries.ts';
import type { ReceiveResponse } from '../soap/responses.ts';

/** Far above what any question of ours prints; a command that prints for ever is stopped here. */
const maxOutputBytes = 64 * 1024 * 1024;

export interface OutputAnswer {
  readonly chunks: ReceiveResponse['chunks'];
  /** Null while the command runs; unsigned 32 bit. */
  readonly exitCode: number | null;
  /** The last Failure by which an answer to a Receive may have been lost; null: every answer arrived. */
  readonly lost: Failure | null;
}

export type SendReceive = (note: string | null) => Promise<ReceiveResponse | null>;

export interface OutputParts {
  readonly where: string;
  /** A new Receive request. Each call of what it returns sends the same bytes; null when the server said "nothing yet". */
  readonly newReceive: () => SendReceive;
  readonly newTries: () => Tries;
  readonly sleep: Clock['sleep'];
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a command prints, answer by answer; the next Receive is sent when the last answer was taken, so whoever reads slowly slows the
 * command down. The last part has `done` and its exit code. Throws Failure: `wire/shell-gone`, `wire/invalid`, that of a connection
 * which could not be re-established, or that of the signal.
 */
export async function* receiveOutput(parts: OutputParts): AsyncGenerator<OutputAnswer, void, undefined> {
  const { where, newReceive, newTries, sleep, signal } = parts;
  let emptyAnswers = 0;
  let lost: Failure | null = null;
  for (;;) {
    const send = newReceive();
    const receive: SendReceive = async (note) => {
      throwIfAborted(signal, where);
      try {
        return await send(note);
      } catch (thrown) {
        const failure = asFailure(thrown);
        if (failure.effect === 'unknown') lost = failure;
        throw failure;
      }
    };
    const received = await retry(receive, { tries: newTries(), signal, canHelp: isLost });
    const chunks = received?.chunks ?? [];
    if (received?.done === true) {
      if (received.exitCode === null) {
        throw new Failure('wire/invalid', `the command finished without an exit code`, {
          where,
          hint: 'WinRM had an internal error; check Microsoft-Windows-WinRM/Operational on the host',
          retry: 'new-session',
        });
      }
      yield { chunks, exitCode: received.exitCode, lost };
      return;
    }
    if (chunks.length > 0) yield { chunks, exitCode: null, lost };
    emptyAnswers = chunks.length === 0 ? emptyAnswers + 1 : 0;
    // A server holds a Receive until there is something to say; one that doesn't is not asked in a tight loop.
    if (emptyAnswers > 1) await sleep(Math.min(1000, 25 * emptyAnswers), signal);
  }
}

/**
 * All of it together. Throws also `wire/too-large`.
 *
 * `requireUnbroken`: output in which an answer was lost and asked for again is not trusted, for a server may have dropped the lost part
 * without a trace. Throws the Failure of the loss once the command has ended.
 */
export async function collectOutput(
  where: string,
  output: AsyncIterable<OutputAnswer>,
  { requireUnbroken }: { readonly requireUnbroken: boolean },
): Promise<Answer> {
  const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let bytes = 0;
  for await (const { chunks, exitCode, lost } of output) {
    for (const { stream, data } of chunks) {
      bytes += data.length;
      if (bytes > maxOutputBytes) {
        throw new Failure('wire/too-large', `the command printed more than ${maxOutputBytes} bytes`, {
          where,
        });
      }
      parts[stream].push(data);
    }
    if (exitCode !== null) {
      if (requireUnbroken && lost !== null) throw lost;
      return { exitCode, stdout: decodeOutput(parts.stdout), stderr: decodeOutput(parts.stderr) };
    }
  }
  throw new Failure('wire/invalid', `the output of the command is incomplete`, { where });
}

/** The connection broke or the service was not ready: nothing is known against the command. */
function isLost(failure: Failure): boolean {
  if (failure.code === 'wire/quota') return true;
  if (failure.retry === 'never') return false;
  return failure.code.startsWith('connect/') || failure.code === 'deadline/request' || failure.code.startsWith('http/');
}
