// `sc query|queryex|qc|stop|start NAME`, and `net start|stop NAME`, which waits. sc's exit code is the Win32 error and all its
// text goes to stdout. An account that is no administrator gets nothing over WinRM, queries included (windows.md 0.11). Layout: public pastes of the tool; the labels are translated, numbers and state names are not.
import type { ServiceState, StartType } from '../../model/facts.ts';
import type { Machine, MachineService } from '../machine/machine.ts';
import { fillPhrase, findWording } from '../phrases/wordings.ts';
import { printError, joinLines, printOut } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';
import { finishPending, findService, countQuery, startService, stopService } from '../machine/service-control.ts';
import type { ServiceError } from '../machine/service-control.ts';

const stateCodes: Readonly<Record<ServiceState, string>> = {
  stopped: '1  STOPPED',
  'start-pending': '2  START_PENDING',
  'stop-pending': '3  STOP_PENDING',
  running: '4  RUNNING',
  'continue-pending': '5  CONTINUE_PENDING',
  'pause-pending': '6  PAUSE_PENDING',
  paused: '7  PAUSED',
};

const startTypeCodes: Readonly<Record<StartType, string>> = {
  boot: '0   BOOT_START',
  system: '1   SYSTEM_START',
  automatic: '2   AUTO_START',
  manual: '3   DEMAND_START',
  disabled: '4   DISABLED',
};

/** Which call of the service manager `sc` names in front of an error, per verb. */
const callNames = {
  query: 'EnumQueryServicesStatus:OpenService',
  queryex: 'EnumQueryServicesStatus:OpenService',
  qc: 'OpenService',
  start: 'StartService: OpenService',
  stop: 'OpenService',
} as const;

export function sc(call: ProgramCall): ProgramResult {
  const { machine } = call;
  const words = call.words[0]?.startsWith('\\\\') === true ? call.words.slice(1) : call.words;
  const verb = words[0]?.toLowerCase();
  const name = words[1];
  if (verb !== 'query' && verb !== 'queryex' && verb !== 'qc' && verb !== 'start' && verb !== 'stop') {
    return printOut(
      joinLines(
        '',
        'DESCRIPTION:',
        '        SC is a command line program used for communicating with the',
        '        Service Control Manager and services.',
        '',
      ),
      1639,
    );
  }
  if (name === undefined || name.endsWith('=')) {
    if (verb !== 'query' && verb !== 'queryex')
      return printOut(joinLines('DESCRIPTION:', `        sc ${verb} [service name]`), 1639);
    if (!call.elevated) return refuseCall(machine, 'OpenSCManager', 5);
    const running = machine.services.filter((service) => service.state === 'running');
    return printOut(running.map((service) => writeStatus(machine, service, verb === 'queryex')).join(''));
  }
  if (!call.elevated) return refuseCall(machine, 'OpenSCManager', 5);
  const service = findService(machine, name);
  if (service === undefined) return refuseCall(machine, callNames[verb], 1060);
  switch (verb) {
    case 'query':
    case 'queryex':
      countQuery(machine, service);
      return printOut(writeStatus(machine, service, verb === 'queryex'));
    case 'qc':
      return printOut(writeConfiguration(machine, service));
    case 'start': {
      const error = startService(machine, service);
      return error === null
        ? printOut(writeStatus(machine, service, true))
        : refuseCall(machine, 'StartService', error);
    }
    case 'stop': {
      const error = stopService(machine, service);
      return error === null
        ? printOut(writeStatus(machine, service, false))
        : refuseCall(machine, 'ControlService', error);
    }
  }
}

