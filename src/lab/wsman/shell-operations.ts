// The six operations on shells and commands, each from a request that passed the header checks to an answer's body or a
// fault. Envelopes, HTTP and authentication are elsewhere. Impure only through the machine and the shell table.
// Source: MS-WSMV 3.1.4.4 and 3.1.4.10-14; recordings in wsman-samples/pypsrp; facts wsman.md sections 2.4-2.8.
import { readDuration } from '../../winrm/soap/duration.ts';
import { ns, shellOptions, signalCodes } from '../../winrm/soap/namespaces.ts';
import { child, children, element, escapeXml, textOf } from '../../winrm/soap/xml.ts';
import type { XmlElement } from '../../winrm/soap/xml.ts';
import {
  expandVariables,
  joinLine,
  writeScriptLine,
  longestLine,
  isScriptFromStdin,
  isReadingStdin,
} from './command-request.ts';
import { startCommandLine } from '../cmd/console.ts';
import type { LabClock } from '../lab-clock.ts';
import type { Machine } from '../machine/machine.ts';
import { oemCodePages } from './service-limits.ts';
import type { ServiceLimits } from './service-limits.ts';
import { writeCreated, writeReceived } from './shell-answers.ts';
import type { ShellCommand, EnvironmentVariable, OpenShell, ShellTable } from './shells.ts';
import type { SoapRequest } from './soap.ts';
import * as faults from './soap-faults.ts';
import type { LabFault } from './soap-faults.ts';

export interface ShellService {
  readonly machine: Machine;
  readonly shells: ShellTable;
  readonly limits: ServiceLimits;
  /** How long a command takes before its output is there. Its effect on the machine is immediate, but for what it waits with `ping`. */
  readonly commandMs: number;
  readonly clock: LabClock;
  /** Whether the account is an administrator with a full token. */
  readonly elevated: boolean;
}

export interface Caller {
  /** `DOMAIN\user`, as the shell's owner is named. */
  readonly user: string;
  readonly address: string;
  /** The listener's address as the client wrote it: `http://127.0.0.1:5985/wsman`. */
  readonly url: string;
}

export type OperationResult =
  | { readonly kind: 'answer'; readonly body: string; readonly delivered?: () => void }
  | { readonly kind: 'fault'; readonly fault: LabFault };

const answer = (body: string): OperationResult => ({ kind: 'answer', body });
const refuse = (fault: LabFault): OperationResult => ({ kind: 'fault', fault });

/** Create (MS-WSMV 3.1.4.5.2); the answer as in test_client_execute_cmd.00. */
export function createShell(service: ShellService, request: SoapRequest, caller: Caller): OperationResult {
  const wanted = child(request.body, ns.shell, 'Shell');
  if (wanted === null) return refuse(faults.schemaError('Shell'));
  const idleText = textOf(wanted, ns.shell, 'IdleTimeOut');
  const idleTimeoutMs = idleText === null ? service.limits.idleTimeoutMs : readDurationMs(idleText);
  // A bare number is no duration (pywinrm issue 377).
  if (idleTimeoutMs === null) return refuse(faults.schemaError('IdleTimeOut'));
  const ownCodePage = oemCodePages[service.machine.language];
  const codePage = Number(request.options.get(shellOptions.codePage) ?? ownCodePage);
  const shell = service.shells.create({
    owner: caller.user,
    clientAddress: caller.address,
    codePage: Number.isInteger(codePage) && codePage > 0 ? codePage : ownCodePage,
    idleTimeoutMs,
    workingDirectory: textOf(wanted, ns.shell, 'WorkingDirectory'),
    inputStreams: textOf(wanted, ns.shell, 'InputStreams') ?? '',
    outputStreams: textOf(wanted, ns.shell, 'OutputStreams') ?? '',
    environment: readEnvironment(wanted),
  });
  const { maxShellsPerUser, stack } = service.limits;
  if (shell === null) return refuse(faults.tooManyShells(maxShellsPerUser, stack === '3.0'));
  return answer(writeCreated(shell, caller.url));
}

