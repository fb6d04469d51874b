// The dynamic port range and the services, asked of CIM: the questions and their readers. The strings of Win32_Service are constants of
// the class definition (its ValueMap), the same in every language of Windows. Sources: Microsoft's class references of MSFT_NetTCPSetting,
// MSFT_NetUDPSetting and Win32_Service; windows.md section 5.
import { quoteWql } from '../model/cim.ts';
import type { CimObject, CimQuestion } from '../model/cim.ts';
import type { ServiceFacts, ServiceState, StartType } from '../model/facts.ts';
import type { Protocol } from '../model/host-state.ts';
import { portRange } from '../model/port-range.ts';
import type { PortRange } from '../model/port-range.ts';
import { quoteWords } from './cmd/lines.ts';
import type { Reading } from './cmd/lines.ts';

/** There is one UDP setting, and a TCP setting for each template. */
export function dynamicRangeQuestion(protocol: Protocol): CimQuestion {
  const columns = 'DynamicPortRangeStartPort, DynamicPortRangeNumberOfPorts';
  const wql =
    protocol === 'tcp'
      ? `select SettingName, ${columns} from MSFT_NetTCPSetting`
      : `select ${columns} from MSFT_NetUDPSetting`;
  return { namespace: 'root/StandardCimv2', wql };
}

/** A TCP template with a range of its own. */
export interface TemplateRange {
  /** `Internet`; empty for UDP. */
  readonly template: string;
  readonly range: PortRange;
}

/** The settings that name a range. The template Automatic doesn't. */
export function readTemplateRanges(instances: readonly CimObject[]): Reading<readonly TemplateRange[]> {
  const ranges: TemplateRange[] = [];
  for (const one of instances) {
    const [start, count] = [one['DynamicPortRangeStartPort'] ?? null, one['DynamicPortRangeNumberOfPorts'] ?? null];
    if (isEmpty(start) && isEmpty(count)) continue;
    const [firstPort, portCount] = [readNumber(start), readNumber(count)];
    if (firstPort === null || portCount === null) {
      return { problem: `expected the numbers of a range, got ${quoteWords(JSON.stringify([start, count]))}` };
    }
    try {
      ranges.push({ template: readText(one['SettingName']), range: portRange(firstPort, portCount) });
    } catch (thrown) {
      if (thrown instanceof RangeError) return { problem: thrown.message };
      throw thrown;
    }
  }
  return { value: ranges };
}

export function servicesQuestion(names: readonly string[]): CimQuestion {
  const where = names.map((name) => `Name = ${quoteWql(name)}`).join(' or ');
  return { namespace: 'root/cimv2', wql: `select Name, State, ProcessId, StartMode from Win32_Service where ${where}` };
}

const states: Readonly<Record<string, ServiceState>> = {
  Stopped: 'stopped',
  'Start Pending': 'start-pending',
  'Stop Pending': 'stop-pending',
  Running: 'running',
  'Continue Pending': 'continue-pending',
  'Pause Pending': 'pause-pending',
  Paused: 'paused',
};
const startModes: Readonly<Record<string, StartType>> = {
  Boot: 'boot',
  System: 'system',
  Auto: 'automatic',
  Manual: 'manual',
  Disabled: 'disabled',
};

/** The service of that name; not among the instances = not installed. Names are compared without regard to case. */
export function readCimService(instances: readonly CimObject[], name: string): Reading<ServiceFacts> {
  const found = instances.find((one) => readText(one['Name']).toLowerCase() === name.toLowerCase());
  if (found === undefined) return { value: { name, installed: false } };
  const word = readText(found['State']);
  const state = Object.hasOwn(states, word) ? states[word] : undefined;
  if (state === undefined) return { problem: `expected the state of a service, got ${quoteWords(word)}` };
  const processId = readNumber(found['ProcessId'] ?? null);
  if (processId === null) return { problem: `expected a process id, got ${quoteWords(readText(found['ProcessId']))}` };
  const mode = readText(found['StartMode']);
  const startType = Object.hasOwn(startModes, mode) ? (startModes[mode] ?? null) : null;
  return { value: { name, installed: true, state, processId: processId === 0 ? null : processId, startType } };
}

function isEmpty(value: CimObject[string]): boolean {
  return value === null || value === '' || value === '0';
}

function readNumber(value: CimObject[string]): number | null {
  return typeof value === 'string' && /^\d{1,10}$/.test(value.trim()) ? Number(value) : null;
}

function readText(value: CimObject[string] | undefined): string {
  return typeof value === 'string' ? value : '';
}
