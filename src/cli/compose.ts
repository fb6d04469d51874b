// Builds the real parts and gives them to a command: the only place that chooses between a real socket and anything else.
import { randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { createSecretReader } from '../inventory/secrets.ts';
import type { VaultOpener } from '../inventory/vault-opener.ts';
import { createRunStore, type RunStore } from '../journal/store.ts';
import type { Operator } from '../model/outcome.ts';
import type { Clock, Connector, Listener } from '../model/world.ts';
import { createHumanListener } from '../report/human.ts';
import { renderTrace } from '../report/trace-text.ts';
import { createConnector } from '../winrm/connect.ts';
import { createRandomPieces } from '../winrm/random-pieces.ts';
import { systemClock } from './clock.ts';
import { paintFor } from './colours.ts';
import { askKeyring, runHelper } from './credential-helper.ts';
import { listenForInterrupts, type Interrupts } from './interrupts.ts';
import { openEventStream } from './event-stream.ts';
import { createLiveView, wantsLiveView } from './live-view.ts';
import { openLog } from './logging.ts';
import type { StateArguments, TalkArguments, VaultArguments } from './options.ts';
import { defaultStateDirectory } from './state-directory.ts';
import { askSecret, hasTerminal } from './terminal.ts';
import { vaultOf } from './vault-passwords.ts';
import { toolVersion } from './version.ts';

export interface World {
  readonly connector: Connector;
  /** For inventories. */
  readonly vault: VaultOpener;
  readonly clock: Clock;
  readonly listener: Listener;
  readonly store: RunStore;
  readonly interrupts: Interrupts;
  readonly operator: Operator;
  /** What the names of hosts led to, by the targets' names: an IPv4 address each, of those that were asked. */
  readonly addresses: Map<string, string>;
  /** Results. */
  out(text: string): void;
  /** Talk. */
  say(text: string): void;
  dispose(): void;
}

type ComposeArguments = Partial<StateArguments & TalkArguments> &
  VaultArguments & { readonly events?: string | undefined };

/** Does the work of a command in a world of its own, which is taken down however the work ends. */
export async function withWorld<T>(args: ComposeArguments, work: (world: World) => Promise<T>): Promise<T> {
  const world = await compose(args);
  try {
    return await work(world);
  } finally {
    world.dispose();
  }
}

async function compose(args: ComposeArguments): Promise<World> {
  const stream = args.events === undefined ? null : openEventStream(args.events);
  // Events on stdout leave no room for anything else there.
  const results = args.events === '-' ? process.stderr : process.stdout;
  const vault = vaultOf(args, process.env);
  const secrets = createSecretReader({
    env: process.env,
    readFile: (path) => readFile(path, 'utf8'),
    runHelper,
    keyring: askKeyring,
    vault,
    prompt: hasTerminal() ? askSecret : null,
  });
  const log =
    args['log-file'] === undefined
      ? null
      : await openLog({
          file: args['log-file'],
          level: args['log-level'] ?? 'info',
          revealed: () => [...secrets.revealed(), ...vault.revealed()],
        });
  // Who can't be told to be quiet has no progress to show.
  const quiet = args.quiet ?? true;
  const live =
    !quiet && wantsLiveView(process.stderr, process.env)
      ? createLiveView(process.stderr, systemClock, paintFor(process.stderr))
      : null;
  const say = (text: string): void => {
    if (live === null) process.stderr.write(text);
    else live.above(text);
  };
  const human = createHumanListener({ write: say, quiet, live: live !== null, clock: systemClock });
  const interrupts = listenForInterrupts(say);
  const addresses = new Map<string, string>();
  const listener: Listener = {
    event(event) {
      log?.info({ event }, event.type);
      stream?.(event);
      human.event(event);
      live?.event(event);
    },
    progress(progress) {
      log?.debug(progress, 'progress');
      human.progress(progress);
      live?.progress(progress);
    },
  };
  return {
    connector: createConnector({
      readSecret: (ref, target) => secrets(ref, target),
      random: createRandomPieces(randomFillSync),
      clock: systemClock,
      warn(text) {
        log?.warn(text);
        say(`${text}\n`);
      },
      trace(entry) {
        log?.trace(entry, 'request');
        if (args.trace === true) say(renderTrace(entry));
      },
      resolved(target, found) {
        const address = found.find(isIPv4);
        if (address !== undefined) addresses.set(target.name, address);
      },
    }),
    vault,
    clock: systemClock,
    listener,
    store: createRunStore(args['state-dir'] ?? defaultStateDirectory()),
    interrupts,
    addresses,
    operator: { user: userName(), machine: hostname(), processId: process.pid, toolVersion },
    out(text) {
      // Both may be one terminal: the frame goes before results come.
      live?.above('');
      results.write(text);
    },
    say,
    dispose() {
      human.dispose();
      live?.dispose();
      interrupts.dispose();
    },
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? process.env['USERNAME'] ?? 'unknown';
  }
}
