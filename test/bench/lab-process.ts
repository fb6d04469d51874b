// The fleet of a bench in a process of its own, so that its work is told apart from a client's. Speaks with its parent over IPC.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startFleet } from '../../src/lab/fleet.ts';
import { writeInventory } from '../../src/lab/inventory-text.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';

/** Its arguments, as JSON in argv. */
export interface LabSetup {
  readonly hosts: number;
  /** Every answer is held back so long. */
  readonly delayMs: number;
  /** A command's output is there so long after it started. */
  readonly commandMs: number;
  /** Where inventory and password go. */
  readonly folder: string;
  readonly username: string;
  readonly password: string;
  /** Default http. With https the authority's certificate goes to `ca.pem`. */
  readonly listener?: 'http' | 'https';
}

/** What it says, once ready and after each message from the parent. */
export interface LabReport {
  readonly ports: readonly number[];
  /** HTTP requests so far, over all hosts. */
  readonly requests: number;
  readonly connections: number;
  /** The first command line that was asked for; null before that. */
  readonly commandLine: string | null;
  /** Of this process, since it began. */
  readonly cpuMs: number;
}

const {
  hosts,
  delayMs,
  commandMs,
  folder,
  username,
  password,
  listener = 'http',
} = JSON.parse(process.argv[2] ?? '') as LabSetup;
const width = String(hosts).length;
const fleet = await startFleet({
  servers: Array.from({ length: hosts }, (_, index) =>
    serverSpec({ name: `ex${String(index + 1).padStart(width, '0')}`, groups: ['exchange'], listener }),
  ),
  account: { user: username, password },
  delayMs,
  commandMs,
});
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'password'), `${password}\n`, { mode: 0o600 });
if (fleet.caPem !== null) await writeFile(join(folder, 'ca.pem'), fleet.caPem);
await writeFile(join(folder, 'inventory.yml'), writeInventory(fleet, { passwordFile: 'password', caFile: 'ca.pem' }));

function report(): LabReport {
  const all = fleet.servers.flatMap((server) => server.requests);
  const { user, system } = process.cpuUsage();
  return {
    ports: fleet.servers.map((server) => server.port),
    requests: all.length,
    connections: fleet.servers.reduce((sum, server) => sum + server.connectionsOpened, 0),
    commandLine: all.find((one) => one.commandLine !== null)?.commandLine ?? null,
    cpuMs: (user + system) / 1000,
  };
}

/** A client doesn't wait for the answer to its last request, the Delete of its shell; it counts all the same. */
async function reportWhenQuiet(): Promise<void> {
  const untilMs = performance.now() + 1000;
  while (fleet.servers.some((server) => server.openShells > 0) && performance.now() < untilMs) await wait(5);
  process.send?.(report());
}

process.on('message', () => void reportWhenQuiet());
process.on('disconnect', () => process.exit());
process.send?.(report());
