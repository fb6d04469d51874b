// The Connector seam (model/seams.ts): from a target to a session on it, made of the parts in this folder. It decides nothing about
// retries (reconnecting-channel.ts, output.ts, shell.ts); what it is made of is host.ts's.
import { asFailure, Failure } from '../model/failure.ts';
import type { Connector, Session, SessionOptions } from '../model/seams.ts';
import { CimMessages } from './cim/cim-messages.ts';
import pLimit from 'p-limit';
import { createSharedState, prepareHost } from './host.ts';
import type { Host, HostParts } from './host.ts';
import { throwIfAborted } from './abort-failure.ts';
import { ShellMessages } from './shell/shell-messages.ts';
import { CommandShell } from './shell/shell.ts';
import { writeClassUri } from './soap/cim-requests.ts';

/** Sessions over WinRM. What it learns about a host (how it likes its handshake) is kept as long as the connector lives. */
export function createConnector(parts: HostParts): Connector {
  const shared = createSharedState(parts);
  return {
    async connect(target, options = {}) {
      try {
        const host = await prepareHost(target, parts, shared, options.signal);
        const channel = host.newChannel();
        const shell = new CommandShell({
          messages: new ShellMessages({ channel, ...host }),
          onShell: options.onShell,
          beforeChange: options.beforeChange,
          ...host,
        });
        try {
          await shell.open(options.signal, options);
        } catch (thrown) {
          await shell.close();
          throw thrown;
        }
        return createSession(shell, new CimMessages({ channel, ...host }), host);
      } catch (thrown) {
        throw asFailure(thrown);
      }
    },
  };
}

/** A session over a shell: one thing at a time, in the order of the calls, all on one connection. */
function createSession(
  shell: CommandShell,
  cim: CimMessages,
  { where, newNonce }: Pick<Host, 'where' | 'newNonce'>,
): Session {
  const oneAtATime = pLimit(1);
  let closing: Promise<void> | null = null;

  async function next<T>(work: () => Promise<T>, { signal }: SessionOptions): Promise<T> {
    if (closing !== null) throw new Failure('interrupted', `the session is closed`, { where });
    try {
      return await oneAtATime(() => {
        throwIfAborted(signal, where);
        return work();
      });
    } catch (thrown) {
      throw asFailure(thrown);
    }
  }

  return {
    ask: (line, options = {}) => next(() => shell.run(line, 'ask', options), options),
    change: (line, options = {}) => next(() => shell.run(line, 'change', options), options),
    list: ({ namespace, wql }, options = {}) =>
      next(() => cim.list({ resourceUri: writeClassUri(namespace, '*'), selectors: [] }, wql, options.signal), options),
    endLeft: (options = {}) => next(() => shell.endLeft(options.signal), options),
    newNonce,
    close() {
      closing ??= oneAtATime(() => shell.close()).catch(() => undefined);
      return closing;
    },
  };
}
