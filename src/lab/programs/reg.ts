// `reg query KEY [/v NAME] [/s]` over the few keys that say what a server is: Exchange's Setup key (windows.md section 4, version
// detection) and the version of Windows. It reads a registry made on the spot; nothing is ever written.
import type { Machine } from '../machine/machine.ts';
import { findWording } from '../phrases/wordings.ts';
import { printError, joinLines, printOut } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

interface RegistryValue {
  readonly name: string;
  readonly type: 'REG_SZ' | 'REG_DWORD';
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
  if (exchange === null) return always;
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
  return [...always, setup];
}
