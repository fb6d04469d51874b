// Services of a simulated machine: starting, stopping, and the time both take, counted in status queries because the lab has
// no clock. A service that cannot bind its port ends its process, as Exchange's does (windows.md section 4). Prints nothing.
import { families, type Family } from '../../model/host-state.ts';
import { containsPort } from '../../model/port-range.ts';
import { takeProcessId, createListeners } from './machine.ts';
import type { Machine, MachineService } from './machine.ts';

/** Win32 error numbers that `sc` returns as its exit code. */
export type ServiceError = 5 | 1051 | 1052 | 1056 | 1058 | 1060 | 1061 | 1062 | 1068 | 1069;

/** ERROR_PROCESS_ABORTED, the WIN32_EXIT_CODE of a service whose process ended unexpectedly. */
const processAborted = 1067;
/** ERROR_SERVICE_NEVER_STARTED: not since the boot. */
const neverStarted = 1077;
/** ERROR_SERVICE_SPECIFIC_ERROR: the reason stands in SERVICE_EXIT_CODE. */
const specificError = 1066;

export function findService(machine: Machine, name: string): MachineService | undefined {
  return machine.services.find((service) => service.name.toLowerCase() === name.toLowerCase());
}

/** Asks the service to start: it is START_PENDING from now on. Null, or the reason why not. */
export function startService(machine: Machine, service: MachineService): ServiceError | null {
  if (service.startType === 'disabled') return 1058;
  if (service.state !== 'stopped') return 1056;
  const { refuseStart } = machine.quirks;
  if (refuseStart !== 'none') return refuseStart === 'logon' ? 1069 : 1068;
  service.state = 'start-pending';
  service.pendingQueries = machine.quirks.pendingQueries;
  service.processId = takeProcessId(machine);
  service.exitCode = 0;
  service.specificExitCode = 0;
  return null;
}

/** Asks the service to stop: it is STOP_PENDING, its ports still open, until the queries are used up. */
export function stopService(machine: Machine, service: MachineService): ServiceError | null {
  if (service.state === 'stopped') return 1062;
  if (service.state !== 'running') return 1061;
  const refused = findStopRefusal(machine, service);
  if (refused !== null) return refused;
  service.state = 'stop-pending';
  service.pendingQueries = machine.quirks.pendingQueries;
  return null;
}

function findStopRefusal(machine: Machine, service: MachineService): ServiceError | null {
  switch (machine.quirks.refuseStop) {
    case 'none':
      return null;
    case 'busy-once':
      if (service.stopsRefused > 0) return null;
      service.stopsRefused += 1;
      return 1061;
    case 'busy':
      return 1061;
    case 'dependents':
      return 1051;
    case 'not-stoppable':
      return 1052;
  }
}

/** One status query passes by: a pending service comes nearer to its state, or arrives. */
export function countQuery(machine: Machine, service: MachineService): void {
  if (service.state === 'running' && service.ipv4OnlyQueries > 0) {
    service.ipv4OnlyQueries -= 1;
    if (service.ipv4OnlyQueries === 0) listen(machine, service, ['ipv6']);
    return;
  }
  if (service.state !== 'start-pending' && service.state !== 'stop-pending') return;
  if (service.pendingQueries > 0) {
    service.pendingQueries -= 1;
    return;
  }
  reachState(machine, service);
}

/** The service reaches the state it is on the way to, at once, with all its sockets. */
export function finishPending(machine: Machine, service: MachineService): void {
  reachState(machine, service);
  if (service.state === 'running' && service.ipv4OnlyQueries > 0) listen(machine, service, ['ipv6']);
  service.ipv4OnlyQueries = 0;
}

function reachState(machine: Machine, service: MachineService): void {
  if (service.state === 'stop-pending') endProcess(machine, service, 0);
  if (service.state !== 'start-pending') return;
  const { scStartExitCode } = machine.quirks;
  if (isKeptFromStarting(machine, service) && scStartExitCode !== 0) {
    endProcess(machine, service, specificError);
    service.specificExitCode = scStartExitCode;
  } else if (isKeptFromStarting(machine, service) || isPortTaken(machine, service)) {
    endProcess(machine, service, processAborted);
  } else runService(machine, service, machine.quirks.ipv4OnlyQueries);
}

/** A starting service arrives as the machine boots: `quirks.scStartFails` and `ipv4OnlyQueries` are about the starts that come later. */
export function startAtBoot(machine: Machine, service: MachineService): void {
  if (isPortTaken(machine, service)) endProcess(machine, service, processAborted);
  else runService(machine, service, 0);
}

/**
 * Windows has started again: automatic services run, all others are stopped, whatever they were doing. What shares its process with
 * another service stays as it is: those are Windows' own, and come back.
 */
export function startServicesAtBoot(machine: Machine): void {
  const alone = machine.services.filter(({ processId }) => {
    const process = machine.processes.find((one) => one.processId === processId);
    return process === undefined || process.services.length < 2;
  });
  for (const service of alone) {
    endProcess(machine, service, neverStarted);
    service.pendingQueries = 0;
    service.ipv4OnlyQueries = 0;
  }
  for (const service of alone) if (service.startType === 'automatic') startAtBoot(machine, service);
}

function runService(machine: Machine, service: MachineService, ipv4OnlyQueries: number): void {
  service.state = 'running';
  const processId = service.processId ?? takeProcessId(machine);
  service.processId = processId;
  machine.processes.push({ processId, imageName: service.imageName, services: [service.name] });
  service.ipv4OnlyQueries = ipv4OnlyQueries;
  listen(machine, service, ipv4OnlyQueries > 0 ? ['ipv4'] : families);
}

function listen(machine: Machine, { ports, processId }: MachineService, on: readonly Family[]): void {
  if (processId === null) return;
  for (const port of ports) machine.sockets.push(...createListeners(port, 'tcp', processId, on));
}

function isKeptFromStarting(machine: Machine, service: MachineService): boolean {
  return machine.quirks.scStartFails?.toLowerCase() === service.name.toLowerCase();
}

/** A stranger's socket, or an exclusion without `*`, holds one of its ports. */
function isPortTaken(machine: Machine, service: MachineService): boolean {
  return service.ports.some(
    (port) =>
      machine.sockets.some((socket) => socket.protocol === 'tcp' && socket.localPort === port) ||
      families.some((family) =>
        machine.exclusions.tcp[family].active.some((row) => !row.administered && containsPort(row.range, port)),
      ),
  );
}

function endProcess(machine: Machine, service: MachineService, exitCode: number): void {
  const { processId } = service;
  service.state = 'stopped';
  service.processId = null;
  service.exitCode = exitCode;
  const process = machine.processes.find((one) => one.processId === processId);
  if (process === undefined) return;
  process.services = process.services.filter((name) => name !== service.name);
  if (process.services.length > 0) return;
  machine.processes = machine.processes.filter((one) => one !== process);
  machine.sockets = machine.sockets.filter((socket) => socket.processId !== processId);
}
