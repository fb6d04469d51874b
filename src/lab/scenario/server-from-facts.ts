// A simulated server that answers as a real one did: facts of a host in, a server's description out. It copies what the
// product reads (tables, ranges, holders, services); language, wording and process ids are the lab's own.
import type { ExchangeVersion, HostFacts, ServiceFacts, Socket, WindowsVersion } from '../../model/facts.ts';
import { families } from '../../model/host-state.ts';
import type { ExclusionTable } from '../../model/host-state.ts';
import { usualQuirks } from '../machine/quirks.ts';
import { exchangeReleases, exchangeVersions, windowsNumbers, windowsReleases } from '../machine/releases.ts';
import type { ExchangeRelease, WindowsRelease } from '../machine/releases.ts';
import { serverSpec } from './server-spec.ts';
import type { ExclusionSpec, HolderSpec, ServerSpec, ServiceSpec } from './server-spec.ts';

/** Where a stopped back end would listen; facts of a stopped service don't say (windows.md section 4). */
const usualPorts: Readonly<Record<string, readonly number[]>> = {
  MSExchangeIMAP4BE: [9933],
  MSExchangePOP3BE: [9955],
};

export function describeServer(name: string, facts: HostFacts): ServerSpec {
  const tables = facts.state.exclusionTables;
  const oneList = haveFamiliesOneList(tables);
  return serverSpec({
    name,
    windows: findRelease(facts.windows),
    exchange: facts.exchange === null ? 'none' : findExchangeRelease(facts.exchange),
    dynamic: facts.state.dynamicRanges,
    exclusions: listExclusions(tables, oneList),
    filler: false,
    holders: listHolders(facts),
    // The back ends come with the other services, in the state they were found in.
    imap: 'missing',
    pop: 'missing',
    services: facts.services.flatMap((service) => listServices(service, facts)),
    hotfix: facts.exclusionSupport,
    quirks: { ...usualQuirks, oneList },
  });
}

/** The release of that build, else the last one before it. */
function findRelease({ build }: WindowsVersion): WindowsRelease {
  return windowsReleases.findLast((release) => windowsNumbers[release].version.build <= build) ?? '2008r2';
}

function findExchangeRelease(found: ExchangeVersion): ExchangeRelease {
  const order = (version: ExchangeVersion): number => version.minor * 100_000 + version.build;
  // 15.2 below build 2562 is 2019, whatever its update (windows.md section 4).
  if (found.minor === 2) return found.build >= exchangeVersions.se.build ? 'se' : '2019';
  const release = exchangeReleases.find((one) => exchangeVersions[one].minor === found.minor);
  return release ?? (order(found) > order(exchangeVersions.se) ? 'se' : '2013');
}

/** Whether each table of one family has its equal on the other: then one list is the simpler belief. */
function haveFamiliesOneList(tables: readonly ExclusionTable[]): boolean {
  return tables.every((table) => {
    const twin = tables.find(
      (one) => one.family !== table.family && one.protocol === table.protocol && one.store === table.store,
    );
    return JSON.stringify(twin?.exclusions) === JSON.stringify(table.exclusions);
  });
}

function listExclusions(tables: readonly ExclusionTable[], oneList: boolean): ExclusionSpec[] {
  const used = oneList ? tables.filter((table) => table.family === 'ipv4') : tables;
  return used.flatMap(({ family, protocol, store, exclusions }) =>
    exclusions.map(({ range, administered }) => ({
      range,
      protocol,
      administered,
      stores: [store],
      families: oneList ? families : [family],
    })),
  );
}

/** One holder per process and port, on the families it was seen on. */
function listHolders(facts: HostFacts): HolderSpec[] {
  const holders: HolderSpec[] = [];
  for (const socket of facts.sockets) {
    const holder = makeHolder(socket, facts);
    const at = holders.findIndex((one) => isSameHolder(one, holder));
    const known = holders[at];
    if (known === undefined) holders.push(holder);
    else holders[at] = { ...known, families: [...new Set([...known.families, ...holder.families])] };
  }
  return holders;
}

function isSameHolder(a: HolderSpec, b: HolderSpec): boolean {
  const same = a.port === b.port && a.protocol === b.protocol && a.image === b.image && a.state === b.state;
  return same && a.services.join() === b.services.join();
}

function makeHolder(socket: Socket, facts: HostFacts): HolderSpec {
  const process = facts.processes.find((one) => one.processId === socket.processId);
  const connected = socket.processId === 0 ? 'TIME_WAIT' : 'ESTABLISHED';
  return {
    port: socket.localPort,
    protocol: socket.protocol,
    image: process?.imageName ?? 'unknown.exe',
    services: process?.services ?? [],
    families: [socket.family],
    state: socket.listening ? 'LISTENING' : connected,
  };
}

function listServices(service: ServiceFacts, facts: HostFacts): ServiceSpec[] {
  if (!service.installed) return [];
  const running = service.state === 'running';
  const image = facts.processes.find((one) => one.processId === service.processId)?.imageName;
  return [
    {
      name: service.name,
      // A pending or paused service was caught on its way; the lab starts from rest.
      state: running ? 'running' : 'stopped',
      image: image ?? `${service.name}.exe`,
      // A running service without a socket in the facts listens nowhere; with one, its holder brings the port.
      ports: running ? [] : (usualPorts[service.name] ?? []),
    },
  ];
}
