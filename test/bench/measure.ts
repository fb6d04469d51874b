// What the benches share: runs a program to its end, and says what it used, what the lab saw of it, and all that in a row.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabReport } from './lab-process.ts';
import type { Usage } from './usage-on-exit.ts';

interface Measured extends Usage {
  readonly wallMs: number;
}

export interface Round extends Measured {
  readonly requestsPerHost: number;
  readonly connectionsPerHost: number;
  readonly labCpuMs: number;
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
}

/** Loaded before a Node program so that it says what it used. */
export const ownNode = ['--import', fileURLToPath(new URL('./usage-on-exit.js', import.meta.url))];

/** What one program used, and what the lab saw of it. `folder` is for its notes. */
export async function inLab(lab: ChildProcess, hosts: number, program: Program, folder: string): Promise<Round> {
  const before = await reportOf(lab);
  const measured = await measure(program, folder);
  const after = await reportOf(lab);
  return {
    ...measured,
    requestsPerHost: (after.requests - before.requests) / hosts,
    connectionsPerHost: (after.connections - before.connections) / hosts,
    labCpuMs: after.cpuMs - before.cpuMs,
  };
}

/** Runs a program to its end; rejects when it fails. */
export async function measure({ file, args, input, usage, environment }: Program, folder: string): Promise<Measured> {
  const usageFile = join(folder, 'usage.json');
  const begunMs = performance.now();
  const child = spawn(file, args, {
    env: { ...process.env, ...environment, BENCH_USAGE_FILE: usageFile, NO_PROXY: '*' },
  });
  child.stdin.end(input);
  const [output, complaints, exitCode] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((done) => child.once('close', done)),
  ]);
  const wallMs = performance.now() - begunMs;
  if (exitCode !== 0) throw new Error(`${file} ${args[0] ?? ''} ended with ${String(exitCode)}:\n${complaints}`);
  const used = JSON.parse(usage === 'file' ? await readFile(usageFile, 'utf8') : output) as Usage;
  return { ...used, wallMs };
}

export function reportOf(process: ChildProcess): Promise<LabReport> {
  process.send('report');
  return nextReport(process);
}

export function nextReport(process: ChildProcess): Promise<LabReport> {
  return new Promise((done, fail) => {
    const onExit = (): void => {
      fail(new Error('the lab ended'));
    };
    process.once('exit', onExit);
    process.once('message', (report) => {
      process.off('exit', onExit);
      done(report as LabReport);
    });
  });
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function row([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(36)}${cells.map((cell) => cell.padStart(16)).join('')}`;
}
