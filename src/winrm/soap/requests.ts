// The requests of the command shell, one function each; responses.ts is their twin. Each takes one plain object and returns SOAP text.
// No ids are made here. Sources: MS-WSMV, sections beside each; wsman.md 2.4-2.8.
import { actions, cmdShellUri, ns, shellIdSelector, shellOptions, signalCodes } from './namespaces.ts';
import type { SignalCode } from './namespaces.ts';
import { writeDuration } from './duration.ts';
import { writeEnvelope } from './envelope.ts';
import { writeHeader } from './request-header.ts';
import type { NamedValue, RequestBase } from './request-header.ts';
import { element, escapeXml } from './xml.ts';

export interface CreateShellInput extends RequestBase {
  /** Code page of the console: 65001 is UTF-8 (wsman.md 2.9). */
  readonly codePage: number;
  /** True: the user's profile isn't loaded. */
  readonly noProfile: boolean;
  /** The server deletes the shell when nothing was asked of it for so long; null leaves it to the server (2 hours). */
  readonly idleTimeoutMs?: number | null;
  readonly environment?: Readonly<Record<string, string>>;
  /** Null or left out: where the server begins. */
  readonly workingDirectory?: string | null;
}

/** Create [MS-WSMV 3.1.4.5.2]. Child order of rsp:Shell follows the schema [2.2.4.37]. */
export function writeCreateRequest(input: CreateShellInput): string {
  const idle = input.idleTimeoutMs ?? null;
  const header = shellHeader(input, actions.create, null, [
    [shellOptions.noProfile, input.noProfile ? 'TRUE' : 'FALSE'],
    [shellOptions.codePage, String(input.codePage)],
  ]);
  const variables = Object.entries(input.environment ?? {}).map(([name, value]) =>
    element('rsp:Variable', { Name: name }, escapeXml(value)),
  );
  const folder = input.workingDirectory ?? null;
  const shell =
    (variables.length === 0 ? '' : element('rsp:Environment', {}, variables.join(''))) +
    (folder === null ? '' : element('rsp:WorkingDirectory', {}, escapeXml(folder))) +
    (idle === null ? '' : element('rsp:IdleTimeOut', {}, writeDuration(idle))) +
    element('rsp:InputStreams', {}, 'stdin') +
    element('rsp:OutputStreams', {}, 'stdout stderr');
  return writeEnvelope(header, element('rsp:Shell', {}, shell));
}

export interface ShellInput extends RequestBase {
  /** As the server gave it, `uuid:` included where it stands there. */
  readonly shellId: string;
}

export interface CommandInput extends ShellInput {
  /** A whole command line for cmd.exe, at most 8191 characters (wsman.md 2.5). */
  readonly command: string;
  /** The server joins them to the command with blanks; quoting is the caller's business. */
  readonly arguments?: readonly string[];
  /** Client-chosen id, accepted from Windows 8 on; null or left out: the server chooses. */
  readonly commandId?: string | null;
  /** False when input is sent, or programs such as `sort` never see its end. Default true. */
  readonly consoleModeStdin?: boolean;
}

/** Command [MS-WSMV 3.1.4.11]. The line always goes through cmd.exe (WINRS_SKIP_CMD_SHELL=FALSE). */
export function writeCommandRequest(input: CommandInput): string {
  const header = shellHeader(input, actions.command, input.shellId, [
    [shellOptions.consoleModeStdin, (input.consoleModeStdin ?? true) ? 'TRUE' : 'FALSE'],
    [shellOptions.skipCmdShell, 'FALSE'],
  ]);
  const id = input.commandId ?? null;
  const content =
    element('rsp:Command', {}, escapeXml(input.command)) +
    (input.arguments ?? []).map((one) => element('rsp:Arguments', {}, escapeXml(one))).join('');
  return writeEnvelope(header, element('rsp:CommandLine', id === null ? {} : { CommandId: id }, content));
}

export interface RunningInput extends ShellInput {
  readonly commandId: string;
}

/** Receive [MS-WSMV 3.1.4.14]: both output streams. One at a time per command. */
export function writeReceiveRequest(input: RunningInput): string {
  const wanted = element('rsp:DesiredStream', { CommandId: input.commandId }, 'stdout stderr');
  return writeEnvelope(shellHeader(input, actions.receive, input.shellId), element('rsp:Receive', {}, wanted));
}

export interface SendInput extends RunningInput {
  readonly data: Uint8Array;
  /** True: no more input follows. */
  readonly end: boolean;
}

/** Send [MS-WSMV 3.1.4.13]: bytes for the command's stdin. */
export function writeSendRequest(input: SendInput): string {
  const attributes = { Name: 'stdin', CommandId: input.commandId, ...(input.end ? { End: 'true' } : {}) };
  const stream = element('rsp:Stream', attributes, Buffer.from(input.data).toString('base64'));
  return writeEnvelope(shellHeader(input, actions.send, input.shellId), element('rsp:Send', {}, stream));
}

export interface SignalInput extends RunningInput {
  readonly code: SignalCode;
}

/** Signal [MS-WSMV 3.1.4.12]. */
export function writeSignalRequest(input: SignalInput): string {
  const code = element('rsp:Code', {}, signalCodes[input.code]);
  const body = element('rsp:Signal', { CommandId: input.commandId }, code);
  return writeEnvelope(shellHeader(input, actions.signal, input.shellId), body);
}

/** Delete of the shell [MS-WSMV 3.1.4.4.1]; it ends what still runs in it. */
export function writeDeleteRequest(input: ShellInput): string {
  return writeEnvelope(shellHeader(input, actions.delete, input.shellId), '');
}

/** Identify [MS-WSMV 3.1.4.1.23]: no headers at all. */
export function writeIdentifyRequest(): string {
  return (
    `<s:Envelope xmlns:s="${ns.soap}" xmlns:wsmid="${ns.identity}">` +
    '<s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>'
  );
}

function shellHeader(
  base: RequestBase,
  action: string,
  shellId: string | null,
  options: readonly NamedValue[] = [],
): string {
  const selectors: readonly NamedValue[] = shellId === null ? [] : [[shellIdSelector, shellId]];
  return writeHeader(base, { action, resourceUri: cmdShellUri, selectors, options });
}
