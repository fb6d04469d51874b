// The OTLP receiver of the OpenTelemetry collector (Go), built once per test run from clients/otelcol with the versions its go.sum pins. It
// installs no Go.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = fileURLToPath(new URL('../clients/otelcol/', import.meta.url));

export type Taken =
  | {
      readonly kind: 'span';
      readonly name: string;
      readonly traceId: string;
      readonly spanId: string;
      readonly parentSpanId: string;
      readonly status: string;
      readonly startNs: number;
      readonly endNs: number;
      readonly attributes: Readonly<Record<string, unknown>>;
      readonly resource: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'sum' | 'histogram';
      readonly name: string;
      readonly unit: string;
      readonly value: number;
      readonly attributes: Readonly<Record<string, unknown>>;
    };

interface Collector {
  readonly url: string;
  /** Ends it: all that it took. */
  stop(): Promise<readonly Taken[]>;
}

export interface CollectorProgram {
  start(): Promise<Collector>;
  remove(): Promise<void>;
}

export async function buildCollector(): Promise<CollectorProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-otelcol-'));
  const program = join(folder, 'otelcol');
  await run('go', ['build', '-mod=readonly', '-o', program, '.'], {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  return { start: () => start(program), remove: () => rm(folder, { recursive: true, force: true }) };
}

async function start(program: string): Promise<Collector> {
  const child = spawn(program, { stdio: 'pipe', env: {} });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  const [first] = (await once(child.stderr, 'data')) as [Buffer];
  return {
    url: `http://${first.toString('utf8').trim()}`,
    async stop() {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
      const lines = Buffer.concat(parts).toString('utf8').split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Taken);
    },
  };
}
