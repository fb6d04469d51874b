// How long collect's questions to a whole fleet take, beside other people's clients: same hosts, same delays, same questions, the clients taking
// turns within one run. Prints tables, and behind each which goals were met (goals.ts); asserts nothing.
// `npm run bench:fanout -- --hosts 10,100,1000 --concurrency 200 --delay-ms 30,50 --command-ms 0,2000 --rounds 1 [--before OTHER/dist/cli/main.js]`
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endWithUs, obeySignals } from '../support/end-with-us.ts';
import { findPeers, mainScript, otherClients, ownCollect, ownLibrary, ownOthers, slowClients } from './clients.ts';
import type { FanoutClient, Peers } from './clients.ts';
import { goalLines } from './goals.ts';
import { startLab } from './labs.ts';
import { inLab, measure, ownNode, type Program } from './measure.ts';
import { lastMark } from './questions.ts';
import { median, tableLines, type Round, type Table } from './table.ts';

const { values } = parseArgs({
  options: {
    /** Sizes of fleet, one table each. */
    hosts: { type: 'string', default: '10,100,1000' },
    concurrency: { type: 'string', default: '200' },
    /** With the same place in --command-ms: the first pair shows what the CPU limits, the second what real servers limit. */
    'delay-ms': { type: 'string', default: '30,50' },
    'command-ms': { type: 'string', default: '0,2000' },
    rounds: { type: 'string', default: '1' },
    /** Ansible and awinrm take minutes for what others do in seconds: larger fleets are left out. */
    'slow-up-to': { type: 'string', default: '100' },
    /**
     * A list like the delays. 14 tasks on 100 hosts, on 2 cores: 133 s with 5 forks, 103 with 10, 86 with 20, 91 with 40, for the CPU is what
     * Ansible lacks; where a command takes 2 s: 218 s with 20, 142 with 40, 124 with 70. Above 74 older releases lose hosts.
     */
    'ansible-forks': { type: 'string', default: '20,70' },
    /** The main.js of another build, to be measured in the same rounds. */
    before: { type: 'string' },
    /** Processes of the simulated fleet; 0: one for each 250 hosts, up to the number of cores. */
    labs: { type: 'string', default: '0' },
    /** Cores of the clients and of the fleet, as taskset(1) writes them: `--client-cores 0 --lab-cores 1`. Left out: all. */
    'client-cores': { type: 'string' },
    'lab-cores': { type: 'string' },
    /** Only Fencepost's own: for very large fleets. */
    alone: { type: 'boolean', default: false },
  },
});
const numbers = (list: string): readonly number[] => list.split(',').map(Number);
const delays = numbers(values['delay-ms']);
const commands = numbers(values['command-ms']);
const forks = numbers(values['ansible-forks']);
const rounds = Number(values.rounds);
/** A list that is shorter than the longest goes on with its last. */
const inTurn = (list: readonly number[], index: number): number => list[index] ?? list.at(-1) ?? 0;

/** Measured before each client: what it takes moves with what else the machine does. */
const nothing = program('node -e 0', ['-e', '0']);
const account = { username: 'LAB\\operator', password: 'bench-Passw0rd' };
const folder = await mkdtemp(join(tmpdir(), 'fencepost-bench-'));
obeySignals();
endWithUs(() => {
  rmSync(folder, { recursive: true, force: true });
});
try {
  const none: Peers = { python: null, awinrm: null, go: null };
  const peers = values.alone ? none : await findPeers(folder, console.log);
  for (let index = 0; index < Math.max(delays.length, commands.length); index += 1) {
    const times = { delayMs: inTurn(delays, index), commandMs: inTurn(commands, index) };
    for (const hosts of numbers(values.hosts)) await compare({ hosts, ...times }, inTurn(forks, index), peers);
  }
  await startUp();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compare(fleet: Omit<Table, 'rows'>, ansibleForks: number, peers: Peers): Promise<void> {
  const { hosts } = fleet;
  const ofItsOwn = await mkdtemp(join(folder, 'lab-'));
  const processes = Number(values.labs) || Math.min(availableParallelism(), Math.ceil(hosts / 250));
  const setup = { ...fleet, folder: ofItsOwn, ...account };
  const lab = await startLab(setup, processes, values['lab-cores'] ?? null);
  try {
    const { ports, inventory } = lab;
    const pinned = <T extends Program>(one: T): T => ({ ...one, cores: values['client-cores'] });
    const concurrency = Math.min(hosts, Number(values.concurrency));
    const collect = ownCollect(inventory, concurrency);
    // The first collect warms the disk cache and tells the command line that all clients are to send.
    await measure(collect, folder);
    const commandLine = (await lab.report()).commandLine ?? '';
    const task = { ports, ...account, commandLine, expected: lastMark(commandLine), concurrency };
    const clients: FanoutClient[] = [
      collect,
      ...ownOthers(inventory, concurrency, values.before ?? null),
      ...(values.alone ? [] : [ownLibrary(task)]),
      ...otherClients(task, peers),
    ];
    if (hosts <= Number(values['slow-up-to'])) {
      clients.push(...slowClients({ ...task, folder, ansibleForks }, peers));
    }
    const taken = clients.map((client) => ({ client: pinned(client), rounds: [] as Round[], failed: false }));
    const noise: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const one of taken) {
        noise.push((await measure(pinned(nothing), folder)).cpuMs);
        if (one.failed || (one.client.slow === true && round > 0)) continue;
        try {
          one.rounds.push(await inLab(lab, hosts, one.client, folder));
        } catch (thrown) {
          one.failed = true;
          console.log(`\nfailed: ${(thrown as Error).message}`);
        }
      }
    }
    // The rounds of a client that failed later on are no figures of a client that works.
    const rows = taken.map(({ client, failed, ...one }) => ({ ...client, rounds: failed ? [] : one.rounds }));
    const table = { ...fleet, labProcesses: lab.processes, rows };
    console.log(`\n${tableLines(table).join('\n')}\n`);
    const [least, most] = [Math.min(...noise), Math.max(...noise)].map((ms) => ms.toFixed(0));
    console.log(
      `node -e 0 meanwhile: ${median(noise).toFixed(0)} ms of CPU, ${least ?? ''} to ${most ?? ''}; load ${loadavg()[0]?.toFixed(1) ?? ''}`,
    );
    console.log(
      `the fleet ran in ${String(lab.processes)} process(es) of its own; its CPU is in the last columns and in no client's`,
    );
    for (const client of clients) console.log(`${client.name}: ${client.does}`);
    for (const line of goalLines(table)) console.log(line);
  } finally {
    lab.stop();
  }
}

function program(name: string, args: readonly string[]): Program {
  return { name, concurrency: 1, file: process.execPath, args: [...ownNode, ...args], usage: 'file' };
}

/** How long it takes to say nothing. */
async function startUp(): Promise<void> {
  const programs = [
    nothing,
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
