// The messages of a shell as calls: each writes its request, sends it over the SoapChannel, reads the answer, and turns a fault into a Failure
// that says whether the request may have been carried out. It repeats nothing but a Create (for old systems). See shell.ts for that.
import { asFailure } from '../../model/failure.ts';
import type { SoapChannel } from '../channel/reconnecting-channel.ts';
import { createRequestBase } from '../soap/request-base.ts';
import type { RequestParts } from '../soap/request-base.ts';
import { callSoapUnlessNothingYet, callSoap } from '../channel/soap-call.ts';
import type { MessageOptions } from '../channel/soap-call.ts';
import { isOperationTimeout } from '../soap/fault.ts';
import {
  writeCommandRequest,
  writeCreateRequest,
  writeDeleteRequest,
  writeReceiveRequest,
  writeSendRequest,
  writeSignalRequest,
} from '../soap/requests.ts';
import { readCommandResponse, readCreateResponse, readReceiveResponse, readSendResponse } from '../soap/responses.ts';
import type { SignalCode } from '../soap/namespaces.ts';
import type { ReceiveResponse } from '../soap/responses.ts';

/** UTF-8, and the code page that every Windows has (wsman.md section 2.9). */
const codePages = [65001, 437] as const;
/** A shell that nobody deleted (our process was killed) goes away after this, and frees its place in MaxShellsPerUser. */
const idleTimeoutMs = 15 * 60_000;

export interface ShellMessagesParts extends RequestParts {
  readonly channel: SoapChannel;
  readonly settings?: ShellSettings | undefined;
}

/** How a shell is to be. Left out: the account's own environment and folder, no profile, gone after 15 idle minutes. */
export interface ShellSettings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** True: the account's profile is loaded, for programs that need HKEY_CURRENT_USER or %APPDATA%. Slower. */
  readonly loadProfile?: boolean;
  /** At least a minute; the server takes the smaller one of this and its own. */
  readonly idleTimeoutMs?: number;
}

export class ShellMessages {
  readonly #parts: ShellMessagesParts;
  #codePage: (typeof codePages)[number] = codePages[0];

  constructor(parts: ShellMessagesParts) {
    this.#parts = parts;
  }

  /** The id of a new shell. A server that knows no code page 65001 gets one more chance with 437. */
  async create(options: MessageOptions): Promise<string> {
    try {
      return await this.#createWith(this.#codePage, options);
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code !== 'wire/fault' || failure.retry !== 'never' || this.#codePage !== codePages[0]) throw failure;
      const shellId = await this.#createWith(codePages[1], { ...options, note: 'again with code page 437' });
      this.#codePage = codePages[1];
      return shellId;
    }
  }

  async #createWith(codePage: number, options: MessageOptions): Promise<string> {
    const { settings = {} } = this.#parts;
    const request = writeCreateRequest({
      codePage,
      noProfile: settings.loadProfile !== true,
      idleTimeoutMs: settings.idleTimeoutMs ?? idleTimeoutMs,
      environment: settings.environment ?? {},
      workingDirectory: settings.workingDirectory ?? null,
      ...createRequestBase(this.#parts),
    });
    return await callSoap(
      this.#parts.channel,
      { what: 'create', request, read: (envelope) => readCreateResponse(envelope).shellId },
      options,
    );
  }

  /** The id of the started command. `careful`: see SendOptions. */
  async command(
    shellId: string,
    line: string,
    { hasInput = false, ...options }: MessageOptions & { readonly hasInput?: boolean },
  ): Promise<string> {
    const request = writeCommandRequest({
      shellId,
      command: line,
      consoleModeStdin: !hasInput,
      ...createRequestBase(this.#parts),
    });
    return await callSoap(
      this.#parts.channel,
      { what: 'command', request, read: (envelope) => readCommandResponse(envelope).commandId },
      options,
    );
  }

  /**
   * A request for output. Each call of the returned function sends the very same message, MessageID included, and resolves with the output
   * so far; null for "nothing yet" (fault 2150858793).
   */
  prepareReceive(shellId: string, commandId: string): (options: MessageOptions) => Promise<ReceiveResponse | null> {
    const request = writeReceiveRequest({ shellId, commandId, ...createRequestBase(this.#parts) });
    const call = { what: 'receive', request, read: readReceiveResponse } as const;
    return async (options) => await callSoapUnlessNothingYet(this.#parts.channel, call, isOperationTimeout, options);
  }

  /** Bytes for stdin. A server that takes longer than its time has them all the same (as Ansible relies on). */
  async send(
    shellId: string,
    commandId: string,
    { data, end }: { readonly data: Uint8Array; readonly end: boolean },
    options: MessageOptions,
  ): Promise<void> {
    const request = writeSendRequest({ shellId, commandId, data, end, ...createRequestBase(this.#parts) });
    const call = { what: 'send', request, read: readSendResponse } as const;
    await callSoapUnlessNothingYet(this.#parts.channel, call, isOperationTimeout, options);
  }

  async signal(shellId: string, commandId: string, code: SignalCode, options: MessageOptions): Promise<void> {
    const request = writeSignalRequest({ shellId, commandId, code, ...createRequestBase(this.#parts) });
    await callSoap(this.#parts.channel, { what: 'signal', request, read: () => true }, options);
  }

  async delete(shellId: string, options: MessageOptions): Promise<void> {
    const request = writeDeleteRequest({ shellId, ...createRequestBase(this.#parts) });
    await callSoap(this.#parts.channel, { what: 'delete', request, read: () => true }, options);
  }

  disconnect(): void {
    this.#parts.channel.close();
  }
}
