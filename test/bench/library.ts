// `fencepost/winrm` beside npm's winrm-client, over https: that client seals nothing, so over http only servers with AllowUnencrypted take it. It is
// no dependency of this repository; without it in .fencepost/peers the bench says how to get it. Prints a table and asserts nothing.
// `npm run bench:library -- --hosts 50 --delay-ms 30 --rounds 3`
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endWithUs, obeySignals } from '../support/end-with-us.ts';
import type { LabSetup } from './lab-process.ts';
import { startLab } from './labs.ts';
import type { FanoutTask } from './library-process.ts';
import { inLab, ownNode, type Program } from './measure.ts';
import { median, row, type Round } from './table.ts';
import type { WinrmClientTask } from './winrm-client-process.ts';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '50' },
    'delay-ms': { type: 'string', default: '30' },
    rounds: { type: 'string', default: '3' },
  },
});
const hosts = Number(values.hosts);
const module = resolve('.fencepost/peers/node_modules/winrm-client/dist/index.js');
const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'fencepost-bench-'));
obeySignals();
endWithUs(() => {
  rmSync(folder, { recursive: true, force: true });
});
const account = { username: 'LAB\\operator', password: 'bench-Passw0rd' };
const setup: LabSetup = {
  hosts,
  delayMs: Number(values['delay-ms']),
  commandMs: 0,
  folder,
  listener: 'https',
  ...account,
};
const lab = await startLab(setup);
try {
  const { ports } = lab;
  const caFile = join(folder, 'ca.pem');
  const commandLine = 'netsh int ipv4 show excludedportrange protocol=tcp';
  const task: FanoutTask = { ports, ...account, commandLine, expected: 'tcp', concurrency: hosts, caFile };
  const program = (name: string, script: string, input: object): Program => ({
    name,
    concurrency: hosts,
    file: process.execPath,
    args: [...ownNode, beside(script), JSON.stringify(input)],
    // winrm-client takes no CA of its own.
    environment: { NODE_EXTRA_CA_CERTS: caFile },
    usage: 'file',
  });
  const programs = [program('fencepost/winrm', './library-process.js', task)];
  if (existsSync(module)) {
    const theirs: WinrmClientTask = { ...task, module };
    programs.push(program('winrm-client', './winrm-client-process.js', theirs));
  } else {
    console.log('winrm-client is left out: npm install --ignore-scripts --prefix .fencepost/peers winrm-client@0.0.11');
  }
  const taken = programs.map(({ name }) => ({ name, rounds: [] as Round[] }));
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [index, one] of programs.entries()) taken[index]?.rounds.push(await inLab(lab, hosts, one, folder));
  }
  console.log(
    `${values.hosts} hosts at once over https, every answer held back ${values['delay-ms']} ms, median of ${values.rounds}\n`,
  );
  console.log(row(['', 'wall ms', 'requests/host', 'connections/host', 'cpu ms', 'peak MB']));
  for (const { name, rounds } of taken) {
    const of = (pick: (one: Round) => number): number => median(rounds.map(pick));
    console.log(
      row([
        name,
        of((one) => one.wallMs).toFixed(0),
        of((one) => one.requestsPerHost).toFixed(2),
        of((one) => one.connectionsPerHost).toFixed(2),
        of((one) => one.cpuMs).toFixed(0),
        of((one) => one.peakMemoryMb).toFixed(0),
      ]),
    );
  }
} finally {
  lab.stop();
  await rm(folder, { recursive: true, force: true });
}
