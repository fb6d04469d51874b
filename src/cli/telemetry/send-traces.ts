// I/O: spans to OTLP over HTTP with OpenTelemetry's slim packages; where to, with which headers and certificates they read from the
// environment themselves. Loaded only when it is asked for (telemetry-asked.ts). Never sdk-node, which takes seconds to load.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, createTraceState, trace } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TraceContext } from '../../report/telemetry/trace-context.ts';
import type { Outlet, TelemetrySetup } from './outlet.ts';
import { describeProcess } from './resource.ts';

/** Finished spans that wait to be sent; the rest is dropped. A few MB: a run of thousands of hosts has five to twenty each. */
const mostWaiting = 16_384;
/** While it works it sends this often, so that little is left for the end. */
const sendEveryMs = 1000;

export interface Traces extends Outlet {
  contextOf(id: string): TraceContext | null;
}

export function startTraces({ env, toolVersion, parent, traceState }: TelemetrySetup): Traces {
  const exporter = notingFailures(new OTLPTraceExporter());
  const processor = new BatchSpanProcessor(exporter, {
    ...(env['OTEL_BSP_MAX_QUEUE_SIZE'] === undefined ? { maxQueueSize: mostWaiting } : {}),
    ...(env['OTEL_BSP_SCHEDULE_DELAY'] === undefined ? { scheduledDelayMillis: sendEveryMs } : {}),
  });
  const provider = new BasicTracerProvider({
    resource: describeProcess(env, toolVersion),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('fencepost', toolVersion);
  const outside = contextOutside(parent, traceState);
  const open = new Map<string, Span>();
  const contexts = new Map<string, Context>();
  return {
    what: 'traces',
    sink: {
      start({ id, parent: above, name, kind, atMs, attributes }) {
        const context = above === null ? outside : (contexts.get(above) ?? outside);
        const spanKind = kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL;
        const span = tracer.startSpan(name, { kind: spanKind, startTime: new Date(atMs), attributes }, context);
        open.set(id, span);
        if (kind !== 'client') contexts.set(id, trace.setSpan(ROOT_CONTEXT, span));
      },
      end(id, { atMs, attributes = {}, error }) {
        const span = open.get(id);
        if (span === undefined) return;
        span.setAttributes(attributes);
        if (error !== null) span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR });
        span.end(new Date(atMs));
        open.delete(id);
      },
    },
    contextOf(id) {
      const context = open.get(id)?.spanContext();
      if (context === undefined) return null;
      const { traceId, spanId, traceFlags } = context;
      return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
    },
    async flush() {
      await provider.forceFlush();
      exporter.throwFailure();
    },
  };
}

/** What a pipeline handed over is the parent of everything; a parent that is not sampled keeps everything from being sent. */
function contextOutside(parent: TraceContext | null, traceState: string | undefined): Context {
  if (parent === null) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(traceState === undefined ? {} : { traceState: createTraceState(traceState) }),
  });
}

/** The same exporter, which remembers that a batch was not sent. */
function notingFailures(exporter: SpanExporter): SpanExporter & { throwFailure(): void } {
  let failure: Error | null = null;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined) failure = result.error;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    throwFailure() {
      if (failure !== null) throw failure;
    },
  };
}
