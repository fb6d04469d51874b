// Builds the simulated machine that a server's description asks for. Pure: the same description, the same machine.
import type { Family } from '../../model/host-state.ts';
import { families } from '../../model/host-state.ts';
import { portRange } from '../../model/port-range.ts';
import type { PortRange } from '../../model/port-range.ts';
import { sortByPort, takeProcessId, createListeners } from '../machine/machine.ts';
import type { ExclusionStores, Machine, MachineService } from '../machine/machine.ts';
import { exchangeVersions, windowsNumbers } from '../machine/releases.ts';
import type { ExclusionSpec, ServerSpec } from './server-spec.ts';
import { startAtBoot, findService, startService } from '../machine/service-control.ts';

/** Windows' own default, and what Exchange setup makes of it (dyn-tcp-en-1, dyn-tcp-en-2-exchange2010). */
const windowsDefault: PortRange = { firstPort: 49152, portCount: 16384 };
const exchangeDefault: PortRange = { firstPort: 6005, portCount: 59530 };

/** HTTP.sys, in the process System. */
const systemPorts = [80, 443, 5985, 47001];

/**
 * Rows every WinRM host with IIS shows: 80, 443, 5985 and 47001 belong to HTTP.sys and have no `*`; 50000-50059 has one
 * (excl-tcp-zh-CN-4, excl-tcp-en-5, excl-tcp-en-3).
 */
const usualRows: readonly ExclusionSpec[] = [
  ...systemPorts.map((port): ExclusionSpec => ({
    range: portRange(port),
    protocol: 'tcp',
    administered: false,
    stores: ['active'],
    families,
  })),
  { range: portRange(50000, 60), protocol: 'tcp', administered: true, stores: ['active', 'persistent'], families },
];

const backEnds = [
  {
    which: 'imap',
    name: 'MSExchangeIMAP4BE',
    displayName: 'Microsoft Exchange IMAP4 Backend',
    imageName: 'Microsoft.Exchange.Imap4Service.exe',
  },
  {
    which: 'pop',
    name: 'MSExchangePOP3BE',
    displayName: 'Microsoft Exchange POP3 Backend',
    imageName: 'Microsoft.Exchange.Pop3Service.exe',
  },
] as const;

/** The machine that `spec` describes, just booted. */
export function buildMachine(spec: ServerSpec): Machine {
  const numbers = windowsNumbers[spec.windows];
  const tcpRange = spec.exchange === 'none' ? windowsDefault : exchangeDefault;
  const machine: Machine = {
    name: spec.name,
    release: spec.windows,
    windows: numbers.version,
    productName: numbers.productName,
    language: spec.language,
    exchange: spec.exchange === 'none' ? null : exchangeVersions[spec.exchange],
    hotfix: spec.hotfix,
    quirks: spec.quirks,
    rights: spec.rights,
    dynamic: { ipv4: { tcp: tcpRange, udp: windowsDefault }, ipv6: { tcp: tcpRange, udp: windowsDefault } },
    exclusions: { tcp: createEmptyStores(spec.quirks.oneList), udp: createEmptyStores(spec.quirks.oneList) },
    processes: [
      { processId: 0, imageName: 'System Idle Process', services: [] },
      { processId: 4, imageName: 'System', services: [] },
    ],
    sockets: [],
    services: [],
    nextProcessId: 1000,
    files: {},
    tasks: [],
    nowMs: 0,
  };
  for (const one of spec.dynamic) machine.dynamic[one.family][one.protocol] = one.range;
  for (const row of [...(spec.filler ? usualRows : []), ...spec.exclusions]) addRow(machine, row);
  if (spec.filler) {
    for (const port of systemPorts) machine.sockets.push(...createListeners(port, 'tcp', 4, families));
  }
  for (const holder of spec.holders) addHolder(machine, holder);
  for (const service of planServices(spec)) addService(machine, service);
  return machine;
}

function createEmptyStores(oneList: boolean): Record<Family, ExclusionStores> {
  const ipv4: ExclusionStores = { active: [], persistent: [] };
  return { ipv4, ipv6: oneList ? ipv4 : { active: [], persistent: [] } };
}

