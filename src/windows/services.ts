// The state of a service, and the commands that stop and start it. sc prints `LABEL : code  WORD` lines with localized labels,
// so a field is found by its place and read by its code; whether the service exists is sc's exit code alone.
// Codes: Windows SDK winsvc.h (SERVICE_STATUS_PROCESS.dwCurrentState, QUERY_SERVICE_CONFIG.dwStartType).
import { serviceStates, startTypes } from '../model/facts.ts';
import type { ServiceState, StartType } from '../model/facts.ts';
import { Failure } from '../model/failure.ts';
import { quoteWords, splitLines, valueWithNoise, refusal } from './cmd/lines.ts';
import type { Reading } from './cmd/lines.ts';

/** ERROR_SERVICE_DOES_NOT_EXIST (winerror.h); sc ends with it. */
const noSuchService = 1060;

/** Asks for state and process id. */
export function showServiceState(name: string): string {
  return `sc queryex ${quoteService(name)}`;
}

/** Asks for the configuration, and so the start type. */
export function showServiceConfig(name: string): string {
  return `sc qc ${quoteService(name)}`;
}

/** Asks the service to stop and returns at once: what became of it says `showServiceState`. */
export function stopService(name: string): string {
  return `sc stop ${quoteService(name)}`;
}

/** Asks the service to start and returns at once. */
export function startService(name: string): string {
  return `sc start ${quoteService(name)}`;
}

/**
 * Whether the service is in this state: findstr ends with 1 when it is not. STATE is a number and, after two blanks, a word; behind the
 * numbers of the exit codes stands a bracket.
 */
export function findServiceState(name: string, state: 'stopped' | 'running'): string {
  const code = serviceStates.indexOf(state) + 1;
  return `sc query ${quoteService(name)} | findstr /r /c:": ${code}  [A-Z]"`;
}

/** A service's name as one word of a command line. Throws Failure `playbook/invalid` for a name that could be more than that. */
function quoteService(name: string): string {
  if (/^[A-Za-z0-9_.$@{}~+-]+$/.test(name)) return name;
  if (/^[A-Za-z0-9_.$@{}~+-]+(?: [A-Za-z0-9_.$@{}~+-]+)*$/.test(name)) return `"${name}"`;
  throw new Failure('playbook/invalid', `expected the short name of a service, got ${JSON.stringify(name)}`, {
    hint: 'use the name that "sc query" prints, such as MSExchangeIMAP4BE: letters, digits and . _ $ @ - only',
  });
}

export type ServiceStatus =
  | { readonly installed: false }
  | { readonly installed: true; readonly state: ServiceState; readonly processId: number | null };

/** Fields of `sc queryex` after SERVICE_NAME, by place: TYPE, STATE, two exit codes, CHECKPOINT, WAIT_HINT, PID, FLAGS. */
const stateField = 1;
const processField = 6;
const queryFields = 8;
const win32ExitField = 2;
const serviceExitField = 3;
/** Fields of `sc qc` after SERVICE_NAME, by place: TYPE, START_TYPE, ERROR_CONTROL, ... */
const startField = 1;

/** `name` as it was asked for; sc prints it back, and the fields follow it. */
export function readServiceState(name: string, text: string, exitCode: number): Reading<ServiceStatus> {
  if (exitCode === noSuchService) return { value: { installed: false } };
  const fields = readFields(name, text, exitCode);
  if ('problem' in fields) return fields;
  if (fields.value.length !== queryFields) {
    return { problem: `expected ${queryFields} fields after the name, got ${fields.value.length}` };
  }
  const state = serviceStates[readLeadingCode(fields.value[stateField]) - 1];
  const processWord = fields.value[processField] ?? '';
  if (state === undefined) return { problem: `expected a state from 1 to 7, got ${quoteWords(fields.value[1] ?? '')}` };
  if (!/^\d{1,10}$/.test(processWord)) return { problem: `expected a process id, got ${quoteWords(processWord)}` };
  const processId = Number(processWord);
  const status = { installed: true, state, processId: processId === 0 ? null : processId } as const;
  return valueWithNoise<ServiceStatus>(status, fields.noise ?? []);
}

/** How a service ended last. */
export interface ServiceExit {
  /** WIN32_EXIT_CODE: 1066 when the reason is the service's own, 1067 when its process ended unexpectedly. */
  readonly win32: number;
  /** SERVICE_EXIT_CODE: says something only beside 1066. */
  readonly own: number;
}

/** From the same answer; null where it is not read. */
export function readServiceExit(name: string, text: string, exitCode: number): ServiceExit | null {
  const fields = readFields(name, text, exitCode);
  if ('problem' in fields || fields.value.length !== queryFields) return null;
  const win32 = readLeadingCode(fields.value[win32ExitField]);
  const own = readLeadingCode(fields.value[serviceExitField]);
  return win32 < 0 || own < 0 ? null : { win32, own };
}

/** Whether sc, told to stop or start a service, printed the state of that moment: it accepted, and says nothing of what came of it. */
export function isAccepted(name: string, text: string, exitCode: number): boolean {
  const fields = readFields(name, text, exitCode);
  return 'value' in fields && serviceStates[readLeadingCode(fields.value[stateField]) - 1] !== undefined;
}

/** The start type; null when there is no such service. */
export function readStartType(name: string, text: string, exitCode: number): Reading<StartType | null> {
  if (exitCode === noSuchService) return { value: null };
  const fields = readFields(name, text, exitCode);
  if ('problem' in fields) return fields;
  const word = fields.value[startField] ?? '';
  const startType = startTypes[readLeadingCode(word)];
  return startType === undefined
    ? { problem: `expected a start type from 0 to 4, got ${quoteWords(word)}` }
    : valueWithNoise<StartType | null>(startType, fields.noise ?? []);
}

/**
 * The values after the line that ends in the service's name. They are indented, and so is what goes on with the one above (flags, paths,
 * without a colon); a line that is not, is none of them.
 */
function readFields(name: string, text: string, exitCode: number): Reading<readonly string[]> {
  if (exitCode !== 0) return refusal('sc', exitCode, text);
  const lines = splitLines(text);
  const nameLine = lines.findIndex(
    (line) => /^[^:]+: ?(.+)$/.exec(line.text)?.[1]?.toLowerCase() === name.toLowerCase(),
  );
  if (nameLine === -1) return { problem: `expected a line with the name ${name}, got ${quoteWords(text)}` };
  const below = lines.slice(nameLine + 1).filter((line) => line.text !== '');
  const values = below.flatMap((line) => (line.indented ? (/^[^:]+: ?(.*)$/.exec(line.text)?.slice(1) ?? []) : []));
  // Above the name: `[SC] QueryServiceConfig SUCCESS`.
  const above = lines.slice(0, nameLine).filter((line) => line.text !== '' && !line.text.startsWith('[SC] '));
  const noise = [...above, ...below.filter((line) => !line.indented)];
  return /^[0-9A-Fa-f]+\b/.test(values[0] ?? '')
    ? valueWithNoise(values, noise)
    : { problem: `expected a type after the name, got ${quoteWords(values[0] ?? '')}` };
}

function readLeadingCode(value: string | undefined): number {
  const code = /^\d+(?= |$)/.exec(value ?? '')?.[0];
  return code === undefined ? -1 : Number(code);
}
