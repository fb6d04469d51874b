// netsh, as far as port exclusions and dynamic ranges go. All its text goes to stdout, stderr stays empty, the exit code is 0
// or 1 (windows.md section 0 point 2, measured on Windows 11 26200). Wording: phrases/. Interactive mode never waits.
import { protocols, stores } from '../../model/host-state.ts';
import type { Family, Protocol, Store } from '../../model/host-state.ts';
import { lastPort } from '../../model/port-range.ts';
import { hasExclusionSupport } from '../machine/machine.ts';
import type { Machine } from '../machine/machine.ts';
import type { Quirks } from '../machine/quirks.ts';
import { readArguments, matchShortened } from './netsh-arguments.ts';
import type { NetshArguments } from './netsh-arguments.ts';
import { fillPhrase, chooseVariant, findWording } from '../phrases/wordings.ts';
import { addExclusion, deleteExclusion, setDynamicRange } from '../machine/port-table.ts';
import type { PortRefusal } from '../machine/port-table.ts';
import { joinLines, printOut } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

const verbs = ['add', 'delete', 'set', 'show'] as const;
const objects = ['excludedportrange', 'dynamicportrange'] as const;

/** Runs `netsh <words>`. */
export function netsh(call: ProgramCall): ProgramResult {
  const { before, after } = noises[call.machine.quirks.netshNoise];
  const result = runNetsh(call);
  return { ...result, stdout: joinLines(...before) + result.stdout + joinLines(...after) };
}

const noises: Readonly<
  Record<Quirks['netshNoise'], { readonly before: readonly string[]; readonly after: readonly string[] }>
> = {
  none: { before: [], after: [] },
  'helper-dll': { before: ['The following helper DLL cannot be loaded: WCNNETSH.DLL.'], after: [] },
  'helper-error': {
    before: ['Initialization Function InitHelperDll in NSHHTTP.DLL failed to start with error code 10107'],
    after: ['', 'Error 126 in RASMONTR.DLL at 9933 9955', ''],
  },
  notice: {
    before: [],
    after: [
      '',
      'In future versions of Windows, Microsoft might remove the Netsh functionality',
      'for TCP/IP.',
      '',
      'Microsoft recommends that you transition to Windows PowerShell if you currently',
      'use netsh to configure and manage TCP/IP.',
      '',
      'Type Get-Command -Module NetTCPIP at the Windows PowerShell prompt to view',
      'a list of commands to manage TCP/IP.',
      '',
      'Visit http://go.microsoft.com/fwlink/?LinkId=217627 for additional information',
      'about PowerShell commands for TCP/IP.',
      '',
    ],
  },
};

function runNetsh(call: ProgramCall): ProgramResult {
  const { machine, words } = call;
  const [first, second, verbWord, objectWord, ...rest] = words;
  // netsh alone, or with -c, waits for typed commands; over WinRM its input is at an end.
  if (first === undefined || first === '-c') return printOut('netsh>');
  if (first === '?' || first === 'help') return printOut(writeUsage(machine), first === '?' ? 1 : 0);
  const context = matchShortened(first, ['interface']);
  const family = context === null ? null : readFamily(second);
  const verb = matchShortened(verbWord, verbs, 2);
  const object = matchShortened(objectWord, objects, 2);
  if (context === null || family === null || verb === null || object === null) return refuseCommand(call);
  if (object === 'excludedportrange' && (verb === 'set' || !hasExclusionSupport(machine))) return refuseCommand(call);
  if (object === 'dynamicportrange' && (verb === 'add' || verb === 'delete')) return refuseCommand(call);
  if (rest[0] === '?' || rest[0] === '/?') return printOut(writeUsage(machine), 1);
  if (verb === 'show')
    return object === 'excludedportrange' ? showExclusions(call, family, rest) : showDynamicRange(call, family, rest);
  return change(call, verb, family, rest);
}

function readFamily(word: string | undefined): Family | null {
  const lower = word?.toLowerCase();
  if (lower === undefined || lower === '') return null;
  if (lower === 'ipv6') return 'ipv6';
  return 'ipv4'.startsWith(lower) ? 'ipv4' : null;
}

function refuseCommand(call: ProgramCall): ProgramResult {
  const phrase = findWording(call.machine).unknownCommand;
  return printOut(joinLines(fillPhrase(phrase, { command: call.words.join(' ') })), 1);
}

/** The syntax as usage-en-1 notes it; what netsh prints around it was recorded in Spanish only (help-add-es-1). */
function writeUsage(machine: Machine): string {
  const changePorts = '[protocol=]tcp|udp [startport=]<integer> [numberofports=]<integer> [[store=]active|persistent]';
  const exclusions = hasExclusionSupport(machine)
    ? [
        `add excludedportrange ${changePorts}`,
        `delete excludedportrange ${changePorts}`,
        'show excludedportrange protocol=tcp|udp [[store=]active|persistent]',
      ]
    : [];
  return joinLines(
    '',
    ...exclusions,
    'set dynamicportrange [protocol=]tcp|udp [startport=]<integer> [numberofports=]<integer>',
    '',
  );
}

