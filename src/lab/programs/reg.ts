// `reg query KEY [/v NAME] [/s]` over few keys: Exchange's Setup key (windows.md section 4, version detection), the version of
// Windows, and the persistent port exclusions (section 3). It reads a registry made on the spot; nothing is ever written.
import { families, protocols } from '../../model/host-state.ts';
import type { Protocol } from '../../model/host-state.ts';
import type { PortRange } from '../../model/port-range.ts';
import type { Machine } from '../machine/machine.ts';
import { findWording } from '../phrases/wordings.ts';
import { printError, joinLines, printOut } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

interface RegistryValue {
  readonly name: string;
  readonly type: 'REG_SZ' | 'REG_DWORD' | 'REG_BINARY';
  readonly data: string;
}

interface RegistryKey {
  readonly path: string;
  readonly values: readonly RegistryValue[];
}

const machineRoot = 'HKEY_LOCAL_MACHINE';
const deniedKey = /\\ExchangeServer\\v15(?:\\|$)/i;

export function reg(call: ProgramCall): ProgramResult {
  const [verb, keyName, ...options] = call.words;
  if (verb?.toLowerCase() !== 'query' || keyName === undefined) {
    return printError(joinLines('ERROR: Invalid syntax.', 'Type "REG /?" for usage.'));
  }
  const path = keyName.replace(/^(hklm|hkey_local_machine)(?=\\|$)/i, machineRoot).replace(/\\+$/, '');
  // Which text and code reg has for a key that the account may not read was not recorded; it ends with 1 for every error (reg /?).
  if (call.machine.quirks.exchangeKeyDenied && deniedKey.test(path))
    return printError(joinLines('ERROR: Access is denied.'));
  if (call.machine.quirks.persistentRegistry === 'denied' && rangesKeys.includes(path.toLowerCase())) {
    return refuseAccess(call.machine);
  }
  const keys = buildRegistry(call.machine);
  const isUnder = (key: RegistryKey): boolean => key.path.toLowerCase().startsWith(`${path.toLowerCase()}\\`);
  const own = keys.find((key) => key.path.toLowerCase() === path.toLowerCase());
  const below = keys.filter(isUnder);
  if (own === undefined && below.length === 0) return refuseKey(call.machine);
  const flags = options.map((option) => option.toLowerCase());
  const valueName = flags.includes('/v') ? options[flags.indexOf('/v') + 1] : undefined;
  if (valueName !== undefined) {
    const value = own?.values.find((one) => one.name.toLowerCase() === valueName.toLowerCase());
    return own === undefined || value === undefined
      ? refuseKey(call.machine)
      : printOut(joinLines('', own.path, writeValue(value), ''));
  }
  const shown = flags.includes('/s') ? [...(own === undefined ? [] : [own]), ...below] : own === undefined ? [] : [own];
  const blocks = shown.map((key) => joinLines('', key.path, ...key.values.map(writeValue)));
  const children = flags.includes('/s') ? [] : listSubkeys(path, below);
  return printOut(`${blocks.join('')}${joinLines('', ...children)}`);
}

function refuseAccess(machine: Machine): ProgramResult {
  return printError(joinLines(findWording(machine).system.accessDenied));
}

function refuseKey(machine: Machine): ProgramResult {
  return printError(joinLines(findWording(machine).registryMissing));
}

function writeValue(value: RegistryValue): string {
  return `    ${value.name}    ${value.type}    ${value.data}`;
}

function listSubkeys(path: string, below: readonly RegistryKey[]): string[] {
  const depth = path.split('\\').length;
  return [
    ...new Set(
      below.map((key) =>
        key.path
          .split('\\')
          .slice(0, depth + 1)
          .join('\\'),
      ),
    ),
  ];
}

function buildRegistry(machine: Machine): RegistryKey[] {
  const { windows } = machine;
  const text = (name: string, data: string): RegistryValue => ({ name, type: 'REG_SZ', data });
  const number = (name: string, data: number): RegistryValue => ({
    name,
    type: 'REG_DWORD',
    data: `0x${data.toString(16)}`,
  });
  const current: RegistryKey = {
    path: `${machineRoot}\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion`,
    values: [
      text('CurrentBuild', String(windows.build)),
      text('CurrentBuildNumber', String(windows.build)),
      text('CurrentVersion', windows.major === 10 ? '6.3' : `${windows.major}.${windows.minor}`),
      text('ProductName', machine.productName),
      ...(windows.revision === null ? [] : [number('UBR', windows.revision)]),
    ],
  };
  // Every Windows has this key beside `Windows NT`.
  const always = [current, { path: `${machineRoot}\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion`, values: [] }];
  const { exchange } = machine;
  const ranges = protocols.flatMap((protocol) => buildRangesKey(machine, protocol));
  if (exchange === null) return [...always, ...ranges];
  const setup: RegistryKey = {
    path: `${machineRoot}\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup`,
    values: [
      text('MsiInstallPath', 'C:\\Program Files\\Microsoft\\Exchange Server\\V15\\'),
      number('MsiProductMajor', exchange.major),
      number('MsiProductMinor', exchange.minor),
      number('MsiBuildMajor', exchange.build),
      number('MsiBuildMinor', exchange.revision),
      text('OwaVersion', `${exchange.major}.${exchange.minor}.${exchange.build}.${exchange.revision}`),
    ],
  };
  return [...always, ...ranges, setup];
}

const moduleKeys: Readonly<Record<Protocol, string>> = {
  tcp: `${machineRoot}\\SYSTEM\\CurrentControlSet\\Control\\Nsi\\{eb004a03-9b1a-11d4-9123-0050047759bc}\\29`,
  udp: `${machineRoot}\\SYSTEM\\CurrentControlSet\\Control\\Nsi\\{eb004a02-9b1a-11d4-9123-0050047759bc}\\5`,
};

const rangesKeys: readonly string[] = Object.values(moduleKeys).map((path) => path.toLowerCase());

/** One value for each range, whatever the family: names know none (windows.md section 3, `cc570100` = 52311 x 1). */
function buildRangesKey({ exclusions, quirks }: Machine, protocol: Protocol): readonly RegistryKey[] {
  // Families with lists of their own cannot be kept under names without a family: that doubt and this key exclude each other.
  if (quirks.persistentRegistry === 'missing' || !quirks.oneList) return [];
  const kept = families.flatMap((family) => exclusions[protocol][family].persistent);
  // A row without the star is somebody's reservation at run time, and never kept.
  const rows = kept.filter((row) => row.administered);
  const names = [...new Set(rows.map((row) => nameRange(row.range, quirks.persistentRegistry === 'other-form')))];
  // The form of the data beyond its first bytes is not known; nobody may read it.
  const values = names.map((name): RegistryValue => ({ name, type: 'REG_BINARY', data: '1200FFFF' }));
  return [{ path: moduleKeys[protocol], values }];
}

function nameRange({ firstPort, portCount }: PortRange, isOther: boolean): string {
  const hex = (number: number): string => number.toString(16).padStart(4, '0');
  const count = hex(portCount);
  return isOther ? `${firstPort}-${portCount}` : `${hex(firstPort)}${count.slice(2)}${count.slice(0, 2)}`;
}
