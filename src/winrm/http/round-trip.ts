// One request over an undici client and its whole answer, by the client's lowest door (`dispatch`): an answer of WinRM is small and wanted
// in one piece, and a stream with an abort signal for each costs more than all the rest. It keeps no time and closes nothing.
import { errors, type Client, type Dispatcher } from 'undici';

export interface RoundTripRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly maxAnswerBytes: number;
  /** Called when the request is about to be written to the socket, in the same turn. */
  readonly onStart?: (() => void) | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; a name that came several times has all its values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
}

export interface RoundTrip {
  /** Rejects with what undici says of the connection or the answer, or with what `stop` was given. */
  readonly answer: Promise<HttpAnswer>;
  /** Gives the answer up. Does nothing when it is there. */
  stop(reason: Error): void;
}

export function startRoundTrip(
  client: Client,
  { path, headers, body, maxAnswerBytes, onStart }: RoundTripRequest,
): RoundTrip {
  let stop: RoundTrip['stop'] = () => undefined;
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    stop = reject;
    const parts: Buffer[] = [];
    let status = 0;
    let answerHeaders: HttpAnswer['headers'] = {};
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {
        // Without this method undici would take the handler for one of its older form.
        onStart?.();
      },
      onResponseStart(controller, statusCode, given) {
        // An interim answer (RFC 9110 section 15.2): the real one follows.
        if (statusCode < 200) return;
        if (Number(given['content-length'] ?? 0) > maxAnswerBytes) {
          controller.abort(new errors.ResponseExceededMaxSizeError());
          return;
        }
        status = statusCode;
        answerHeaders = toLists(given);
      },
      onResponseData(_, part) {
        parts.push(part);
      },
      onResponseEnd() {
        const [only] = parts;
        const whole = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
        resolve({ status, headers: answerHeaders, body: whole });
      },
      onResponseError(_, error) {
        reject(error);
      },
    };
    client.dispatch({ method: 'POST', path, headers, body }, handler);
  });
  return { answer, stop };
}

/** The value of the header; empty when there is none. */
export function readContentType(answer: HttpAnswer): string {
  return answer.headers['content-type']?.[0] ?? '';
}

function toLists(headers: Readonly<Record<string, string | string[] | undefined>>): HttpAnswer['headers'] {
  const lists: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) lists[name] = typeof value === 'string' ? [value] : value;
  }
  return lists;
}
