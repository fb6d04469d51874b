// The answers of the command shell, read by namespace and never by prefix; requests.ts is the twin. A fault in place of an answer is
// not judged here: look at `envelope.fault` first (fault.ts). Source: MS-WSMV 3.1.4.5-14; held against wsman-samples.
import { Failure } from '../../model/failure.ts';
import type { Envelope } from './envelope.ts';
import { actions, commandStates, ns, shellIdSelector } from './namespaces.ts';
import { child, children, descend, textOf } from './xml.ts';
import type { XmlElement } from './xml.ts';

export interface CreatedShell {
  /** As the server wrote it (Windows 2003 and 2008 put `uuid:` before it); every later request repeats it so. */
  readonly shellId: string;
  readonly resourceUri: string | null;
}

/** x:ResourceCreated, or rsp:Shell where that is all there is. Throws Failure `wire/invalid`. */
export function readCreateResponse(envelope: Envelope): CreatedShell {
  const created = child(envelope.body, ns.transfer, 'ResourceCreated');
  const shell = child(envelope.body, ns.shell, 'Shell');
  const selectors = created === null ? null : descend(created, ns.wsman, 'SelectorSet');
  const selector = selectors?.children.find(
    (one) =>
      one.namespace === ns.wsman &&
      one.name === 'Selector' &&
      one.attributes.get('Name')?.toLowerCase() === shellIdSelector.toLowerCase(),
  );
  const selected = selector?.text.trim() ?? '';
  const shellId = selected !== '' ? selected : shell === null ? null : textOf(shell, ns.shell, 'ShellId');
  if (shellId === null || shellId === '') throw unexpected(envelope, 'the id of a new shell');
  const uri = created === null ? null : descend(created, ns.wsman, 'ResourceURI');
  return { shellId, resourceUri: uri?.text.trim() ?? (shell === null ? null : textOf(shell, ns.shell, 'ResourceUri')) };
}

/** rsp:CommandResponse [MS-WSMV 2.2.4.10]. Throws Failure `wire/invalid`. */
export function readCommandResponse(envelope: Envelope): { readonly commandId: string } {
  const commandId = textOf(answer(envelope, 'CommandResponse'), ns.shell, 'CommandId');
  if (commandId === null || commandId === '') throw unexpected(envelope, 'the id of a command');
  return { commandId };
}

interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  /** Cut at any byte, also inside a character: join the bytes first, decode then. */
  readonly data: Uint8Array;
}

export interface ReceiveResponse {
  readonly chunks: readonly OutputChunk[];
  /** True when the command has ended. The End marks of the streams don't count (wsman.md 2.6). */
  readonly done: boolean;
  /** Unsigned 32 bit; null while it runs, or when the service has none to tell [MS-WSMV note 7]. */
  readonly exitCode: number | null;
}

/** rsp:ReceiveResponse [MS-WSMV 2.2.4.31]. Throws Failure `wire/invalid`. */
export function readReceiveResponse(envelope: Envelope): ReceiveResponse {
  const response = answer(envelope, 'ReceiveResponse');
  const chunks: OutputChunk[] = [];
  for (const one of children(response, ns.shell, 'Stream')) {
    const data = readBase64(one.text);
    if (data.length === 0) continue;
    const stream = one.attributes.get('Name')?.toLowerCase();
    if (stream !== 'stdout' && stream !== 'stderr') {
      throw unexpected(envelope, `output on stdout or stderr, not on "${stream ?? ''}"`);
    }
    chunks.push({ stream, data });
  }
  const state = child(response, ns.shell, 'CommandState');
  const done = state?.attributes.get('State') === commandStates.done;
  return { chunks, done, exitCode: done ? readExitCode(state) : null };
}

/** rsp:SignalResponse, which is empty. Throws Failure `wire/invalid`. */
export function readSignalResponse(envelope: Envelope): void {
  answer(envelope, 'SignalResponse');
}

/** rsp:SendResponse; DesiredStream inside it is of no use. Throws Failure `wire/invalid`. */
export function readSendResponse(envelope: Envelope): void {
  answer(envelope, 'SendResponse');
}

/** DeleteResponse: an empty body, so the action is all there is. Throws Failure `wire/invalid`. */
export function readDeleteResponse(envelope: Envelope): void {
  if (envelope.fault !== null || envelope.action !== `${actions.delete}Response`)
    throw unexpected(envelope, 'DeleteResponse');
}

export interface Identity {
  readonly vendor: string | null;
  /** `OS: 6.3.9600 SP: 0.0 Stack: 3.0`; zeros for the OS when asked without authentication. */
  readonly productVersion: string | null;
}

/** wsmid:IdentifyResponse [MS-WSMV 3.1.4.1.23]. Throws Failure `wire/invalid`. */
export function readIdentifyResponse(envelope: Envelope): Identity {
  const found = child(envelope.body, ns.identity, 'IdentifyResponse');
  if (found === null) throw unexpected(envelope, 'IdentifyResponse');
  return {
    vendor: textOf(found, ns.identity, 'ProductVendor'),
    productVersion: textOf(found, ns.identity, 'ProductVersion'),
  };
}

function answer(envelope: Envelope, name: string): XmlElement {
  const found = child(envelope.body, ns.shell, name);
  if (found === null) throw unexpected(envelope, name);
  return found;
}

function readExitCode(state: XmlElement): number | null {
  const text = textOf(state, ns.shell, 'ExitCode');
  if (text === null || text === '') return null;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < -0x8000_0000 || value > 0xffff_ffff) {
    throw new Failure('wire/invalid', `expected an exit code of 32 bits, got "${text.slice(0, 40)}"`);
  }
  return value >>> 0;
}

function readBase64(text: string): Uint8Array {
  const packed = text.replace(/\s+/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) {
    throw new Failure('wire/invalid', 'expected output in base64, got something else');
  }
  return Buffer.from(packed, 'base64');
}

function unexpected(envelope: Envelope, wanted: string): Failure {
  const got = envelope.body.children.map((one) => one.name).join(', ');
  return new Failure('wire/invalid', `expected ${wanted} in the answer, got ${got === '' ? 'an empty body' : got}`, {
    hint: 'check that the address and port are those of a WinRM listener',
    retry: 'new-session',
  });
}
