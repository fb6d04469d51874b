// Which variables of OpenTelemetry ask for telemetry, and which are refused in words.
import { describe, expect, test } from 'vitest';
import { readAskedTelemetry } from '../../../src/cli/telemetry/telemetry-asked.ts';

const endpoint = 'http://127.0.0.1:4318';

describe('asked for', () => {
  test.each([
    [{}, false, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, true, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false, false],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }, true, false],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint }, false, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true, false],
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, false, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' }, false, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRICS_EXPORTER: 'none' }, true, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' }, false, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'false' }, true, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, true, true],
  ])('%o: traces %s, metrics %s', (env, traces, metrics) => {
    expect(readAskedTelemetry(env)).toEqual({ traces, metrics, problems: [] });
  });
});

describe('refused', () => {
  test.each([
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /OTEL_TRACES_EXPORTER: only otlp and none/],
    [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /only http\/protobuf/],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'collector:::' }, /expected an http or https URL/],
  ])('%o', (env, problem) => {
    const { traces, metrics, problems } = readAskedTelemetry(env);
    expect([traces, metrics]).toEqual([false, false]);
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });
});
