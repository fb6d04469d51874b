// A shell as a user of the library holds it: whole answers, commands in pieces, PowerShell. Lines given to `run` wait for each other, for
// old servers take one at a time (wsman.md section 6); commands that are started run side by side. How a shell lives is shell.ts's.
import { asFailure, Failure } from '../../model/failure.ts';
import type { Answer } from '../../model/seams.ts';
import type { RemoteShell, RunOptions, StartOptions, WinRmClient } from '../client-types.ts';
import type { Host } from '../host.ts';
import { throwIfAborted } from '../abort-failure.ts';
import pLimit from 'p-limit';
import type { SoapChannel } from '../channel/reconnecting-channel.ts';
import { writePowershellLine } from './powershell-line.ts';
import { createRemoteCommand } from './remote-command.ts';
import type { RemoteCommand } from './remote-command.ts';
import { ShellMessages } from './shell-messages.ts';
import type { ShellSettings } from './shell-messages.ts';
import { CommandShell } from './shell.ts';

export interface RemoteShellParts {
  readonly host: Host;
  readonly channel: SoapChannel;
  readonly settings: ShellSettings;
  readonly client: WinRmClient;
}

/** Opens it. `onClose` is told once, when it is closed. Throws Failure. */
export async function openRemoteShell(
  { host, channel, settings, client }: RemoteShellParts,
  signal: AbortSignal | undefined,
  onClose: () => void,
): Promise<RemoteShell> {
  const { where } = host;
  // The connections are the client's, and stay when this shell goes.
  const messages = new ShellMessages({ ...host, channel: { ...channel, close: () => undefined }, settings });
  const shell = new CommandShell({ ...host, messages });
  try {
    await shell.open(signal);
  } catch (thrown) {
    await shell.close();
    throw thrown;
  }
  const oneAtATime = pLimit(1);
  let closing: Promise<void> | null = null;

  function refuseClosed(): void {
    if (closing !== null) throw new Failure('interrupted', 'the shell is closed', { where });
  }

  async function run(line: string, { signal: aborted, repeatable = false, stdin }: RunOptions = {}): Promise<Answer> {
    refuseClosed();
    const input = typeof stdin === 'string' ? Buffer.from(stdin, 'utf8') : stdin;
    try {
      return await oneAtATime(() => {
        throwIfAborted(aborted, where);
        return shell.run(line, repeatable ? 'ask' : 'change', { signal: aborted, stdin: input });
      });
    } catch (thrown) {
      throw asFailure(thrown);
    }
  }

  async function start(line: string, { signal: aborted, stdin = false }: StartOptions = {}): Promise<RemoteCommand> {
    refuseClosed();
    try {
      return createRemoteCommand(await shell.begin(line, { signal: aborted, hasInput: stdin }), stdin);
    } catch (thrown) {
      throw asFailure(thrown);
    }
  }

  function close(): Promise<void> {
    closing ??= oneAtATime(async () => {
      await shell.close();
      onClose();
    });
    return closing;
  }

  return {
    client,
    run,
    start,
    powershell: async (script, options) => await run(writePowershellLine(script), options),
    close,
    [Symbol.asyncDispose]: close,
  };
}
