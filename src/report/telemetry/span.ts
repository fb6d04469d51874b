// What a trace is made of, whoever writes it: a live exporter (cli/telemetry/) or a file (otlp-json.ts). No span holds what a host printed,
// a user, a secret or a message: names, numbers, verdicts and codes of the closed lists only.

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface SpanStart {
  /** Within one trace; the same events give the same ids. */
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  readonly kind: 'internal' | 'client';
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly attributes: Attributes;
}

export interface SpanEnd {
  readonly atMs: number;
  readonly attributes?: Attributes;
  /** A code; null: it ended well. */
  readonly error: string | null;
}

/** Told of every span twice, the start first. A parent may have ended before its child starts: closing a session is part of its host. */
export interface SpanSink {
  start(span: SpanStart): void;
  end(id: string, end: SpanEnd): void;
}