/** `net start NAME` and `net stop NAME`: the same change, but it returns when the service has arrived. */
export function net(call: ProgramCall): ProgramResult {
  const [verb, name] = [call.words[0]?.toLowerCase(), call.words[1]];
  if ((verb !== 'start' && verb !== 'stop') || name === undefined) {
    return printError(joinLines('The syntax of this command is:', '', 'NET', '    [ START | STOP ]'));
  }
  const { system } = findWording(call.machine);
  if (!call.elevated) return printError(joinLines('System error 5 has occurred.', '', system.accessDenied, ''), 2);
  const service = findService(call.machine, name);
  if (service === undefined) return printError(joinLines('The service name is invalid.', ''), 2);
  const error = verb === 'start' ? startService(call.machine, service) : stopService(call.machine, service);
  if (error !== null) return printError(joinLines(describeError(call.machine, error), ''), 2);
  finishPending(call.machine, service);
  const reached = service.state === (verb === 'start' ? 'running' : 'stopped');
  if (!reached) return printError(joinLines(`The ${service.displayName} service could not be started.`, ''), 2);
  const done = verb === 'start' ? 'started' : 'stopped';
  return printOut(joinLines(`The ${service.displayName} service was ${done} successfully.`, ''));
}

function refuseCall(machine: Machine, callName: string, error: ServiceError): ProgramResult {
  const head = `[SC] ${callName}${fillPhrase(findWording(machine).serviceControl.failed, { code: error })}`;
  return printOut(joinLines(head, '', describeError(machine, error), ''), error);
}

function describeError(machine: Machine, error: ServiceError): string {
  const { system } = findWording(machine);
  switch (error) {
    case 5:
      return system.accessDenied;
    case 1051:
      return 'A stop control has been sent to a service that other running services are dependent on.';
    case 1052:
      return 'The requested control is not valid for this service.';
    case 1056:
      return system.alreadyRunning;
    case 1058:
      return 'The service cannot be started, either because it is disabled or because it has no enabled devices associated with it.';
    case 1060:
      return system.noSuchService;
    case 1061:
      return system.cannotAcceptControl;
    case 1062:
      return system.notStarted;
    case 1068:
      return 'The dependency service or group failed to start.';
    case 1069:
      return 'The service did not start due to a logon failure.';
  }
}

/** A label padded to 19 and a colon, after eight blanks. */
function writeField(label: string, value: string): string {
  return `        ${label.padEnd(19)}: ${value}`;
}

function writeStatus(machine: Machine, service: MachineService, extended: boolean): string {
  const words = findWording(machine).serviceControl;
  const code = (value: number): string => `${value}  (0x${value.toString(16)})`;
  const flags =
    service.state === 'running'
      ? ['(STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)']
      : service.state === 'stopped'
        ? []
        : ['(NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)'];
  return joinLines(
    '',
    `${words.serviceName}: ${service.name} `,
    writeField(words.type, '10  WIN32_OWN_PROCESS  '),
    writeField(words.state, `${stateCodes[service.state]} `),
    ...flags.map((flag) => `${' '.repeat(32)}${flag}`),
    writeField(words.win32ExitCode, code(service.exitCode)),
    writeField(words.serviceExitCode, code(service.specificExitCode)),
    writeField(words.checkpoint, '0x0'),
    writeField(words.waitHint, service.state.endsWith('-pending') ? '0x7d0' : '0x0'),
    ...(extended ? [writeField('PID', String(service.processId ?? 0)), writeField('FLAGS', '')] : []),
  );
}

function writeConfiguration(machine: Machine, service: MachineService): string {
  const words = findWording(machine).serviceControl;
  const isBackEnd = service.name.startsWith('MSExchange');
  const path = isBackEnd
    ? `"C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\PopImap\\${service.imageName}"`
    : `C:\\Windows\\System32\\${service.imageName}`;
  return joinLines(
    `[SC] QueryServiceConfig ${words.success}`,
    '',
    `${words.serviceName}: ${service.name}`,
    writeField(words.type, '10  WIN32_OWN_PROCESS '),
    writeField(words.startType, startTypeCodes[service.startType]),
    writeField('ERROR_CONTROL', '1   NORMAL'),
    writeField('BINARY_PATH_NAME', path),
    writeField('LOAD_ORDER_GROUP', ''),
    writeField('TAG', '0'),
    writeField(words.displayName, service.displayName),
    writeField(words.dependencies, isBackEnd ? 'MSExchangeADTopology' : ''),
    writeField(words.startName, isBackEnd ? 'NT AUTHORITY\\NetworkService' : 'LocalSystem'),
  );
}
