// `tasklist [/svc] [/fo csv|table] [/nh] [/fi "PID eq n"]`. The CSV quotes every field; the word for "no services" is
// translated. Layout: general knowledge (windows.md section 5, no recording in the facts). It lists what the scenario runs.
// Refused to an account that is no administrator: console-samples/tasklist-err-en-1 (windows.md 0.11), recorded in English only.
import type { MachineProcess } from '../machine/machine.ts';
import { findWording } from '../phrases/wordings.ts';
import { joinLines, printError, printOut, quoteFields } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

export function tasklist(call: ProgramCall): ProgramResult {
  const words = call.words.map((word) => word.toLowerCase());
  const after = (flag: string): string | undefined => {
    const at = words.indexOf(flag);
    return at < 0 ? undefined : words[at + 1];
  };
  const filter = after('/fi');
  const wantedId = filter === undefined ? undefined : /^\s*pid\s+eq\s+(\d+)\s*$/.exec(filter)?.[1];
  if (filter !== undefined && wantedId === undefined) {
    return { stdout: '', stderr: joinLines('ERROR: The search filter cannot be recognized.'), exitCode: 1 };
  }
  const { tasklistForUsers } = call.machine.quirks;
  if (!call.elevated && tasklistForUsers === 'denied') return printError(joinLines('ERROR: Access denied'));
  const shown = call.machine.processes.filter(
    (process) => wantedId === undefined || process.processId === Number(wantedId),
  );
  // The note goes to stdout with exit 0.
  if (shown.length === 0) return printOut(joinLines('INFO: No tasks are running which match the specified criteria.'));
  const notAvailable = findWording(call.machine).notAvailable;
  const withServices = words.includes('/svc');
  const named = call.elevated ? shown : shown.map((process) => ({ ...process, services: [] }));
  const rows = named.map((process) => makeRow(process, withServices, notAvailable));
  const heads = withServices
    ? ['Image Name', 'PID', 'Services']
    : ['Image Name', 'PID', 'Session Name', 'Session#', 'Mem Usage'];
  const bare = words.includes('/nh');
  if (after('/fo') === 'csv') return printOut(joinLines(...(bare ? rows : [heads, ...rows]).map(quoteFields)));
  return printOut(joinLines('', ...(bare ? [] : writeTableHead(withServices)), ...rows.map(padFields)));
}

function makeRow(process: MachineProcess, withServices: boolean, notAvailable: string): string[] {
  const { imageName, processId, services } = process;
  if (!withServices) return [imageName, String(processId), 'Services', '0', '24,576 K'];
  return [imageName, String(processId), services.length === 0 ? notAvailable : services.join(',')];
}

function writeTableHead(withServices: boolean): string[] {
  return withServices
    ? [
        `${'Image Name'.padEnd(25)} ${'PID'.padStart(8)} ${'Services'.padEnd(44)}`,
        `${'='.repeat(25)} ${'='.repeat(8)} ${'='.repeat(44)}`,
      ]
    : [
        `${'Image Name'.padEnd(25)} ${'PID'.padStart(8)} ${'Session Name'.padEnd(16)} ${'Session#'.padStart(11)} ${'Mem Usage'.padStart(12)}`,
        `${'='.repeat(25)} ${'='.repeat(8)} ${'='.repeat(16)} ${'='.repeat(11)} ${'='.repeat(12)}`,
      ];
}

function padFields(fields: readonly string[]): string {
  const [image = '', id = '', third = '', session, memory] = fields;
  const start = `${image.slice(0, 25).padEnd(25)} ${id.padStart(8)} `;
  if (session === undefined || memory === undefined) return start + third.padEnd(44);
  return `${start}${third.padEnd(16)} ${session.padStart(11)} ${memory.padStart(12)}`;
}
