// A whole apply with telemetry: what an endpoint gets, what it must never get, and that none of them, however it behaves, changes the
// outcome of a run.
import { chmod, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectBounded } from '../../support/expect-bounded.ts';
import { openLab, withLab, type TestLab } from '../../support/lab.ts';
import { openOtlpServer, type OtlpServer, type TakenSpan } from '../../support/otlp-server.ts';
import type { CliResult } from '../../support/cli.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentSpan = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${parentSpan}-01`;

describe('an apply on two hosts', () => {
  let lab: TestLab;
  let server: OtlpServer;
  let result: CliResult;
  let helperSaw: string;

  beforeAll(async () => {
    lab = await openLab([{ name: 'ex01' }, { name: 'ex02', language: 'de' }]);
    server = await openOtlpServer();
    const seen = lab.path('seen');
    const hook = await lab.write('hook.sh', `#!/bin/sh\ncat >/dev/null\nprintf %s "$TRACEPARENT" > ${seen}\n`);
    await chmod(hook, 0o700);
    const policy = await lab.write('policy.yml', `policy: { command: ["${hook}"] }\n`);
    result = await lab.run(['apply', '-i', lab.inventoryFile, '--policy', policy, '--yes'], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: server.url, TRACEPARENT: traceparent },
    });
    helperSaw = await readFile(seen, 'utf8');
  });
  afterAll(async () => {
    await server.close();
    await lab.close();
  });

  const named = (name: string): readonly TakenSpan[] => server.spans.filter((one) => one.name === name);

  test('has the outcome that it always has', () => {
    expect([result.exitCode, result.stderr]).toEqual([0, expect.not.stringContaining('warning')]);
  });

  test('is one trace below what the pipeline handed over, without a gap or a double', () => {
    const ids = new Set(server.spans.map((one) => one.spanId));
    expect(ids.size).toBe(server.spans.length);
    expect(new Set(server.spans.map((one) => one.traceId))).toEqual(new Set([traceId]));
    const above = server.spans.filter((one) => !ids.has(one.parentSpanId));
    expect(above.map((one) => [one.name, one.parentSpanId])).toEqual([['fencepost', parentSpan]]);
    for (const { startMs, endMs } of server.spans) expect(endMs).toBeGreaterThanOrEqual(startMs);
  });

  test('has as many batches, hosts, steps and requests as there were', async () => {
    const [run = ''] = await lab.runs();
    const events = await lab.events(run);
    expect(named('run apply')).toHaveLength(1);
    expect(named('batch')).toHaveLength(events.filter((one) => one.type === 'batch-started').length);
    // Once for the plan, once for the change.
    expect(
      named('host')
        .map((one) => one.attributes['server.address'])
        .toSorted(),
    ).toEqual([...['ex01', 'ex01'], ...['ex02', 'ex02']]);
    const steps = server.spans.filter((one) => one.name.startsWith('step '));
    expect(steps).toHaveLength(events.filter((one) => one.type === 'step-finished').length);
    const requests = server.spans.filter((one) => one.name.startsWith('POST '));
    // Nobody waits for the answers to the last requests, which delete the shells.
    expect(lab.requestCount() - requests.length).toBeLessThanOrEqual(4);
    expect(requests.length).toBeGreaterThan(10);
    expect(requests.every((one) => one.attributes['http.request.method'] === 'POST')).toBe(true);
  });

  test('names what it is by the conventions', async () => {
    const [run] = await lab.runs();
    const [command] = named('fencepost');
    expect(command?.attributes).toMatchObject({
      'process.executable.name': 'fencepost',
      'process.exit.code': 0,
      'fencepost.command': 'apply',
    });
    expect(named('run apply')[0]?.attributes).toMatchObject({
      'cicd.pipeline.run.id': run,
      'cicd.pipeline.result': 'success',
      'fencepost.hosts.changed': 2,
    });
  });

  test('hands its own span to a hook', () => {
    const [command] = named('fencepost');
    expect(helperSaw).toBe(`00-${traceId}-${command?.spanId ?? ''}-01`);
  });

  test('counts hosts by verdict and measures steps', () => {
    expect(server.metrics).toEqual(expect.arrayContaining(['fencepost.hosts', 'fencepost.step.duration']));
  });

  test('sends no secret, no user, no command and nothing that a host printed', async () => {
    const sent = server.bytes();
    const [run = ''] = await lab.runs();
    const events = await lab.events(run);
    const printed = events.flatMap((one) => (one.type === 'command-finished' ? one.text.split('\n') : []));
    const operator = events.flatMap((one) =>
      one.type === 'run-started' ? [one.operator.user, one.operator.machine] : [],
    );
    const secret = [lab.password, Buffer.from(lab.password).toString('base64'), 'LAB\\operator', 'operator'];
    const never = [
      ...secret,
      ...operator.filter((one) => one !== 'root'),
      'netsh',
      ...printed.filter((line) => line.trim().length > 6),
    ];
    for (const one of never) expect(sent).not.toContain(Buffer.from(one, 'utf8').toString('latin1'));
  });

  test('can be exported from its journal afterwards', async () => {
    const { exitCode, stdout } = await lab.run(['report', 'last', '--format', 'otlp']);
    expect(exitCode).toBe(0);
    const { resourceSpans } = JSON.parse(stdout) as {
      resourceSpans: readonly [{ scopeSpans: readonly [{ spans: readonly { name: string }[] }] }];
    };
    const { spans } = resourceSpans[0].scopeSpans[0];
    expect(spans.filter((one) => one.name === 'host')).toHaveLength(2);
    expect(spans.filter((one) => one.name.startsWith('step '))).toHaveLength(
      server.spans.filter((one) => one.name.startsWith('step ')).length,
    );
  });

  test('nothing but a run can be', async () => {
    const { exitCode, stderr } = await lab.run(['report', 'package.json', '-f', 'otlp']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('no such run')]);
  });
});

