// One line of trace for each HTTP request: what was asked, how it was answered, how long it took. PURE. It holds no body, no header
// and no secret, so a trace may be sent to anybody.
import type { Clock } from '../../model/seams.ts';
import type { LastTokenName } from '../auth/handshake.ts';

export type OperationName =
  | 'create'
  | 'command'
  | 'receive'
  | 'send'
  | 'signal'
  | 'delete'
  | 'identify'
  | 'get'
  | 'enumerate'
  | 'pull'
  | 'release'
  | 'invoke';
/**
 * `type1` and `type3` are the two halves of an NTLM handshake, `ap-req` is the one of Kerberos; `type3+create` carries the first message
 * along with the last token.
 */
export type RoundTripName = 'type1' | LastTokenName | OperationName | `${LastTokenName}+${OperationName}`;

export interface TraceEntry {
  readonly target: string;
  /** ISO 8601, UTC: when the answer came, or failed to. */
  readonly at: string;
  /** 1, 2, 3, ... within one session. */
  readonly n: number;
  readonly method: 'POST';
  readonly what: RoundTripName;
  /** Null: no answer came. */
  readonly status: number | null;
  /** Bytes of the bodies, as they were on the wire. */
  readonly requestBytes: number;
  readonly answerBytes: number;
  readonly durationMs: number;
  /** Why this request was out of the ordinary: `connect/lost`, `sent again on a new connection`. Null when it wasn't. */
  readonly note: string | null;
}

export type TraceSink = (entry: TraceEntry) => void;

export interface RoundTripRecord {
  readonly what: RoundTripName;
  readonly requestBytes: number;
  /** Null when no answer came. */
  readonly answer: { readonly status: number; readonly bytes: number } | null;
  readonly startedMs: number;
  readonly note: string | null;
}

/** Counts the requests of one session and hands an entry for each to the sink, if there is one. */
export class Tracer {
  readonly #target: string;
  readonly #clock: Clock;
  readonly #sink: TraceSink | null;
  #count = 0;

  constructor(target: string, clock: Clock, sink: TraceSink | null) {
    this.#target = target;
    this.#clock = clock;
    this.#sink = sink;
  }

  /** The start of a round trip, to be handed back as `startedMs`. */
  start(): number {
    return this.#clock.elapsedMs();
  }

  record(roundTrip: RoundTripRecord): void {
    this.#count += 1;
    this.#sink?.({
      target: this.#target,
      at: this.#clock.now(),
      n: this.#count,
      method: 'POST',
      what: roundTrip.what,
      status: roundTrip.answer?.status ?? null,
      requestBytes: roundTrip.requestBytes,
      answerBytes: roundTrip.answer?.bytes ?? 0,
      durationMs: Math.round(this.#clock.elapsedMs() - roundTrip.startedMs),
      note: roundTrip.note,
    });
  }
}
