// A run's telemetry as the OpenTelemetry collector itself reads it: live over OTLP protobuf, and the export of its journal as OTLP JSON.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type TestLab } from '../support/lab.ts';
import { missingGo } from './support/go-client.ts';
import { buildCollector, type CollectorProgram, type Taken } from './support/otel-collector.ts';

const missing = await missingGo();
let program: CollectorProgram;
let lab: TestLab;

beforeAll(async () => {
  if (missing !== null) return;
  program = await buildCollector();
  lab = await openLab([{ name: 'ex01' }, { name: 'ex02', language: 'ja' }]);
}, 600_000);
afterAll(async () => {
  if (missing !== null) return;
  await lab.close();
  await program.remove();
});

type Span = Extract<Taken, { kind: 'span' }>;
const spansIn = (taken: readonly Taken[]): readonly Span[] =>
  taken.flatMap((one) => (one.kind === 'span' ? [one] : []));

test.skipIf(missing !== null)('counts the spans and metrics of an apply, and then those of its export', async () => {
  const live = await program.start();
  const { exitCode } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes'], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: live.url, OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=lab' },
  });
  const taken = await live.stop();
  expect(exitCode).toBe(0);
  const [run = ''] = await lab.runs();
  const events = await lab.events(run);
  const steps = events.filter((one) => one.type === 'step-finished').length;

  const spans = spansIn(taken);
  const count = (name: string): number => spans.filter((one) => one.name.startsWith(name)).length;
  expect([count('fencepost'), count('run apply'), count('batch'), count('host'), count('step ')]).toEqual([
    1,
    1,
    2,
    4,
    steps,
  ]);
  expect(lab.requestCount() - count('POST ')).toBeLessThanOrEqual(4);
  expect(new Set(spans.map((one) => one.traceId)).size).toBe(1);
  const ids = new Set(spans.map((one) => one.spanId));
  expect(spans.filter((one) => !ids.has(one.parentSpanId)).map((one) => one.name)).toEqual(['fencepost']);
  expect(spans.filter((one) => one.status === 'Error')).toEqual([]);
  expect(spans[0]?.resource).toMatchObject({ 'service.name': 'fencepost', 'deployment.environment.name': 'lab' });
  expect(taken).toContainEqual(
    expect.objectContaining({
      kind: 'sum',
      name: 'fencepost.hosts',
      value: 2,
      attributes: { 'fencepost.verdict': 'changed' },
    }),
  );
  const durations = taken.flatMap((one) =>
    one.kind === 'histogram' && one.name === 'fencepost.step.duration' ? [one.value] : [],
  );
  expect(durations.reduce((sum, one) => sum + one, 0)).toBe(steps);

  const later = await program.start();
  const { stdout } = await lab.run(['report', run, '--format', 'otlp']);
  const answer = await fetch(`${later.url}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: stdout,
  });
  const exported = spansIn(await later.stop());
  expect(answer.status).toBe(200);
  expect(exported.map((one) => one.name.split(' ')[0]).toSorted()).toEqual(
    spans
      .flatMap((one) => (/^(run|batch|step)/.test(one.name) ? [one.name.split(' ')[0]] : []))
      .concat('host', 'host')
      .toSorted(),
  );
  for (const { startNs, endNs } of exported) expect(endNs).toBeGreaterThanOrEqual(startNs);
});
