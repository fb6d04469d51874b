// netsh, as far as port exclusions and dynamic ranges go. All its text goes to stdout, stderr stays empty, the exit code is 0
// or 1 (windows.md section 0 point 2, measured on Windows 11 26200). Wording: phrases/. Interactive mode never waits.
import { protocols, stores } from '../../model/host-state.ts';
import type { Family, Protocol, Store } from '../../model/host-state.ts';
import { lastPort } from '../../model/port-range.ts';
import { hasExclusions } from '../machine/machine.ts';
import type { Machine } from '../machine/machine.ts';
import { readArguments, shortened } from './netsh-arguments.ts';
import type { ReadArguments } from './netsh-arguments.ts';
import { fill, variantFor, wordingOf } from '../phrases/wordings.ts';
import { addExclusion, deleteExclusion, setDynamicRange } from '../machine/port-table.ts';
import type { PortRefusal } from '../machine/port-table.ts';
import { lines, printed } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

const verbs = ['add', 'delete', 'set', 'show'] as const;
const objects = ['excludedportrange', 'dynamicportrange'] as const;

/** Runs `netsh <words>`. */
export function netsh(call: ProgramCall): ProgramResult {
  const { machine, words } = call;
  const [first, second, verbWord, objectWord, ...rest] = words;
  // netsh alone, or with -c, waits for typed commands; over WinRM its input is at an end.
  if (first === undefined || first === '-c') return printed('netsh>');
  if (first === '?' || first === 'help') return printed(usage(machine), first === '?' ? 1 : 0);
  const context = shortened(first, ['interface']);
  const family = context === null ? null : familyOf(second);
  const verb = shortened(verbWord, verbs, 2);
  const object = shortened(objectWord, objects, 2);
  if (context === null || family === null || verb === null || object === null) return unknownCommand(call);
  if (object === 'excludedportrange' && (verb === 'set' || !hasExclusions(machine))) return unknownCommand(call);
  if (object === 'dynamicportrange' && (verb === 'add' || verb === 'delete')) return unknownCommand(call);
  if (rest[0] === '?' || rest[0] === '/?') return printed(usage(machine), 1);
  if (verb === 'show')
    return object === 'excludedportrange' ? showExclusions(call, family, rest) : showDynamic(call, family, rest);
  return change(call, verb, family, rest);
}

function familyOf(word: string | undefined): Family | null {
  const lower = word?.toLowerCase();
  if (lower === undefined || lower === '') return null;
  if (lower === 'ipv6') return 'ipv6';
  return 'ipv4'.startsWith(lower) ? 'ipv4' : null;
}

function unknownCommand(call: ProgramCall): ProgramResult {
  const phrase = wordingOf(call.machine).unknownCommand;
  return printed(lines(fill(phrase, { command: call.words.join(' ') })), 1);
}

/** The syntax as usage-en-1 notes it; what netsh prints around it was recorded in Spanish only (help-add-es-1). */
function usage(machine: Machine): string {
  const change = '[protocol=]tcp|udp [startport=]<integer> [numberofports=]<integer> [[store=]active|persistent]';
  const exclusions = hasExclusions(machine)
    ? [
        `add excludedportrange ${change}`,
        `delete excludedportrange ${change}`,
        'show excludedportrange protocol=tcp|udp [[store=]active|persistent]',
      ]
    : [];
  return lines(
    '',
    ...exclusions,
    'set dynamicportrange [protocol=]tcp|udp [startport=]<integer> [numberofports=]<integer>',
    '',
  );
}

function missing(machine: Machine): ProgramResult {
  // err-texts-en-1, line 6: measured with exit 1; the usage follows it.
  return printed(lines('One or more parameters for the command are not correct or missing.') + usage(machine), 1);
}

function refused(call: ProgramCall, refusal: PortRefusal | 'elevation'): ProgramResult {
  const text = wordingOf(call.machine).system[refusal];
  return printed(lines(text, ''), call.machine.quirks.exitCodesLie ? 0 : 1);
}

function protocolOf(read: ReadArguments): Protocol | null {
  return protocols.find((one) => one === read.values['protocol']?.toLowerCase()) ?? null;
}

function storeOf(read: ReadArguments, usual: Store): Store | null {
  const word = read.values['store']?.toLowerCase();
  return word === undefined ? usual : (stores.find((one) => one === word) ?? null);
}

function showExclusions(call: ProgramCall, family: Family, words: readonly string[]): ProgramResult {
  const { machine } = call;
  const read = readArguments(words, ['protocol', 'store']);
  const protocol = protocolOf(read);
  const store = storeOf(read, 'active');
  if (read.wrong || protocol === null || store === null) return missing(machine);
  const rows = machine.exclusions[protocol][family][store];
  if (rows.length === 0 && store === 'persistent' && machine.quirks.persistentShowWhenEmpty === 'blank') {
    return printed(lines(''));
  }
  const wording = wordingOf(machine);
  const column = (port: number): string => String(port).padStart(10);
  // Column names, dashes and plain rows are padded with six blanks, rows with `*` are not (excl-tcp-en-5-trailing-spaces).
  const table = rows.map(
    ({ range, administered }) =>
      `${column(range.firstPort)}  ${column(lastPort(range))}${administered ? '     *' : '      '}`,
  );
  return printed(
    lines(
      '',
      fill(variantFor(machine, wording.exclusionTitles), { protocol }),
      '',
      `${wording.exclusionColumns}      `,
      `${variantFor(machine, wording.exclusionDashes)}      `,
      ...table,
      '',
      variantFor(machine, wording.footnotes),
      '',
    ),
  );
}

function showDynamic(call: ProgramCall, family: Family, words: readonly string[]): ProgramResult {
  const { machine } = call;
  const read = readArguments(words, ['protocol', 'store']);
  const protocol = protocolOf(read);
  if (read.wrong || protocol === null || storeOf(read, 'active') === null) return missing(machine);
  // A bare `persistent` printed two bytes and exit 0 (windows.md section 1, "Traps when calling").
  if (read.bare.includes('store')) return printed(lines(''));
  const range = machine.dynamic[family][protocol];
  const wording = wordingOf(machine);
  return printed(
    lines(
      '',
      fill(wording.dynamicTitle, { protocol }),
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
  const protocol = protocolOf(read);
  const store = storeOf(read, 'persistent');
  const start = read.values['startport'];
  const count = read.values['numberofports'];
  if (read.wrong || protocol === null || store === null || start === undefined || count === undefined) {
    return missing(machine);
  }
  // err-texts-en-1, line 5: what netsh says about a value that is no number was measured on other commands, exit 1.
  if (!/^\d{1,9}$/.test(start) || !/^\d{1,9}$/.test(count)) {
    return printed(lines('The filename, directory name, or volume label syntax is incorrect.', ''), 1);
  }
  if (!call.elevated) return refused(call, 'elevation');
  const request = { family, protocol, firstPort: Number(start), portCount: Number(count), store };
  const act = { add: addExclusion, delete: deleteExclusion, set: setDynamicRange }[verb];
  const refusal = act(machine, request);
  return refusal === null ? printed(lines(wordingOf(machine).ok, '')) : refused(call, refusal);
}
