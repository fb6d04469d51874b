// One host's message channel that survives its connections: it opens a Channel when there is none or the old one is gone, and sends
// again what the server surely did not carry out. What may have been carried out is reported, never repeated here.
// Sources: wsman.md sections 2.13 (empty 400) and 3.7 (idle sockets).
import { asFailure } from '../../model/failure.ts';
import type { Channel, ChannelOptions, ChannelSend } from './channel.ts';
import type { OperationName } from './trace.ts';

export interface SendOptions {
  readonly what: OperationName;
  readonly signal?: AbortSignal | undefined;
  /** For the trace; null when there is nothing to say. */
  readonly note: string | null;
  /**
   * True: on a new connection the handshake is finished first and the message sent after it. Costs a request, but leaves no doubt
   * whether a server that answers strangely has run the message.
   */
  readonly careful?: boolean;
  readonly onFlushed?: () => void;
  readonly background?: boolean;
}

export interface SoapChannel {
  /** `ex01:5985` */
  readonly where: string;
  /** Sends one SOAP message and returns the SOAP text of the answer, a fault included. One at a time. Throws Failure. */
  send(message: string, options: SendOptions): Promise<string>;
  close(): void;
}

export interface ReconnectingChannelParts {
  readonly where: string;
  readonly openChannel: (options: ChannelOptions) => Promise<Channel>;
  /** Hosts (`where`) that don't take a message together with the last token of a handshake; kept for the process' life. */
  readonly wantsEmptyHandshake: Set<string>;
}

export function createReconnectingChannel(parts: ReconnectingChannelParts): SoapChannel {
  const { where, openChannel, wantsEmptyHandshake } = parts;
  let channel: Channel | null = null;

  async function sendOnce(message: string, options: ChannelSend, isAgain: boolean): Promise<string> {
    const isReused = channel?.isOpen === true;
    const current = channel?.isOpen === true ? channel : await replaceChannel(options);
    try {
      const answer = await current.request(message, options);
      if (answer !== null) return answer;
    } catch (thrown) {
      const failure = asFailure(thrown);
      const isRejected = failure.effect === 'none' && failure.retry === 'new-session';
      if (!isReused || isAgain || !isRejected || options.signal?.aborted === true) throw failure;
      current.close();
      const note = `again on a new connection after ${failure.code}`;
      return await sendOnce(message, { ...options, note }, true);
    }
    current.close();
    const note = 'again: the server accepts no message with the last token';
    const answer = await sendOnce(message, { ...options, note, separately: true }, true);
    wantsEmptyHandshake.add(where);
    return answer;
  }

  async function replaceChannel(options: ChannelOptions): Promise<Channel> {
    channel?.close();
    channel = null;
    const opened = await openChannel({ signal: options.signal });
    channel = opened;
    return opened;
  }

  return {
    where,
    async send(message, options) {
      const separately = options.careful === true || wantsEmptyHandshake.has(where);
      return await sendOnce(message, { separately, ...options }, false);
    },
    close() {
      channel?.close();
      channel = null;
    },
  };
}
