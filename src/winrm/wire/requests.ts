// The requests of the command shell, one function each; responses.ts is their twin. Each takes one plain object and returns SOAP text.
// Header order is the one of the native client (ms-wsmv/4.7.*); mustUnderstand as MS-WSMV 3.1.4.1 demands it. No ids are made here.
import { actions, anonymousRole, cmdShellUri, ns, shellIdSelector, shellOptions, signalCodes } from './namespaces.ts';
import type { SignalCode } from './namespaces.ts';
import { writeDuration } from './duration.ts';
import { writeEnvelope } from './envelope.ts';
import { element, escapeXml } from './xml.ts';

export interface RequestBase {
  /** Where the request goes. Windows doesn't check it (wsman.md 2.1). */
  readonly url: string;
  /** `uuid:` and an upper-case GUID; at most 2 KB. */
  readonly messageId: string;
  /** `uuid:` and an upper-case GUID, the same for all requests of one session; null leaves it out (before Windows 8). */
  readonly sessionId: string | null;
  /** How long the server may hold the request before it answers with a timeout fault. Below 500 it is raised to 500. */
  readonly operationTimeoutMs: number;
  /** Largest answer wanted, in bytes; at least 8192. The server takes the smaller one of this and its own limit. */
  readonly maxEnvelopeBytes: number;
  /** Language of fault texts, `en-US`. Only the value on Create counts, and it must stay the same [MS-WSMV 3.1.4.5.2]. */
  readonly locale: string;
}

export interface CreateShellInput extends RequestBase {
  /** Code page of the console: 65001 is UTF-8 (wsman.md 2.9). */
  readonly codePage: number;
  /** True: the user's profile isn't loaded. */
  readonly noProfile: boolean;
  /** The server deletes the shell when nothing was asked of it for so long; null leaves it to the server (2 hours). */
  readonly idleTimeoutMs?: number | null;
}

/** Create [MS-WSMV 3.1.4.5.2]. Child order of rsp:Shell follows the schema [2.2.4.37]. */
export function createShellRequest(input: CreateShellInput): string {
  const idle = input.idleTimeoutMs ?? null;
  const header = writeHeader(input, actions.create, null, [
    [shellOptions.noProfile, input.noProfile ? 'TRUE' : 'FALSE'],
    [shellOptions.codePage, String(input.codePage)],
  ]);
  const shell =
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
export function commandRequest(input: CommandInput): string {
  const header = writeHeader(input, actions.command, input.shellId, [
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
export function receiveRequest(input: RunningInput): string {
  const wanted = element('rsp:DesiredStream', { CommandId: input.commandId }, 'stdout stderr');
  return writeEnvelope(writeHeader(input, actions.receive, input.shellId, []), element('rsp:Receive', {}, wanted));
}

export interface SendInput extends RunningInput {
  readonly data: Uint8Array;
  /** True: no more input follows. */
  readonly end: boolean;
}

/** Send [MS-WSMV 3.1.4.13]: bytes for the command's stdin. */
export function sendRequest(input: SendInput): string {
  const attributes = { Name: 'stdin', CommandId: input.commandId, ...(input.end ? { End: 'true' } : {}) };
  const stream = element('rsp:Stream', attributes, Buffer.from(input.data).toString('base64'));
  return writeEnvelope(writeHeader(input, actions.send, input.shellId, []), element('rsp:Send', {}, stream));
}

export interface SignalInput extends RunningInput {
  readonly code: SignalCode;
}

/** Signal [MS-WSMV 3.1.4.12]. */
export function signalRequest(input: SignalInput): string {
  const code = element('rsp:Code', {}, signalCodes[input.code]);
  const body = element('rsp:Signal', { CommandId: input.commandId }, code);
  return writeEnvelope(writeHeader(input, actions.signal, input.shellId, []), body);
}

/** Delete of the shell [MS-WSMV 3.1.4.4.1]; it ends what still runs in it. */
export function deleteRequest(input: ShellInput): string {
  return writeEnvelope(writeHeader(input, actions.delete, input.shellId, []), '');
}

/** Identify [MS-WSMV 3.1.4.1.23]: no headers at all. */
export function identifyRequest(): string {
  return (
    `<s:Envelope xmlns:s="${ns.soap}" xmlns:wsmid="${ns.identity}">` +
    '<s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>'
  );
}

type Option = readonly [name: string, value: string];

function writeHeader(base: RequestBase, action: string, shellId: string | null, options: readonly Option[]): string {
  const must = { 's:mustUnderstand': 'true' };
  // Locale and DataLocale with mustUnderstand=true are answered with UnsupportedFeature [MS-WSMV 3.1.4.1.8-9].
  const language = { 'xml:lang': base.locale, 's:mustUnderstand': 'false' };
  return [
    element('a:To', {}, escapeXml(base.url)),
    element('w:ResourceURI', must, cmdShellUri),
    element('a:ReplyTo', {}, element('a:Address', must, anonymousRole)),
    element('a:Action', must, action),
    element('w:MaxEnvelopeSize', must, String(base.maxEnvelopeBytes)),
    element('a:MessageID', {}, escapeXml(base.messageId)),
    element('w:Locale', language),
    element('p:DataLocale', language),
    base.sessionId === null ? '' : element('p:SessionId', { 's:mustUnderstand': 'false' }, escapeXml(base.sessionId)),
    shellId === null
      ? ''
      : element('w:SelectorSet', {}, element('w:Selector', { Name: shellIdSelector }, escapeXml(shellId))),
    options.length === 0
      ? ''
      : element(
          'w:OptionSet',
          must,
          options.map(([name, value]) => element('w:Option', { Name: name }, value)).join(''),
        ),
    element('w:OperationTimeout', {}, writeDuration(base.operationTimeoutMs)),
  ].join('');
}
