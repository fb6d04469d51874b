// What a kind of telemetry is made from, and how it is fed and emptied.
import type { SpanSink } from '../../report/telemetry/span.ts';
import type { TraceContext } from '../../report/telemetry/trace-context.ts';

export interface TelemetrySetup {
  readonly env: NodeJS.ProcessEnv;
  readonly toolVersion: string;
  /** What a pipeline handed over. */
  readonly parent: TraceContext | null;
  readonly traceState: string | undefined;
}

export interface Outlet {
  readonly sink: SpanSink;
  readonly what: 'traces' | 'metrics';
  /** Rejects when something could not be sent. */
  flush(): Promise<void>;
}
