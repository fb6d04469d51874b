// Runs the built command line as a user does, with a clean environment: in a process of its own, or, where nothing depends on that, in one
// that has carried out other commands before. It asserts nothing and signals only the processes it started.
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { endWithUs } from './end-with-us.ts';

export const repository = findRepository();
export const mainScript = fileURLToPath(new URL('dist/cli/main.js', pathToFileURL(repository)));
const warmScript = fileURLToPath(new URL('./warm-cli.mjs', import.meta.url));

/** Compiled tests, as those of `npm run chaos:state`, lie deeper, below `.fencepost/`. */
function findRepository(): string {
  let folder = new URL('../../', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) folder = new URL('../', folder);
  return fileURLToPath(folder);
}

export interface CliOptions {
  /** Beside PATH; nothing else of this process' environment is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the repository, where the playbooks are. */
  readonly cwd?: string;
  /** The process is killed after so long and the run rejects: a limit for a hang. Default 240000. */
  readonly timeoutMs?: number;
  /** Runs the command under this shell line, in which `"$@"` is the command: `ulimit -f 8; exec "$@"`. */
  readonly shell?: string;
  /** In a process of its own, beside others. Always so for `startCli` and under a shell; all else is carried out one by one. */
  readonly fresh?: boolean;
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
  const { cwd = repository, timeoutMs = 240_000, shell } = options;
  const command = [process.execPath, mainScript, ...args];
  const [file = '', ...rest] = shell === undefined ? command : ['sh', '-c', shell, 'sh', ...command];
  const child = spawn(file, rest, {
    cwd,
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return follow(child, `fencepost ${args.join(' ')}`, timeoutMs);
}

/** Runs `fencepost ARGS` to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const needsProcess =
    options.fresh === true ||
    options.shell !== undefined ||
    Object.keys(options.env ?? {}).some((name) => name.startsWith('NODE_'));
  if (needsProcess) return startCli(args, options).ended;
  const result = warmQueue.then(() => runWarm(args, options));
  warmQueue = result.catch(() => undefined);
  return result;
}

function environment({ env = {} }: CliOptions): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', ...env };
}

let warm: ChildProcess | null = null;
/** Settles when the last command that was given has been carried out. */
let warmQueue: Promise<unknown> = Promise.resolve();

interface WarmAnswer {
  readonly exitCode: number;
  readonly printed: readonly (readonly ['stdout' | 'stderr', string])[];
}

async function runWarm(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const name = `fencepost ${args.join(' ')}`;
  const { cwd = repository, timeoutMs = 240_000 } = options;
  warm ??= fork(warmScript, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: environment({}) });
  const child = warm;
  // Nobody waits for it: it ends with this process.
  child.unref();
  child.channel?.ref();
  try {
    const { exitCode, printed } = await new Promise<WarmAnswer>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${name} did not end within ${String(timeoutMs)} ms`));
      }, timeoutMs);
      const onExit = (code: number | null): void => {
        reject(new Error(`${name}: the process ended with ${String(code)}`));
      };
      child.once('exit', onExit);
      child.once('message', (answer) => {
        clearTimeout(timer);
        child.off('exit', onExit);
        resolve(answer as WarmAnswer);
      });
      child.send({ args, env: environment(options), cwd });
    });
    const textOf = (stream: 'stdout' | 'stderr'): string =>
      printed.map(([from, text]) => (from === stream ? text : '')).join('');
    return { exitCode, signal: null, stdout: textOf('stdout'), stderr: textOf('stderr') };
  } catch (thrown) {
    child.kill('SIGKILL');
    warm = null;
    throw thrown;
  } finally {
    child.channel?.unref();
  }
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
  const forget = endWithUs(() => child.kill('SIGKILL'));
  const ended = new Promise<CliResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${name} did not end within ${String(timeoutMs)} ms; it printed:\n${printed}`));
    }, timeoutMs);
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer);
      forget();
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
