// A simulated fleet in the test's own process with everything a command needs to reach it: inventory, password, state directory in
// a folder that goes away with it. The test sees what the command did on the machines themselves and on the wire.
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { startFleet, type Fleet, type FleetOptions } from '../../src/lab/fleet.ts';
import { writeInventory } from '../../src/lab/inventory-text.ts';
import { captureState } from '../../src/lab/machine/machine.ts';
import { serverSpec, type ServerSpec } from '../../src/lab/scenario/server-spec.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { runCli, startCli, type CliOptions, type CliResult, type RunningCli } from './cli.ts';
import { endWithUs } from './end-with-us.ts';
import { withPlainNames } from './plain-names.ts';

export type Differences = Partial<ServerSpec> & { readonly name: string };

export type LabOptions = Omit<FleetOptions, 'servers' | 'account'> & { readonly password?: string };

export interface TestLab {
  readonly fleet: Fleet;
  readonly password: string;
  readonly folder: string;
  readonly inventoryFile: string;
  readonly stateDirectory: string;
  /** A path in the lab's folder. */
  path(name: string): string;
  /** Writes a file into the lab's folder and returns its path. */
  write(name: string, text: string): Promise<string>;
  /**
   * Runs a command with the lab's state directory. The inventory is named by the test: `-i lab.inventoryFile`. A command doesn't wait
   * for the answer to its last request, the Delete of its shell, so this waits until the servers have had it.
   */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  start(args: readonly string[], options?: CliOptions): RunningCli;
  /** What every machine is like now, by name. */
  states(): Readonly<Record<string, unknown>>;
  /** Names of machines that are not as `before` says. */
  changedSince(before: Readonly<Record<string, unknown>>): readonly string[];
  /** For the message of a test that expects nothing to differ: of each machine that does, the parts that differ, as they were and are. */
  differencesSince(before: Readonly<Record<string, unknown>>): string;
  /** Command lines that reached a server and change it, in the order they came. */
  changesSent(name?: string): readonly string[];
  /** All HTTP requests to a server, or to all. */
  requestCount(name?: string): number;
  /** Run names, oldest first. */
  runs(): Promise<readonly string[]>;
  events(run: string): Promise<readonly RunEvent[]>;
  close(): Promise<void>;
}

/** What a line that alters Windows looks like; everything else the product sends only asks. */
const changing = /\b(?:add|delete) excludedportrange\b|\bset dynamicportrange\b|\bsc(?:\.exe)? (?:stop|start)\b/i;

/** Servers in group `exchange`, unless they say otherwise. */
export async function openLab(servers: readonly Differences[], options: LabOptions = {}): Promise<TestLab> {
  const { password = 'Grün-Pass-1!', ...fleetOptions } = options;
  const fleet = await startFleet({
    ...fleetOptions,
    servers: servers.map((one) => serverSpec({ groups: ['exchange'], ...one })),
    account: { user: 'LAB\\operator', password },
  });
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-test-'));
  const forget = endWithUs(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = (name: string): string => join(folder, name);
  const stateDirectory = path('state');
  const inventoryFile = path('inventory.yml');
  await writeFile(path('password'), `${password}\n`, { mode: 0o600 });
  if (fleet.caPem !== null) await writeFile(path('ca.pem'), fleet.caPem);
  await writeFile(
    inventoryFile,
    writeInventory(fleet, { passwordFile: 'password', caFile: fleet.caPem === null ? null : 'ca.pem' }),
  );
  const withState = ({ env = {}, ...rest }: CliOptions = {}): CliOptions => ({
    ...rest,
    env: { HOME: folder, FENCEPOST_STATE_DIR: stateDirectory, ...env },
  });
  const serversNamed = (name?: string) => (name === undefined ? fleet.servers : [fleet.server(name)]);
  const states = (): Readonly<Record<string, unknown>> =>
    Object.fromEntries(fleet.servers.map((server) => [server.name, captureState(server.machine)]));
  const changedSince = (before: Readonly<Record<string, unknown>>): readonly string[] => {
    const now = states();
    return Object.keys(now).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(before[name]));
  };
  const openShells = (): number => fleet.servers.reduce((sum, server) => sum + server.openShells, 0);
  return {
    fleet,
    password,
    folder,
    inventoryFile,
    stateDirectory,
    path,
    async write(name, text) {
      await writeFile(path(name), text);
      return path(name);
    },
    async run(args, given) {
      const openBefore = openShells();
      const result = await runCli(args, withState(given));
      const untilMs = performance.now() + 1000;
      while (openShells() > openBefore && performance.now() < untilMs) await nextTurn();
      return result;
    },
    start: (args, given) => startCli(args, withState(given)),
    states,
    changedSince,
    differencesSince(before) {
      const now = states();
      return changedSince(before)
        .flatMap((name) => differingParts(name, before[name], now[name]))
        .join('\n');
    },
    changesSent: (name) =>
      serversNamed(name).flatMap((server) =>
        server.requests.flatMap(({ operation, commandLine }) =>
          operation === 'command' && commandLine !== null && changing.test(commandLine)
            ? [withPlainNames(commandLine)]
            : [],
        ),
      ),
    requestCount: (name) => serversNamed(name).reduce((sum, server) => sum + server.requests.length, 0),
    async runs() {
      return (await readdir(join(stateDirectory, 'runs')).catch(() => [])).sort();
    },
    async events(run) {
      const text = await readFile(join(stateDirectory, 'runs', run, 'journal.ndjson'), 'utf8');
      // A last line without its newline is the torn record of a process that was killed.
      return text
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { event: RunEvent }).event);
    },
    async close() {
      await fleet.close();
      await rm(folder, { recursive: true, force: true });
      forget();
    },
  };
}

function differingParts(name: string, before: unknown, now: unknown): readonly string[] {
  const [was, is] = [before, now].map((state) => new Map(Object.entries(state as object)));
  return [...(was ?? [])].flatMap(([part, value]) => {
    const texts = [value, is?.get(part)].map((one) => JSON.stringify(one));
    return texts[0] === texts[1] ? [] : [`${name} ${part}: ${texts.join(' -> ')}`];
  });
}

/** Opens a lab for one test body and closes it whatever happens. */
export async function withLab(
  servers: readonly Differences[],
  body: (lab: TestLab) => Promise<void>,
  options: LabOptions = {},
): Promise<void> {
  const lab = await openLab(servers, options);
  try {
    await body(lab);
  } finally {
    await lab.close();
  }
}

/** An exclusion as a spec has it: one port, administered, both stores, both families, unless it says otherwise. */
export function reserved(
  port: number,
  differences: Partial<ServerSpec['exclusions'][number]> = {},
): ServerSpec['exclusions'][number] {
  return {
    range: { firstPort: port, portCount: 1 },
    protocol: 'tcp',
    administered: true,
    stores: ['active', 'persistent'],
    families: ['ipv4', 'ipv6'],
    ...differences,
  };
}
