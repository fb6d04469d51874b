// How long a question to a whole fleet takes, beside other people's clients: same hosts, same delay, same command line, the clients taking
// turns within one run. Prints tables and asserts nothing.
// `npm run bench:fanout -- --hosts 10,100,1000 --concurrency 200 --delay-ms 30 --command-ms 0 --rounds 1`
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LabSetup } from './lab-process.ts';
import type { FanoutTask } from './library-process.ts';
import { inLab, measure, median, nextReport, ownNode, reportOf, row, type Program, type Round } from './measure.ts';

const { values } = parseArgs({
  options: {
    /** Sizes of fleet, one table each. */
    hosts: { type: 'string', default: '10,100,1000' },
    concurrency: { type: 'string', default: '200' },
    'delay-ms': { type: 'string', default: '30' },
    'command-ms': { type: 'string', default: '0' },
    rounds: { type: 'string', default: '1' },
    /** Ansible takes minutes for what others do in seconds: larger fleets are left out. */
    'ansible-up-to': { type: 'string', default: '100' },
    'ansible-forks': { type: 'string', default: '20' },
    /** Only Fencepost's own: for very large fleets. */
    alone: { type: 'boolean', default: false },
  },
});
const sizes = values.hosts.split(',').map(Number);
const delayMs = Number(values['delay-ms']);
const commandMs = Number(values['command-ms']);
const rounds = Number(values.rounds);

/** This file runs compiled, from below `.fencepost/`; npm runs it in the repository. */
const repository = resolve('.');
const mainScript = join(repository, 'dist/cli/main.js');
const python = join(repository, '.venv/bin/python');
const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const account = { username: 'LAB\\operator', password: 'bench-Passw0rd' };
/** One of the questions that a collect asks; Ansible's `raw` gets no more than this one. */
const question = 'netsh int ipv4 show excludedportrange protocol=tcp';

const folder = await mkdtemp(join(tmpdir(), 'fencepost-bench-'));
try {
  if (!existsSync(python))
    console.log('pywinrm and Ansible are left out: there is no .venv/ (npm run test:interop makes it)');
  for (const hosts of sizes) await compare(hosts);
  await startUp();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compare(hosts: number): Promise<void> {
  const setup: LabSetup = { hosts, delayMs, commandMs, folder, ...account };
  const lab = fork(beside('./lab-process.js'), [JSON.stringify(setup)]);
  try {
    const { ports } = await nextReport(lab);
    const concurrency = Math.min(hosts, Number(values.concurrency));
    const collect = ownCollect(concurrency);
    // The first collect warms the disk cache and tells the command line that all clients are to send.
    await measure(collect, folder);
    const commandLine = (await reportOf(lab)).commandLine ?? '';
    const programs = [collect, ...others({ ports, ...account, commandLine, concurrency })];
    const taken = programs.map((program) => ({ program, rounds: [] as Round[] }));
    for (let round = 0; round < rounds; round += 1) {
      for (const one of taken) one.rounds.push(await inLab(lab, hosts, one.program, folder));
    }
    printTable(hosts, taken);
  } finally {
    lab.disconnect();
  }
}

function ownCollect(concurrency: number): Program {
  const inventory = ['-i', join(folder, 'inventory.yml'), '--concurrency', String(concurrency)];
  return {
    name: 'fencepost collect --json',
    concurrency,
    file: process.execPath,
    args: [...ownNode, mainScript, 'collect', '--json', ...inventory],
    usage: 'file',
  };
}

function others(task: FanoutTask): readonly Program[] {
  if (values.alone) return [];
  const library: Program = {
    name: 'fencepost/winrm, one process',
    concurrency: task.concurrency,
    file: process.execPath,
    args: [...ownNode, beside('./library-process.js'), JSON.stringify(task)],
    usage: 'file',
  };
  if (!existsSync(python)) return [library];
  const script = (name: string, concurrency: number, more: object): Omit<Program, 'name'> => ({
    concurrency,
    file: python,
    args: [join(repository, 'test/bench', name)],
    input: JSON.stringify({ ...task, ...more, concurrency }),
    usage: 'stdout',
  });
  const pywinrm = { name: 'pywinrm, threads', ...script('pywinrm_fanout.py', task.concurrency, {}) };
  if (task.ports.length > Number(values['ansible-up-to'])) return [library, pywinrm];
  const forks = Math.min(task.ports.length, Number(values['ansible-forks']));
  const ansible = script('ansible_fanout.py', forks, { folder, question });
  return [library, pywinrm, { name: `Ansible raw, ${String(forks)} forks, 1 question`, ...ansible }];
}

function printTable(
  hosts: number,
  taken: readonly { readonly program: Program; readonly rounds: readonly Round[] }[],
): void {
  const at = `${values.concurrency} at once, every answer held back ${values['delay-ms']} ms, a command takes ${values['command-ms']} ms`;
  console.log(`\n${String(hosts)} hosts, ${at} (median of ${values.rounds})\n`);
  console.log(
    row(['', 'wall ms', 'to limit', 'to first', 'requests/host', 'cpu ms/host', 'peak MB', 'lab cpu ms/host']),
  );
  const of = (all: readonly Round[], pick: (one: Round) => number): number => median(all.map(pick));
  const first = of(taken[0]?.rounds ?? [], (one) => one.wallMs);
  for (const { program, rounds: all } of taken) {
    const wallMs = of(all, (one) => one.wallMs);
    const requestsPerHost = of(all, (one) => one.requestsPerHost);
    // What no client with these round trips can go below, were it and the servers infinitely fast.
    const limitMs = ((requestsPerHost * delayMs + commandMs) * hosts) / program.concurrency;
    console.log(
      row([
        program.name,
        wallMs.toFixed(0),
        (wallMs / limitMs).toFixed(2),
        (wallMs / first).toFixed(2),
        requestsPerHost.toFixed(2),
        (of(all, (one) => one.cpuMs) / hosts).toFixed(1),
        of(all, (one) => one.peakMemoryMb).toFixed(0),
        (of(all, (one) => one.labCpuMs) / hosts).toFixed(1),
      ]),
    );
  }
}

/** How long it takes to say nothing. */
async function startUp(): Promise<void> {
  const program = (name: string, args: readonly string[]): Program => ({
    name,
    concurrency: 1,
    file: process.execPath,
    args: [...ownNode, ...args],
    usage: 'file',
  });
  const programs = [
    program('node -e 0', ['-e', '0']),
    program('fencepost --version', [mainScript, '--version']),
    program('fencepost --help', [mainScript, '--help']),
  ];
  const times = programs.map(() => [] as number[]);
  for (let round = 0; round < 9; round += 1) {
    for (const [index, one] of programs.entries()) times[index]?.push((await measure(one, folder)).wallMs);
  }
  const words = programs.map(({ name }, index) => `${name} ${median(times[index] ?? []).toFixed(0)} ms`);
  console.log(`\nstart-up: ${words.join(', ')} (median of 9)`);
}
