// A fleet of a bench, or a part of one, in a process of its own, so that its work is told apart from a client's. Speaks with its parent over IPC.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startFleet } from '../../src/lab/fleet.ts';
import { writeInventory } from '../../src/lab/inventory-text.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { countReserved } from './reserved-hosts.ts';

/** Its arguments, as JSON in argv. */
export interface LabSetup {
  readonly hosts: number;
  /** Of all the fleet's, which other processes have too: how many stand before these. Default 0. */
  readonly firstHost?: number;
  readonly allHosts?: number;
  /** Every answer is held back so long. */
  readonly delayMs: number;
  /** A command's output is there so long after it started. */
  readonly commandMs: number;
  /** Where inventory and password go. */
  readonly folder: string;
  /** Below the folder. Default inventory.yml. */
  readonly inventory?: string;
  readonly username: string;
  readonly password: string;
  /** Default http. With https the authority's certificate goes to `ca.pem`. */
  readonly listener?: 'http' | 'https';
}

/** What it says, once ready and after each message from the parent: `report`, or `look` for one that waits for nothing. */
export interface LabReport {
  readonly ports: readonly number[];
  /** HTTP requests so far, over all hosts. */
  readonly requests: number;
  readonly connections: number;
  /** Shells that nobody has deleted; a client that ends early leaves some. */
  readonly openShells: number;
  /** The first command line that was asked for; null before that. */
  readonly commandLine: string | null;
  /** Of this process, since it began. */
  readonly cpuMs: number;
  /** Hosts on which all that the shipped playbook asks for is reserved, and hosts on which nothing of it is. */
  readonly reserved: number;
  readonly untouched: number;
}

const {
  hosts,
  firstHost = 0,
  allHosts = hosts,
  inventory = 'inventory.yml',
  delayMs,
  commandMs,
  folder,
  username,
  password,
  listener = 'http',
} = JSON.parse(process.argv[2] ?? '') as LabSetup;
const width = String(allHosts).length;
const fleet = await startFleet({
  servers: Array.from({ length: hosts }, (_, index) =>
    serverSpec({ name: `ex${String(firstHost + index + 1).padStart(width, '0')}`, groups: ['exchange'], listener }),
  ),
  account: { user: username, password },
  delayMs,
  commandMs,
});
const inventoryFile = join(folder, inventory);
await mkdir(dirname(inventoryFile), { recursive: true });
await writeFile(join(folder, 'password'), `${password}\n`, { mode: 0o600 });
if (fleet.caPem !== null) await writeFile(join(folder, 'ca.pem'), fleet.caPem);
const toFolder = (name: string): string => join(relative(dirname(inventoryFile), folder), name);
const secrets = { passwordFile: toFolder('password'), caFile: toFolder('ca.pem') };
await writeFile(inventoryFile, writeInventory(fleet, secrets));

function report(): LabReport {
  const all = fleet.servers.flatMap((server) => server.requests);
  const { user, system } = process.cpuUsage();
  return {
    ports: fleet.servers.map((server) => server.port),
    requests: all.length,
    connections: fleet.servers.reduce((sum, server) => sum + server.connectionsOpened, 0),
    openShells: openShells(),
    commandLine: all.find((one) => one.commandLine !== null)?.commandLine ?? null,
    cpuMs: (user + system) / 1000,
    ...countReserved(fleet.servers.map((server) => server.machine)),
  };
}

function openShells(): number {
  return fleet.servers.reduce((sum, server) => sum + server.openShells, 0);
}

/** By clients that are gone: not waited for again. */
let leftOpen = 0;

/** A client doesn't wait for the answer to its last request, the Delete of its shell; it counts all the same, until the last shell is gone. */
async function reportWhenQuiet(): Promise<void> {
  const untilMs = performance.now() + 1000;
  const leftBefore = leftOpen;
  while (openShells() > leftBefore && performance.now() < untilMs) await wait(5);
  leftOpen = openShells();
  process.send?.(report());
}

process.on('message', (asked) => {
  if (asked === 'look') process.send?.(report());
  else void reportWhenQuiet();
});
process.on('disconnect', () => process.exit());
process.send?.(report());
