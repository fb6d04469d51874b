// The CIM classes that a simulated server answers, out of the machine's own state: the dynamic port range, services, the system. Only
// properties that the machine knows the truth of are there. Sources: Microsoft's class references (MSFT_NetTCPSetting and
// MSFT_NetUDPSetting in root/StandardCimv2, Win32_Service and Win32_OperatingSystem in root/cimv2), windows.md section 5.
import type { ServiceState, StartType } from '../../model/facts.ts';
import type { PortRange } from '../../model/port-range.ts';
import type { Machine, MachineService } from '../machine/machine.ts';
import { findService, countQuery, startService, stopService } from '../machine/service-control.ts';
import type { ServiceError } from '../machine/service-control.ts';

/** Values as text; null is xsi:nil. */
export type CimProperties = Readonly<Record<string, string | null>>;

export interface CimClass {
  /** With a slash, as the class reference writes it. */
  readonly namespace: string;
  readonly name: string;
  /** The key property that a selector names; null: there is one instance. */
  readonly key: string | null;
  readonly instances: (machine: Machine) => readonly CimProperties[];
  /** Methods by name: the ReturnValue. `key`: that of the instance. */
  readonly methods: Readonly<Record<string, (machine: Machine, key: string) => number | null>>;
}

/**
 * The class of that name in that namespace, compared without regard to case; null: this Windows has none. root/StandardCimv2 came with
 * Windows 8 and Server 2012 (windows.md section 5).
 */
export function findClass(machine: Machine, namespace: string, name: string): CimClass | null {
  const found = classes.find((one) => isSame(one.namespace, namespace) && isSame(one.name, name)) ?? null;
  return found?.namespace === standard && machine.release === '2008r2' ? null : found;
}

const standard = 'root/StandardCimv2';

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The templates of Get-NetTCPSetting on Server 2016 and later; `Automatic` has no values of its own. */
const templates = ['Automatic', 'InternetCustom', 'DatacenterCustom', 'Compat', 'Datacenter', 'Internet'] as const;

function listTcpSettings(machine: Machine): readonly CimProperties[] {
  return templates.map((name) => ({
    SettingName: name,
    ...writeRangeProperties(name === 'Automatic' ? null : chooseTemplateRange(machine, name)),
  }));
}

/** Which template netsh shows is not known; the quirk decides whether one of them, or all, say something else. */
function chooseTemplateRange({ dynamic, quirks }: Machine, template: string): PortRange {
  const other = { firstPort: 49152, portCount: 16384 };
  const shown = dynamic.ipv4.tcp;
  const differs = { firstPort: shown.firstPort === other.firstPort ? 10_000 : other.firstPort, portCount: 16384 };
  if (quirks.cimRange === 'other') return differs;
  return quirks.cimRange === 'one-template' && template === 'Datacenter' ? differs : shown;
}

function writeRangeProperties(range: PortRange | null): CimProperties {
  return {
    DynamicPortRangeNumberOfPorts: range === null ? null : String(range.portCount),
    DynamicPortRangeStartPort: range === null ? null : String(range.firstPort),
  };
}

/** The words of the class definition's ValueMap: constants, the same in every language. */
const stateWords: Readonly<Record<ServiceState, string>> = {
  stopped: 'Stopped',
  'start-pending': 'Start Pending',
  'stop-pending': 'Stop Pending',
  running: 'Running',
  'continue-pending': 'Continue Pending',
  'pause-pending': 'Pause Pending',
  paused: 'Paused',
};
const startModes: Readonly<Record<StartType, string>> = {
  boot: 'Boot',
  system: 'System',
  automatic: 'Auto',
  manual: 'Manual',
  disabled: 'Disabled',
};

function writeServiceProperties(machine: Machine, service: MachineService): CimProperties {
  countQuery(machine, service);
  // A provider that lags behind the service control manager.
  const isStale = machine.quirks.cimServices === 'stale';
  const state = isStale ? (service.state === 'running' ? 'stopped' : 'running') : service.state;
  const processId = isStale ? 0 : (service.processId ?? 0);
  return {
    DisplayName: service.displayName,
    ExitCode: String(service.exitCode),
    Name: service.name,
    ProcessId: String(processId),
    Started: String(state !== 'stopped'),
    StartMode: startModes[service.startType],
    State: stateWords[state],
    SystemName: machine.name.split('.')[0]?.toUpperCase() ?? machine.name,
  };
}

/** ReturnValue of Win32_Service's StartService and StopService for the errors of the service manager. */
const returnValues: Readonly<Record<ServiceError, number>> = {
  5: 2,
  1051: 3,
  1052: 4,
  1056: 10,
  1058: 14,
  1060: 7,
  1061: 5,
  1062: 6,
  1068: 13,
  1069: 15,
};

function createServiceMethod(act: (machine: Machine, service: MachineService) => ServiceError | null) {
  return (machine: Machine, key: string): number | null => {
    const service = findService(machine, key);
    if (service === undefined) return null;
    const error = act(machine, service);
    return error === null ? 0 : returnValues[error];
  };
}

const classes: readonly CimClass[] = [
  { namespace: standard, name: 'MSFT_NetTCPSetting', key: 'SettingName', instances: listTcpSettings, methods: {} },
  {
    namespace: standard,
    name: 'MSFT_NetUDPSetting',
    key: null,
    instances: (machine) => [writeRangeProperties(machine.dynamic.ipv4.udp)],
    methods: {},
  },
  {
    namespace: 'root/cimv2',
    name: 'Win32_Service',
    key: 'Name',
    instances: (machine) => machine.services.map((service) => writeServiceProperties(machine, service)),
    methods: { StartService: createServiceMethod(startService), StopService: createServiceMethod(stopService) },
  },
  {
    namespace: 'root/cimv2',
    name: 'Win32_OperatingSystem',
    key: null,
    instances: ({ windows, productName, name }) => [
      {
        BuildNumber: String(windows.build),
        Caption: `Microsoft ${productName}`,
        CSName: name.split('.')[0]?.toUpperCase() ?? name,
        Version: `${windows.major}.${windows.minor}.${windows.build}`,
      },
    ],
    methods: {},
  },
];
