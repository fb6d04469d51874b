// Several connections to one host behind one SoapChannel: a message takes a connection that is at rest; when all are busy another is made, up
// to a limit, else it waits. One busy connection can't carry a second message, for a sealed one must be answered in order, and a Receive
// holds it until the command prints something. It decides nothing about repeating. Source: wsman.md sections 0 (facts 5, 6) and 1.4.
import { listenForAbort } from '../../model/interruption/abort-listener.ts';
import { Failure } from '../../model/failure.ts';
import { createAbortFailure, throwIfAborted } from '../abort-failure.ts';
import type { SoapChannel } from './reconnecting-channel.ts';

/** `newLink`: another connection's worth of channel; it connects with its first message. */
export function createConnectionPool(where: string, newChannel: () => SoapChannel, limit: number): SoapChannel {
  const resting: SoapChannel[] = [];
  let count = 0;
  const waiting: { readonly take: (channel: SoapChannel) => void; readonly give: (failure: Failure) => void }[] = [];

  let isClosed = false;

  function take(signal: AbortSignal | undefined): SoapChannel | Promise<SoapChannel> {
    throwIfAborted(signal, where);
    if (isClosed) throw closed();
    const free = resting.pop();
    if (free !== undefined) return free;
    if (count < limit) {
      count += 1;
      return newChannel();
    }
    return new Promise((resolve, reject) => {
      const place = { take: settle(resolve), give: settle(reject) };
      const stopListening = listenForAbort(signal, () => {
        if (signal === undefined) return;
        waiting.splice(waiting.indexOf(place), 1);
        place.give(createAbortFailure(signal, where, 'none'));
      });
      function settle<T>(end: (value: T) => void): (value: T) => void {
        return (value) => {
          stopListening();
          end(value);
        };
      }
      waiting.push(place);
    });
  }

  function closed(): Failure {
    return new Failure('interrupted', 'the client is closed', { where });
  }

  function giveBack(channel: SoapChannel): void {
    if (isClosed) {
      channel.close();
      return;
    }
    const next = waiting.shift();
    if (next === undefined) resting.push(channel);
    else next.take(channel);
  }

  return {
    where,
    async send(message, options) {
      const channel = await take(options.signal);
      try {
        return await channel.send(message, options);
      } finally {
        giveBack(channel);
      }
    },
    close() {
      isClosed = true;
      for (const place of waiting.splice(0)) place.give(closed());
      // Those that are busy close when their answer is there: the last one is the Delete of a shell, which is not to be torn off.
      for (const channel of resting.splice(0)) channel.close();
    },
  };
}
