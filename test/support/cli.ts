// Runs the built command line as a user does: a process of its own, started with a clean environment. It asserts nothing and
// signals only the process it started.
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../', import.meta.url));
export const mainScript = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface CliOptions {
  /** Beside PATH; nothing else of this process' environment is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the repository, where the playbooks are. */
  readonly cwd?: string;
  /** The process is killed after so long and the run rejects. Default 25000. */
  readonly timeoutMs?: number;
  /** Runs the command under this shell line, in which `"$@"` is the command: `ulimit -f 8; exec "$@"`. */
  readonly shell?: string;
}

export interface CliResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly processId: number;
  /** What it has printed so far, both streams in the order they came. */
  readonly printed: () => string;
  /** Resolves when what was printed matches; rejects when the process ends without it. */
  until(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<CliResult>;
}

/** Starts `fencepost ARGS` and returns at once. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const { env = {}, cwd = repository, timeoutMs = 25_000, shell } = options;
  const command = [process.execPath, mainScript, ...args];
  const [file = '', ...rest] = shell === undefined ? command : ['sh', '-c', shell, 'sh', ...command];
  const child = spawn(file, rest, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return follow(child, `fencepost ${args.join(' ')}`, timeoutMs);
}

/** Runs `fencepost ARGS` to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).ended;
}

function follow(child: ChildProcess, name: string, timeoutMs: number): RunningCli {
  const streams = { stdout: '', stderr: '' };
  let printed = '';
  let isOver = false;
  const waiting = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      streams[stream] += text;
      printed += text;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<CliResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${name} did not end within ${String(timeoutMs)} ms; it printed:\n${printed}`));
    }, timeoutMs);
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer);
      isOver = true;
      for (const look of waiting) look();
      resolve({ exitCode, signal, ...streams });
    });
  });
  return {
    processId: child.pid ?? -1,
    printed: () => printed,
    until(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(printed)) resolve();
          else if (isOver) reject(new Error(`${name} ended before it printed ${String(pattern)}:\n${printed}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      });
    },
    kill(signal) {
      child.kill(signal);
    },
    ended,
  };
}
