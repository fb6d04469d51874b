// How long a question to a whole fleet takes, beside pywinrm with a thread per host: same hosts, same delay, same command line, the
// clients taking turns. Prints a table and asserts nothing. `npm run bench:fanout -- --hosts 50 --delay-ms 30 --rounds 3`
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LabReport, LabSetup } from './lab-process.ts';
import type { FanoutTask } from './library-process.ts';
import type { Usage } from './usage-on-exit.ts';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '50' },
    'delay-ms': { type: 'string', default: '30' },
    rounds: { type: 'string', default: '3' },
  },
});
const hosts = Number(values.hosts);
const delayMs = Number(values['delay-ms']);
const rounds = Number(values.rounds);

/** This file runs compiled, from below `.fencepost/`; npm runs it in the repository. */
const repository = resolve('.');
const mainScript = join(repository, 'dist/cli/main.js');
const python = join(repository, '.venv/bin/python');
const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Measured extends Usage {
  readonly wallMs: number;
}

interface Round extends Measured {
  readonly requestsPerHost: number;
  readonly labCpuMs: number;
}

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly input?: string;
  /** Where it says what it used: a file, or the last line of its output. */
  readonly usage: 'file' | 'stdout';
}

const folder = await mkdtemp(join(tmpdir(), 'fencepost-bench-'));
const account = { username: 'LAB\\operator', password: 'bench-Passw0rd' };
const setup: LabSetup = { hosts, delayMs, folder, ...account };
const lab = fork(beside('./lab-process.js'), [JSON.stringify(setup)]);
try {
  await compare(await nextReport(lab));
} finally {
  lab.disconnect();
  await rm(folder, { recursive: true, force: true });
}

async function compare({ ports }: LabReport): Promise<void> {
  const node = ['--import', beside('./usage-on-exit.js')];
  const collect: Program = {
    file: process.execPath,
    args: [
      ...node,
      mainScript,
      'collect',
      '--json',
      '-i',
      join(folder, 'inventory.yml'),
      '--concurrency',
      values.hosts,
    ],
    usage: 'file',
  };
  // The first collect warms the disk cache and tells the command line that all clients are to send.
  await measure(collect);
  const commandLine = (await reportOf(lab)).commandLine ?? '';
  const task = JSON.stringify({ ports, ...account, commandLine } satisfies FanoutTask);
  const programs: readonly (readonly [string, Program])[] = [
    ['fencepost collect --json', collect],
    [
      'fencepost/winrm, one process',
      { file: process.execPath, args: [...node, beside('./library-process.js'), task], usage: 'file' },
    ],
    ...(existsSync(python)
      ? [
          [
            'pywinrm, a thread per host',
            { file: python, args: [join(repository, 'test/bench/pywinrm_fanout.py')], input: task, usage: 'stdout' },
          ] as const,
        ]
      : []),
  ];
  if (!existsSync(python)) console.log('pywinrm is left out: there is no .venv/ (npm run test:interop makes it)');

  const taken = new Map<string, Round[]>(programs.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, program] of programs) taken.get(name)?.push(await inLab(program));
  }
  console.log(
    `${values.hosts} hosts at once, every answer held back ${values['delay-ms']} ms, median of ${values.rounds} rounds\n`,
  );
  console.log(row(['', 'wall ms', 'ratio', 'requests/host', 'cpu ms', 'peak MB', 'lab cpu ms']));
  const first = median([...(taken.values().next().value ?? [])].map((one) => one.wallMs));
  for (const [name, all] of taken) {
    const of = (pick: (one: Round) => number): number => median(all.map(pick));
    console.log(
      row([
        name,
        of((one) => one.wallMs).toFixed(0),
        (of((one) => one.wallMs) / first).toFixed(2),
        of((one) => one.requestsPerHost).toFixed(2),
        of((one) => one.cpuMs).toFixed(0),
        of((one) => one.peakMemoryMb).toFixed(0),
        of((one) => one.labCpuMs).toFixed(0),
      ]),
    );
  }
  await startUp();
}

/** How long it takes to say nothing. */
async function startUp(): Promise<void> {
  const program = (args: readonly string[]): Program => ({
    file: process.execPath,
    args: ['--import', beside('./usage-on-exit.js'), ...args],
    usage: 'file',
  });
  const times = { version: [] as number[], node: [] as number[] };
  for (let round = 0; round < rounds * 3; round += 1) {
    times.version.push((await measure(program([mainScript, '--version']))).wallMs);
    times.node.push((await measure(program(['-e', '0']))).wallMs);
  }
  const [version, bare] = [median(times.version), median(times.node)];
  console.log(
    `\nstart-up: fencepost --version ${version.toFixed(0)} ms, node -e 0 ${bare.toFixed(0)} ms (median of ${String(rounds * 3)})`,
  );
}

async function inLab(program: Program): Promise<Round> {
  const before = await reportOf(lab);
  const measured = await measure(program);
  const after = await reportOf(lab);
  return {
    ...measured,
    requestsPerHost: (after.requests - before.requests) / hosts,
    labCpuMs: after.cpuMs - before.cpuMs,
  };
}

/** Runs a program to its end; rejects when it fails. */
async function measure({ file, args, input, usage }: Program): Promise<Measured> {
  const usageFile = join(folder, 'usage.json');
  const begunMs = performance.now();
  const child = spawn(file, args, { env: { ...process.env, BENCH_USAGE_FILE: usageFile, NO_PROXY: '*' } });
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

function reportOf(process: ChildProcess): Promise<LabReport> {
  process.send('report');
  return nextReport(process);
}

function nextReport(process: ChildProcess): Promise<LabReport> {
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

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function row([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(30)}${cells.map((cell) => cell.padStart(14)).join('')}`;
}