function addRow(machine: Machine, row: ExclusionSpec): void {
  const lists = new Set(row.families.map((family) => machine.exclusions[row.protocol][family]));
  for (const list of lists) {
    for (const store of row.stores) {
      list[store] = sortByPort([...list[store], { range: row.range, administered: row.administered }]);
    }
  }
}

/** Two holders of one image with the same services are one process with two ports. */
function addHolder(machine: Machine, holder: ServerSpec['holders'][number]): void {
  const isSame = (services: readonly string[]): boolean =>
    services.length > 0 && services.join() === holder.services.join();
  const known = machine.processes.find((one) => one.imageName === holder.image && isSame(one.services));
  const processId = holder.state === 'TIME_WAIT' ? 0 : (known?.processId ?? takeProcessId(machine));
  if (processId !== 0 && known === undefined) {
    machine.processes.push({ processId, imageName: holder.image, services: holder.services });
  }
  for (const socket of createListeners(holder.port, holder.protocol, processId, holder.families)) {
    const connected = (holder.state === 'ESTABLISHED' || holder.state === 'TIME_WAIT') && holder.protocol === 'tcp';
    const loopback = socket.family === 'ipv4' ? '127.0.0.1' : '[::1]';
    machine.sockets.push(
      connected
        ? { ...socket, localAddress: loopback, remote: `${loopback}:64327`, state: holder.state }
        : { ...socket, state: holder.state === 'BOUND' && holder.protocol === 'tcp' ? 'BOUND' : socket.state },
    );
  }
  for (const [index, name] of holder.services.entries()) {
    // The first service of the process is the one that opens the port again when it is restarted.
    const opens = index === 0 && holder.protocol === 'tcp' && holder.state === 'LISTENING';
    const service =
      findService(machine, name) ?? createService(machine, { name, displayName: name, imageName: holder.image });
    if (opens && !service.ports.includes(holder.port)) service.ports = [...service.ports, holder.port];
    if (processId === 0) continue;
    service.state = 'running';
    service.processId = processId;
    service.exitCode = 0;
  }
}

/** A stopped service. Exchange's back ends are Manual by default (windows.md section 4). */
function createService(
  machine: Machine,
  names: { readonly name: string; readonly displayName: string; readonly imageName: string },
): MachineService {
  const service: MachineService = {
    ...names,
    startType: backEnds.some((one) => one.name === names.name) ? 'manual' : 'automatic',
    ports: [],
    state: 'stopped',
    processId: null,
    // ERROR_SERVICE_NEVER_STARTED: not started since boot.
    exitCode: 1077,
    specificExitCode: 0,
    stopsRefused: 0,
    pendingQueries: 0,
    ipv4OnlyQueries: 0,
  };
  machine.services.push(service);
  return service;
}

interface PlannedService {
  readonly name: string;
  readonly displayName: string;
  readonly imageName: string;
  readonly ports: readonly number[];
  readonly running: boolean;
}

function planServices(spec: ServerSpec): PlannedService[] {
  const planned: PlannedService[] = [];
  for (const { which, ...names } of backEnds) {
    const state = spec.exchange === 'none' ? 'missing' : spec[which];
    const port = which === 'imap' ? spec.imapPort : spec.popPort;
    if (state !== 'missing') planned.push({ ...names, ports: [port], running: state === 'running' });
  }
  for (const { name, image, ports, state } of spec.services) {
    planned.push({ name, displayName: name, imageName: image, ports, running: state === 'running' });
  }
  return planned;
}

/**
 * A service that is to run but whose port somebody holds already is not running, as on a real machine. A service that a
 * holder brought along is there already.
 */
function addService(machine: Machine, planned: PlannedService): void {
  if (findService(machine, planned.name) !== undefined) return;
  const { ports, running, ...names } = planned;
  const service = createService(machine, names);
  service.ports = ports;
  if (!running) return;
  startService(machine, service);
  startAtBoot(machine, service);
}
