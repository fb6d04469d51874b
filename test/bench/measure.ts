// What the benches share: runs a program to its end, and says what it used and what the lab saw of it.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../support/end-with-us.ts';
import type { Lab } from './labs.ts';
import { watchTree } from './process-tree.ts';
import type { Round } from './table.ts';
import type { Usage } from './usage-on-exit.ts';

interface Measured extends Usage {
  readonly wallMs: number;
  /** All that it printed on stdout. */
  readonly output: string;
}

export interface Program {
  readonly name: string;
  /** Hosts at once. */
  readonly concurrency: number;
  readonly file: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it says what it used: a file, or the last line of its output. */
  readonly usage: 'file' | 'stdout';
  /** It does its work in child processes, whose memory it can't tell itself. */
  readonly hasChildren?: boolean;
  /** Those that it may run on, as taskset writes them; left out: all. */
  readonly cores?: string | undefined;
  /** How it has to end. Default 0. */
  readonly exitCode?: number;
  /** Asked all the time; once it says yes the program gets a SIGINT. */
  readonly interruptWhen?: () => Promise<boolean>;
}

/** Longer than any client takes that works. */
const longestMs = 30 * 60_000;
/** Between two looks at whether a program is to be interrupted. */
const lookMs = 50;

/** Loaded before a Node program so that it says what it used. */
export const ownNode = ['--import', fileURLToPath(new URL('./usage-on-exit.js', import.meta.url))];

/** What one program used, and what the lab saw of it. `folder` is for its notes. */
export async function inLab(lab: Lab, hosts: number, program: Program, folder: string): Promise<Round> {
  const before = await lab.report();
  const cpuBefore = machineCpu();
  const { wallMs, cpuMs, peakMemoryMb } = await measure(program, folder);
  const measured = { wallMs, cpuMs, peakMemoryMb };
  const cpuAfter = machineCpu();
  const after = await lab.report();
  const labCpuMs = after.cpuMs - before.cpuMs;
  const othersMs = cpuAfter.busyMs - cpuBefore.busyMs - measured.cpuMs - labCpuMs;
  return {
    ...measured,
    requestsPerHost: (after.requests - before.requests) / hosts,
    connectionsPerHost: (after.connections - before.connections) / hosts,
    shellsLeft: after.openShells - before.openShells,
    labCpuMs,
    othersShare: Math.max(0, othersMs / (cpuAfter.allMs - cpuBefore.allMs)),
  };
}

/** Of all cores together, since the machine began. */
function machineCpu(): { readonly busyMs: number; readonly allMs: number } {
  const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
  const times = cpus().map((core) => core.times);
  const allMs = sum(times.map((one) => sum(Object.values(one))));
  return { allMs, busyMs: allMs - sum(times.map((one) => one.idle)) };
}

/** Runs a program to its end; when it fails, rejects with its name and the last of what it said. */
export async function measure(program: Program, folder: string): Promise<Measured> {
  const {
    name,
    file,
    args,
    input,
    usage,
    environment,
    hasChildren = false,
    cores,
    exitCode = 0,
    interruptWhen,
  } = program;
  const usageFile = join(folder, 'usage.json');
  const begunMs = performance.now();
  const [started, startedArgs] = cores === undefined ? [file, args] : ['taskset', ['-c', cores, file, ...args]];
  const child = spawn(started, startedArgs, {
    env: { ...process.env, ...environment, BENCH_USAGE_FILE: usageFile, NO_PROXY: '*' },
    timeout: longestMs,
  });
  const forget = endWithUs(() => child.kill('SIGKILL'));
  // A program that ends before it has read its task fails by its exit code.
  child.stdin.on('error', () => undefined).end(input);
  const peakOfTree = hasChildren && child.pid !== undefined ? watchTree(child.pid) : () => 0;
  const interrupt = interruptWhen === undefined ? null : interruptOnce(child, interruptWhen);
  const [output, complaints, ending] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<string | null>((done) => {
      child.once('error', (error) => {
        done(error.message);
      });
      child.once('close', (code, signal) => {
        done(code === exitCode ? null : `it ended with ${String(code ?? signal)}`);
      });
    }),
  ]);
  forget();
  const wallMs = performance.now() - begunMs;
  const treeMb = peakOfTree();
  await interrupt;
  if (ending !== null) throw new Error(`${name}: ${ending}\n${lastLines(complaints)}\n${firstFailure(output)}`);
  const used = JSON.parse(usage === 'file' ? await readFile(usageFile, 'utf8') : output) as Usage;
  return { ...used, peakMemoryMb: Math.max(used.peakMemoryMb, treeMb), wallMs, output };
}

/** Of a document of ours, why the first host failed. */
function firstFailure(output: string): string {
  return /"failure":\{[^}]*\}/.exec(output)?.[0] ?? '';
}

async function interruptOnce(child: ChildProcess, isTime: () => Promise<boolean>): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    if (await isTime()) {
      child.kill('SIGINT');
      return;
    }
    await wait(lookMs);
  }
}

/** The last lines, where Python says what was wrong, and the first, where Go does. */
function lastLines(text: string): string {
  const lines = text.trimEnd().split('\n');
  const shown = lines.length > 10 ? [...lines.slice(0, 2), '...', ...lines.slice(-7)] : lines;
  return shown.map((line) => `  ${line.slice(0, 300)}`).join('\n');
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}