function refuseArguments(machine: Machine): ProgramResult {
  // err-texts-en-1, line 6: measured with exit 1; the usage follows it.
  return printOut(
    joinLines('One or more parameters for the command are not correct or missing.') + writeUsage(machine),
    1,
  );
}

function refuseChange(call: ProgramCall, refusal: PortRefusal | 'elevation'): ProgramResult {
  const text = findWording(call.machine).system[refusal];
  return printOut(joinLines(text, ''), call.machine.quirks.exitCodesLie ? 0 : 1);
}

function readProtocol(read: NetshArguments): Protocol | null {
  return protocols.find((one) => one === read.values['protocol']?.toLowerCase()) ?? null;
}

function readStore(read: NetshArguments, usual: Store): Store | null {
  const word = read.values['store']?.toLowerCase();
  return word === undefined ? usual : (stores.find((one) => one === word) ?? null);
}

function showExclusions(call: ProgramCall, family: Family, words: readonly string[]): ProgramResult {
  const { machine } = call;
  const read = readArguments(words, ['protocol', 'store']);
  const protocol = readProtocol(read);
  const store = readStore(read, 'active');
  if (read.wrong || protocol === null || store === null) return refuseArguments(machine);
  const { persistentShow, persistentShowWhenEmpty } = machine.quirks;
  const kept = machine.exclusions[protocol][family][store];
  const rows = store === 'persistent' && persistentShow !== 'rows' ? [] : kept;
  const isBlank = persistentShow === 'blank' || (kept.length === 0 && persistentShowWhenEmpty === 'blank');
  if (store === 'persistent' && isBlank) {
    return printOut(joinLines(''));
  }
  const wording = findWording(machine);
  const column = (port: number): string => String(port).padStart(10);
  // Column names, dashes and plain rows are padded with six blanks, rows with `*` are not (excl-tcp-en-5-trailing-spaces).
  const table = rows.map(
    ({ range, administered }) =>
      `${column(range.firstPort)}  ${column(lastPort(range))}${administered ? '     *' : '      '}`,
  );
  return printOut(
    joinLines(
      '',
      fillPhrase(chooseVariant(machine, wording.exclusionTitles), { protocol }),
      '',
      `${wording.exclusionColumns}      `,
      `${chooseVariant(machine, wording.exclusionDashes)}      `,
      ...table,
      '',
      chooseVariant(machine, wording.footnotes),
      '',
    ),
  );
}

function showDynamicRange(call: ProgramCall, family: Family, words: readonly string[]): ProgramResult {
  const { machine } = call;
  const read = readArguments(words, ['protocol', 'store']);
  const protocol = readProtocol(read);
  if (read.wrong || protocol === null || readStore(read, 'active') === null) return refuseArguments(machine);
  // A bare `persistent` printed two bytes and exit 0 (windows.md section 1, "Traps when calling").
  if (read.bare.includes('store')) return printOut(joinLines(''));
  const range = machine.dynamic[family][protocol];
  const wording = findWording(machine);
  return printOut(
    joinLines(
      '',
      fillPhrase(wording.dynamicTitle, { protocol }),
      '-'.repeat(33),
      `${wording.dynamicStart}${range.firstPort}`,
      `${wording.dynamicCount}${range.portCount}`,
      '',
    ),
  );
}

function change(
  call: ProgramCall,
  verb: 'add' | 'delete' | 'set',
  family: Family,
  words: readonly string[],
): ProgramResult {
  const { machine } = call;
  const read = readArguments(words, ['protocol', 'startport', 'numberofports', 'store']);
  const protocol = readProtocol(read);
  const store = readStore(read, 'persistent');
  const start = read.values['startport'];
  const count = read.values['numberofports'];
  if (read.wrong || protocol === null || store === null || start === undefined || count === undefined) {
    return refuseArguments(machine);
  }
  // err-texts-en-1, line 5: what netsh says about a value that is no number was measured on other commands, exit 1.
  if (!/^\d{1,9}$/.test(start) || !/^\d{1,9}$/.test(count)) {
    return printOut(joinLines('The filename, directory name, or volume label syntax is incorrect.', ''), 1);
  }
  if (!call.elevated) return refuseChange(call, 'elevation');
  const request = { family, protocol, firstPort: Number(start), portCount: Number(count), store };
  const act = { add: addExclusion, delete: deleteExclusion, set: setDynamicRange }[verb];
  const refusal = act(machine, request);
  return refusal === null ? printOut(joinLines(findWording(machine).ok, '')) : refuseChange(call, refusal);
}
