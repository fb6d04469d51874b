// What `doctor` does: inventory -> hosts -> checks -> table. It needs no playbook: without one it asks about the services and ports that
// the product is about.
import { lookup } from 'node:dns/promises';
import { isIP, isIPv4 } from 'node:net';
import { Failure } from '../model/failure.ts';
import { families } from '../model/host-state.ts';
import { portRange } from '../model/port-range.ts';
import type { Target } from '../model/target.ts';
import type { WantedExclusion } from '../model/wanted.ts';
import { commandsFor, isInOrder, renderDoctor } from '../report/doctor-text.ts';
import { renderIssue } from '../report/failure-text.ts';
import { paintChecks } from '../report/paint.ts';
import { counted } from '../report/table.ts';
import { examineHosts, type Approach, type ExaminedHost } from '../run/examine-hosts.ts';
import { failureOfConnect } from '../winrm/http-failures.ts';
import { identifyListener, reachPort, reachSecurely } from '../winrm/reach.ts';
import { paintFor } from './colours.ts';
import type { World } from './compose.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonDocumentByItem } from './json.ts';
import { checkedConcurrency, type InventoryArguments } from './options.ts';
import { readInventory } from './read-inventory.ts';
import { readIntent, readLimit } from './prepare-plan.ts';
import { hostsToAsk } from './show-inventory.ts';
import { tellCiOfDoctor } from './tell-ci.ts';

/** The back ends of Exchange (windows.md section 4). */
const backEnds: readonly WantedExclusion[] = [
  { firstPort: 9933, service: 'MSExchangeIMAP4BE' },
  { firstPort: 9955, service: 'MSExchangePOP3BE' },
].map(({ firstPort, service }) => ({
  range: portRange(firstPort),
  protocol: 'tcp',
  families,
  presence: 'present',
  service,
}));

export interface ExamineFleetOptions extends InventoryArguments {
  /** Whose hosts are examined, for what it wants; undefined: all hosts, for the back ends. */
  readonly playbook: string | undefined;
  readonly concurrency: number;
  readonly verbose: boolean;
  readonly json: boolean;
}

/** Exit code 0 when all hosts are in order, 3 when one is not. Throws the Failures of inventory and patterns. */
export async function examineFleet(options: ExamineFleetOptions, world: World): Promise<number> {
  const concurrency = checkedConcurrency(options.concurrency);
  const { targets, wantedOf } = await whomToAsk(options, world);
  world.listener.progress({ host: '', doing: `checking ${counted(targets.length, 'host')}` });
  const hosts = await examineHosts(targets, {
    approach: { ...approach, resolve: (target) => resolveName(target, world) },
    connector: world.connector,
    clock: world.clock,
    listener: world.listener,
    concurrency,
    signal: world.interrupts.signal,
    wantedOf,
  });
  world.listener.progress({ host: '', doing: 'checking', over: true });
  if (world.interrupts.interrupted) {
    throw new Failure('interrupted', 'interrupted while hosts were checked; nothing was changed');
  }
  const named = options.inventory ?? [];
  if (options.json)
    for (const part of jsonDocumentByItem('doctor', {}, 'hosts', jsonHosts(hosts, named))) world.out(part);
  else
    world.out(
      paintChecks(
        renderDoctor(hosts, { ...options, inventory: named, addresses: world.addresses }),
        paintFor(process.stdout),
      ),
    );
  await tellCiOfDoctor(hosts, targets, world);
  return hosts.every(isInOrder) ? exitCodes.done : exitCodes.someFailed;
}

function* jsonHosts(hosts: readonly ExaminedHost[], inventory: readonly string[]): Iterable<string> {
  for (const host of hosts) {
    const checks = host.checks.map((check) => ({ ...check, commands: commandsFor(check, host.target, inventory) }));
    yield JSON.stringify({ host: host.target.name, inOrder: isInOrder(host), checks });
  }
}

interface Asked {
  readonly targets: readonly Target[];
  readonly wantedOf: (target: Target) => readonly WantedExclusion[];
}

async function whomToAsk({ playbook, ...options }: ExamineFleetOptions, world: World): Promise<Asked> {
  if (playbook !== undefined) {
    const { targets, wantedOf } = await readIntent({ ...options, playbook }, world);
    return { targets, wantedOf: (target) => wantedOf(target).exclusions };
  }
  const inventory = await readInventory(options, world.vault);
  for (const warning of inventory.warnings) world.say(`warning: ${renderIssue(warning)}\n`);
  return { targets: hostsToAsk(inventory, await readLimit(options.limit)), wantedOf: () => backEnds };
}

const approach: Omit<Approach, 'resolve'> = {
  reachPort: (target, signal) => reachPort(target.connection, signal),
  reachSecurely: (target, signal) => reachSecurely(target.connection, signal),
  identify: (target, signal) => identifyListener(target.connection, signal),
};

async function resolveName({ name, connection }: Target, world: World): Promise<readonly string[]> {
  const { address, port, scheme, timeouts } = connection;
  if (isIP(address.replace(/%.*$/, '')) !== 0) return [address];
  try {
    const found = (await lookup(address, { all: true })).map((one) => one.address);
    const ipv4 = found.find(isIPv4);
    if (ipv4 !== undefined) world.addresses.set(name, ipv4);
    return found;
  } catch (thrown) {
    throw failureOfConnect(thrown, address.includes(':') ? address : `${address}:${port}`, scheme, timeouts.connectMs);
  }
}
