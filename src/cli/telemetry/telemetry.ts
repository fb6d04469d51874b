// I/O: traces and metrics of a command, sent while it works by whatever the environment names. It is a listener like any other: what is
// slow, down or hostile over there costs the command at most a second at its end and a line on stderr, never its outcome.
import type { Listener } from '../../model/seams.ts';
import { createSpanFollower, type RequestTrace } from '../../report/telemetry/follow-spans.ts';
import type { SpanSink } from '../../report/telemetry/span.ts';
import { formatTraceparent, readTraceparent } from '../../report/telemetry/trace-context.ts';
import { createFuse } from '../../run/isolated-listener.ts';
import { toolVersion } from '../version.ts';
import type { Outlet } from './outlet.ts';
import { readAskedTelemetry } from './telemetry-asked.ts';

export interface Telemetry {
  readonly listener: Listener;
  request(request: RequestTrace): void;
  /** Sends what is left. Takes about a second at most. Never rejects. */
  end(end: CommandEnd): Promise<void>;
}

export interface CommandEnd {
  readonly exitCode: number;
  /** A code; null: it ended well. */
  readonly error: string | null;
}

export interface TelemetryOptions {
  /** Handed to helpers: TRACEPARENT in it names the span of this command until it ends. */
  readonly env: NodeJS.ProcessEnv;
  readonly command: string;
  readonly now: () => number;
  /** A warning, without end of line. */
  readonly warn: (text: string) => void;
}

const rootSpan = 'command';
const endMs = 1000;

/** Null when nothing is asked for, or it can't be had. */
export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry | null> {
  const { env, warn } = options;
  const asked = readAskedTelemetry(env);
  for (const problem of asked.problems) warn(`no telemetry is sent: ${problem}`);
  if (!asked.traces && !asked.metrics) return null;
  try {
    return await startTelemetry(options, asked);
  } catch (thrown) {
    warn(`no telemetry is sent: OpenTelemetry could not be started${describeCode(thrown)}`);
    return null;
  }
}

async function startTelemetry(
  { env, command, now, warn }: TelemetryOptions,
  asked: { readonly traces: boolean; readonly metrics: boolean },
): Promise<Telemetry> {
  const parent = readTraceparent(env['TRACEPARENT']);
  const setup = { env, toolVersion, parent, traceState: env['TRACESTATE'] };
  const tracing = asked.traces ? (await import('./send-traces.ts')).startTraces(setup) : null;
  const metering = asked.metrics ? (await import('./send-metrics.ts')).startMetrics(setup) : null;
  const outlets = [tracing, metering].filter((one) => one !== null);
  const sink: SpanSink = {
    start: (span) => {
      for (const one of outlets) one.sink.start(span);
    },
    end: (id, end) => {
      for (const one of outlets) one.sink.end(id, end);
    },
  };
  sink.start({
    id: rootSpan,
    parent: null,
    name: 'fencepost',
    kind: 'internal',
    atMs: now(),
    attributes: {
      'process.executable.name': 'fencepost',
      'process.pid': process.pid,
      'fencepost.command': command,
    },
  });
  const context = tracing?.contextOf(rootSpan) ?? null;
  const before = env['TRACEPARENT'];
  if (context !== null) env['TRACEPARENT'] = formatTraceparent(context);
  const follower = createSpanFollower(sink, rootSpan);
  const fuse = createFuse(() => {
    warn('telemetry failed. Fencepost continues without it.');
  });
  return {
    listener: {
      event(event) {
        fuse.attempt(() => {
          follower.event(event);
        });
      },
      progress(progress) {
        fuse.attempt(() => {
          follower.progress(progress, now());
        });
      },
    },
    request(request) {
      fuse.attempt(() => {
        follower.request(request);
      });
    },
    async end({ exitCode, error }) {
      if (context !== null) {
        if (before === undefined) delete env['TRACEPARENT'];
        else env['TRACEPARENT'] = before;
      }
      fuse.attempt(() => {
        const atMs = now();
        follower.finish(atMs, error);
        sink.end(rootSpan, { atMs, attributes: { 'process.exit.code': exitCode }, error });
      });
      await flushOutlets(outlets, warn);
    },
  };
}

async function flushOutlets(outlets: readonly Outlet[], warn: (text: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, endMs, 'late');
  });
  await Promise.all(
    outlets.map(async (outlet) => {
      const { what } = outlet;
      const end = await Promise.race([outlet.flush().then(() => null, describeCode), late]);
      if (end === 'late') warn(`${what} could not be sent within ${endMs / 1000} s. The outcome is not affected.`);
      else if (end !== null) warn(`${what} could not be sent${end}. The outcome is not affected.`);
    }),
  );
  clearTimeout(timer);
}

/** Only a code: what the other side answered is not ours to repeat. */
function describeCode(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return '';
  const { code } = thrown;
  return /^[A-Z0-9_]{1,40}$/.test(String(code)) ? ` (${String(code)})` : '';
}
