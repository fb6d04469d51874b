// The events of a run -> its trace as OTLP JSON, one document that a collector takes as the body of POST /v1/traces. Pure. The same journal
// gives the same ids, so that sending it twice makes no second trace. A run that died ends with its last event.
// Source: opentelemetry-proto, trace/v1/trace.proto and the JSON mapping of the OTLP specification.
import { createHash } from 'node:crypto';
import type { RunEvent } from '../../model/outcome.ts';
import { createSpanFollower } from './follow-spans.ts';
import type { AttributeValue, Attributes, SpanEnd, SpanStart } from './span.ts';

export interface TraceExport {
  /** The next event of the run. */
  event(event: RunEvent): void;
  /** The document. Ends what is still open. */
  finish(): string;
}

interface FinishedSpan extends SpanStart {
  readonly end: SpanEnd;
}

export function createTraceExport(run: string, toolVersion: string): TraceExport {
  const trace = recordSpans();
  const traceId = digest(`fencepost run ${run}`, 32);
  const writeSpan = ({ id, parent, name, kind, atMs, attributes, end }: FinishedSpan): object => ({
    traceId,
    spanId: digest(`${run} ${id}`, 16),
    ...(parent === null ? {} : { parentSpanId: digest(`${run} ${parent}`, 16) }),
    name,
    kind: kind === 'client' ? 3 : 1,
    startTimeUnixNano: nanoseconds(atMs),
    endTimeUnixNano: nanoseconds(Math.max(atMs, end.atMs)),
    attributes: writeAttributes({
      ...attributes,
      ...end.attributes,
      ...(end.error === null ? {} : { 'error.type': end.error }),
    }),
    status: end.error === null ? {} : { code: 2 },
  });
  return {
    event: trace.event,
    finish() {
      const spans = trace.finish().map(writeSpan);
      const scope = { name: 'fencepost', version: toolVersion };
      const resource = {
        attributes: writeAttributes({ 'service.name': 'fencepost', 'service.version': toolVersion }),
      };
      return `${JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] })}\n`;
    },
  };
}

/** The spans of the events, in the order in which they started. */
function recordSpans(): { event: (event: RunEvent) => void; finish: () => readonly FinishedSpan[] } {
  const started = new Map<string, SpanStart>();
  const ends = new Map<string, SpanEnd>();
  const follower = createSpanFollower(
    {
      start: (span) => started.set(span.id, span),
      end: (id, end) => ends.set(id, end),
    },
    null,
  );
  let lastMs = 0;
  return {
    event(event) {
      follower.event(event);
      lastMs = Math.max(lastMs, Date.parse(event.at));
    },
    finish() {
      follower.finish(lastMs, 'interrupted');
      return [...started.values()].map((span) => ({
        ...span,
        end: ends.get(span.id) ?? { atMs: lastMs, error: null },
      }));
    },
  };
}

function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

function nanoseconds(ms: number): string {
  return `${BigInt(Math.round(ms)) * 1_000_000n}`;
}

function writeAttributes(attributes: Attributes): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: writeValue(value) }));
}

/** 64-bit numbers are text in OTLP JSON. */
function writeValue(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