/** Command (MS-WSMV 3.1.4.11). Its effect happens now, or when it gets there; what it prints is there `commandMs` after its end. */
export function startCommand(service: ShellService, request: SoapRequest): OperationResult {
  const shell = findShell(service, request);
  if ('fault' in shell) return shell;
  const wanted = child(request.body, ns.shell, 'CommandLine');
  const program = wanted === null ? null : textOf(wanted, ns.shell, 'Command');
  // An empty command is an invalid parameter (masterzen issue 80).
  if (wanted === null || program === null || program === '') return refuse(faults.invalidParameter);
  const line = joinLine(
    program,
    children(wanted, ns.shell, 'Arguments').map((one) => one.text),
  );
  if (line.length > longestLine) return refuse(faults.commandTooLong);
  if (isCmdSkipped(service, request) && !/^"?[a-z]:\\/i.test(program)) return refuse(faults.fileNotFound);
  const command = service.shells.start(shell, line, wanted.attributes.get('CommandId') ?? null);
  if (command === null) return refuse(faults.tooManyOperations(service.limits.maxOperationsPerUser));
  // The client's own id twice: "the server refuses ids already in use"; which fault it is was never recorded (modelled).
  if (command === 'taken') return refuse(faults.invalidParameter);
  if (isReadingStdin(line)) command.stdin = [];
  else runInShell(service, shell, command, expandVariables(line, shell.environment));
  return answer(element('rsp:CommandResponse', {}, element('rsp:CommandId', {}, escapeXml(command.id))));
}

/** WINRS_SKIP_CMD_SHELL counts up to Server 2012 only (MS-WSMV note 117). */
function isCmdSkipped(service: ShellService, request: SoapRequest): boolean {
  const old = service.machine.release === '2008r2' || service.machine.release === '2012';
  return old && request.options.get(shellOptions.skipCmdShell)?.toUpperCase() === 'TRUE';
}

function runInShell(service: ShellService, shell: OpenShell, command: ShellCommand, line: string, stdin = ''): void {
  const options = { codePage: shell.codePage, elevated: service.elevated, stdin };
  const work = startCommandLine(service.machine, line, options);
  const goOn = (): void => {
    let next = work.next();
    while (next.done !== true && next.value === 0) next = work.next();
    if (next.done === true) command.output.endWith(next.value, service.commandMs);
    else command.output.runUntil(service.clock.after(next.value, goOn));
  };
  goOn();
}

/** Send (MS-WSMV 3.1.4.13): stdin for a command. What arrives for a program that reads none is thrown away. */
export function sendInput(service: ShellService, request: SoapRequest): OperationResult {
  const shell = findShell(service, request);
  if ('fault' in shell) return shell;
  const body = child(request.body, ns.shell, 'Send');
  for (const stream of body === null ? [] : children(body, ns.shell, 'Stream')) {
    const command = findCommand(shell, stream.attributes.get('CommandId') ?? null);
    if ('fault' in command) return command;
    if (command.stdin === null) continue;
    command.stdin.push(Buffer.from(stream.text, 'base64'));
    if (stream.attributes.get('End')?.toLowerCase() !== 'true') continue;
    const input = Buffer.concat(command.stdin);
    command.stdin = null;
    if (isScriptFromStdin(command.line)) runInShell(service, shell, command, writeScriptLine(input));
    else runInShell(service, shell, command, expandVariables(command.line, shell.environment), input.toString('utf8'));
  }
  return answer(element('rsp:SendResponse', {}));
}

/** Receive (MS-WSMV 3.1.4.14): waits for output, then gives as much as fits; with the last part End and Done. */
export async function receiveOutput(service: ShellService, request: SoapRequest): Promise<OperationResult> {
  const shell = findShell(service, request);
  if ('fault' in shell) return shell;
  const wanted = child(request.body, ns.shell, 'Receive');
  const streams = wanted === null ? null : child(wanted, ns.shell, 'DesiredStream');
  const command = findCommand(shell, streams?.attributes.get('CommandId') ?? null);
  if ('fault' in command) return command;
  const { output } = command;
  const fits = limitOutputBytes(service, request);
  const received = await output.receive(chooseTimeoutMs(service, request), fits, request.messageId);
  switch (received.kind) {
    case 'timed-out':
      return refuse(faults.timedOut);
    case 'aborted':
      return refuse(faults.operationAborted);
    case 'completed':
      return refuse(faults.unknownCommand);
    case 'output':
      return {
        kind: 'answer',
        body: writeReceived(command.id, received),
        delivered() {
          output.delivered(received);
        },
      };
  }
}

/** At least 500 ms, at most MaxTimeoutms (MS-WSMV 3.1.4.1.6; the lower bound was measured, wsman.md section 2.3). */
function chooseTimeoutMs(service: ShellService, request: SoapRequest): number {
  const { maxTimeoutMs } = service.limits;
  const wanted = typeof request.operationTimeoutMs === 'number' ? request.operationTimeoutMs : maxTimeoutMs;
  return Math.max(500, Math.min(wanted, maxTimeoutMs));
}

/**
 * Output bytes for one answer, so that its envelope stays within the smaller of both limits: about 2000 bytes are the
 * envelope's own, and a piece of 1021 bytes takes less than 1500 with base64 and its element.
 */
function limitOutputBytes(service: ShellService, request: SoapRequest): number {
  const { maxEnvelopeBytes } = service.limits;
  const envelope = Math.min(request.maxEnvelopeBytes ?? maxEnvelopeBytes, maxEnvelopeBytes);
  return Math.floor(((envelope - 2000) * 1021) / 1500);
}

/** Signal (MS-WSMV 3.1.4.12). Asked of a command that has ended, it is taken and does nothing. */
export function signalCommand(service: ShellService, request: SoapRequest): OperationResult {
  const shell = findShell(service, request);
  if ('fault' in shell) return shell;
  const signal = child(request.body, ns.shell, 'Signal');
  const command = findCommand(shell, signal?.attributes.get('CommandId') ?? null);
  if ('fault' in command) return command;
  const code = signal === null ? null : textOf(signal, ns.shell, 'Code');
  const terminate = code?.toLowerCase() === signalCodes.terminate.toLowerCase();
  if (terminate && command.output.isRunning) command.output.abort();
  else if (!terminate) command.output.interrupt();
  if (terminate) shell.commands.delete(command.id);
  return answer(element('rsp:SignalResponse', {}));
}

/** Delete (MS-WSMV 3.1.4.4.1): the shell and all that runs in it; a Receive that waits answers 995. */
export function deleteShell(service: ShellService, request: SoapRequest): OperationResult {
  const shell = findShell(service, request);
  if ('fault' in shell) return shell;
  service.shells.delete(shell);
  return answer('');
}

/** The command line that a request starts or belongs to, for mishaps and the record; null when there is none. */
export function readCommandLine(service: ShellService, request: SoapRequest): string | null {
  const start = child(request.body, ns.shell, 'CommandLine');
  if (start !== null) {
    const args = children(start, ns.shell, 'Arguments').map((one) => one.text);
    return joinLine(textOf(start, ns.shell, 'Command') ?? '', args);
  }
  const inner = request.body.children[0];
  const id = inner?.attributes.get('CommandId') ?? inner?.children[0]?.attributes.get('CommandId');
  if (id === undefined || request.shellId === null) return null;
  return service.shells.find(request.shellId)?.commands.get(id.toUpperCase())?.line ?? null;
}

function findShell(
  service: ShellService,
  request: SoapRequest,
): OpenShell | Extract<OperationResult, { kind: 'fault' }> {
  if (request.shellId === null) return { kind: 'fault', fault: faults.missingShellSelector };
  return service.shells.find(request.shellId) ?? { kind: 'fault', fault: faults.unknownShell };
}

function findCommand(shell: OpenShell, id: string | null): ShellCommand | Extract<OperationResult, { kind: 'fault' }> {
  if (id === null) return { kind: 'fault', fault: faults.invalidParameter };
  return shell.commands.get(id.toUpperCase()) ?? { kind: 'fault', fault: faults.unknownCommand };
}

function readDurationMs(text: string): number | null {
  try {
    return Math.max(0, readDuration(text));
  } catch {
    return null;
  }
}

function readEnvironment(shell: XmlElement): EnvironmentVariable[] {
  const environment = child(shell, ns.shell, 'Environment');
  const variables = environment === null ? [] : children(environment, ns.shell, 'Variable');
  return variables.map((one) => ({ name: one.attributes.get('Name') ?? '', value: one.text }));
}