describe('an endpoint that', () => {
  const huge = Buffer.alloc(1024 * 1024, 120);
  test.each([
    ['refuses', (_, response) => response.writeHead(400).end('\u001b[31mno'), /could not be sent/],
    ['never answers', () => undefined, /could not be sent within 1 s/],
    [
      'asks to try later, much later',
      (_, response) => response.writeHead(503, { 'Retry-After': '100000' }).end(),
      /could not/,
    ],
    ['hangs up', (_, response) => response.destroy(), /could not be sent/],
    [
      'answers without end',
      (_, response) => {
        response.writeHead(200);
        const more = (): void => {
          if (!response.destroyed) response.write(huge, more);
        };
        more();
      },
      null,
    ],
    [
      'sends elsewhere',
      (_, response) => response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(),
      /could not/,
    ],
    ['answers with garbage', (_, response) => response.writeHead(200).end(huge), null],
  ] as readonly (readonly [string, Parameters<typeof openOtlpServer>[0], RegExp | null])[])(
    '%s changes no outcome and costs a bounded time',
    async (_, answer, warning) => {
      const server = await openOtlpServer(answer);
      try {
        await withLab([{ name: 'ex01' }], async (lab) => {
          const startedMs = performance.now();
          const { exitCode, stdout, stderr } = await lab.run(['verify', '-i', lab.inventoryFile], {
            // What the exporter itself would take.
            env: { OTEL_EXPORTER_OTLP_ENDPOINT: server.url, OTEL_EXPORTER_OTLP_TIMEOUT: '60000' },
          });
          expectBounded(startedMs);
          expect([exitCode, stdout]).toEqual([2, expect.stringContaining('Summary: 1 to change')]);
          if (warning !== null) expect(stderr).toMatch(warning);
          expect(stderr).not.toContain('[31m');
        });
      } finally {
        await server.close();
      }
    },
  );

  test('is not there, in a process of its own, neither', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const { exitCode, stderr } = await lab.run(['verify', '-i', lab.inventoryFile], {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_HEADERS: 'a=b\u0001' },
        fresh: true,
      });
      expect(exitCode).toBe(2);
      expect(stderr).toContain('traces could not be sent');
    });
  });

  test('is not understood is said once', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const { exitCode, stderr } = await lab.run(['verify', '-i', lab.inventoryFile], {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      });
      expect(exitCode).toBe(2);
      expect(stderr.match(/no telemetry is sent/g)).toHaveLength(1);
    });
  });
});
