// What `doctor` does: inventory -> hosts -> checks -> table. It needs no playbook: without one it asks about the services and ports that
// the product is about.
import { lookup } from 'node:dns/promises';
import { isIP, isIPv4 } from 'node:net';
import { Failure } from '../model/failure.ts';
import { families } from '../model/host-state.ts';
import { portRange } from '../model/port-range.ts';
import type { Target } from '../model/target.ts';
import type { Wanted } from '../model/wanted.ts';
import { judgeHost } from '../plan/make-plan.ts';
import { commandsFor, isInOrder, renderDoctor } from '../report/text/doctor-text.ts';
import { renderIssue } from '../report/text/failure-text.ts';
import { counted } from '../report/text/table.ts';
import { examineHosts, type Approach, type ExaminedHost } from '../run/examine-hosts.ts';
import { isolateListener } from '../run/isolated-listener.ts';
import { createConnectFailure } from '../winrm/http/connect-failures.ts';
import { identifyListener, probePort, probeTls } from '../winrm/probe.ts';
import { paintFor } from '../cli/io/colours.ts';
import type { World } from '../cli/compose.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import { jsonDocumentByItem } from '../cli/json.ts';
import { checkedConcurrency, type InventoryArguments } from '../cli/options.ts';
import { readIntent, readLimit, requestFor } from './read-intent.ts';
import { readInventory } from './read-inventory.ts';
import { hostsToAsk } from '../cli/commands/inventory/show-inventory.ts';
import { tellCiOfDoctor } from '../cli/tell-ci.ts';

/** The back ends of Exchange (windows.md section 4), as the shipped playbook has them. */
const backEnds: Wanted = {
  exclusions: [
    { firstPort: 9933, service: 'MSExchangeIMAP4BE' },
    { firstPort: 9955, service: 'MSExchangePOP3BE' },
  ].map(({ firstPort, service }) => ({
    range: portRange(firstPort),
    protocol: 'tcp',
    families,
    presence: 'present',
    service,
  })),
  whenHeldByOwnService: 'restart',
};

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
  const listener = isolateListener(world.listener);
  listener.progress({ host: '', doing: `checking ${counted(targets.length, 'host')}` });
  const hosts = await examineHosts(targets, {
    approach: { ...approach, resolve: (target) => resolveName(target, world) },
    connector: world.connector,
    clock: world.clock,
    listener,
    concurrency,
    signal: world.interrupts.signal,
    wantedOf,
    requestOf: (target) => requestFor(wantedOf(target)),
    findingsOf: (facts, wanted) => judgeHost(facts, wanted).findings,
  });
  listener.progress({ host: '', doing: 'checking', over: true });
  if (world.interrupts.interrupted) {
    throw new Failure('interrupted', 'interrupted while hosts were checked; nothing was changed');
  }
  const named = options.inventory ?? [];
  if (options.json)
    for (const part of jsonDocumentByItem('doctor', {}, 'hosts', jsonHosts(hosts, named))) world.out(part);
  else
    world.out(
      renderDoctor(hosts, {
        ...options,
        inventory: named,
        addresses: world.addresses,
        paint: paintFor(process.stdout),
      }),
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
  readonly wantedOf: (target: Target) => Wanted;
}

async function whomToAsk({ playbook, ...options }: ExamineFleetOptions, world: World): Promise<Asked> {
  if (playbook !== undefined) {
    const { targets, wantedOf } = await readIntent({ ...options, playbook }, world);
    return { targets, wantedOf };
  }
  const inventory = await readInventory(options, world.vault);
  for (const warning of inventory.warnings) world.say(`warning: ${renderIssue(warning)}\n`);
  return { targets: hostsToAsk(inventory, await readLimit(options.limit)), wantedOf: () => backEnds };
}

const approach: Omit<Approach, 'resolve'> = {
  reachPort: (target, signal) => probePort(target.connection, signal),
  reachSecurely: (target, signal) => probeTls(target.connection, signal),
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
    throw createConnectFailure(
      thrown,
      address.includes(':') ? address : `${address}:${port}`,
      scheme,
      timeouts.connectMs,
    );
  }
}
