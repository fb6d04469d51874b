// I/O: two metrics to OTLP over HTTP: hosts by verdict, and how long steps took. Loaded only when it is asked for (telemetry-asked.ts).
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { SpanStart } from '../../report/telemetry/span.ts';
import type { Outlet, TelemetrySetup } from './outlet.ts';
import { describeProcess } from './resource.ts';

export function startMetrics({ env, toolVersion }: Pick<TelemetrySetup, 'env' | 'toolVersion'>): Outlet {
  const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() });
  const provider = new MeterProvider({ resource: describeProcess(env, toolVersion), readers: [reader] });
  const meter = provider.getMeter('fencepost', toolVersion);
  const hosts = meter.createCounter('fencepost.hosts', {
    unit: '{host}',
    description: 'Hosts whose verdict was reached',
  });
  const steps = meter.createHistogram('fencepost.step.duration', {
    unit: 's',
    description: 'Time of one step on one host',
    advice: { explicitBucketBoundaries: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 180] },
  });
  const open = new Map<string, SpanStart>();
  return {
    what: 'metrics',
    sink: {
      start(span) {
        if ('fencepost.step.number' in span.attributes) open.set(span.id, span);
      },
      end(id, { atMs, attributes = {} }) {
        const verdict = attributes['fencepost.verdict'];
        if (verdict !== undefined) hosts.add(1, { 'fencepost.verdict': verdict });
        const step = open.get(id);
        if (step === undefined) return;
        open.delete(id);
        const kind = step.attributes['fencepost.step.kind'] ?? 'unknown';
        const direction = step.attributes['fencepost.step.direction'] ?? 'do';
        const result = attributes['fencepost.step.result'] ?? 'interrupted';
        steps.record(Math.max(0, atMs - step.atMs) / 1000, {
          'fencepost.step.kind': kind,
          'fencepost.step.direction': direction,
          'fencepost.step.result': result,
        });
      },
    },
    flush: () => provider.forceFlush(),
  };
}
