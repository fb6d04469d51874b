// Builds the real parts and gives them to a command: the only place that chooses between a real socket and anything else.
import { randomFillSync } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { createSecretReader, type SecretReader, type SecretSeams } from '../inventory/secrets/secrets.ts';
import type { VaultOpener } from '../inventory/secrets/vault-opener.ts';
import type { State } from '../journal/state.ts';
import { newRunName } from '../journal/store.ts';
import type { Connector, Listener } from '../model/seams.ts';
import type { Logger } from 'pino';
import { createHumanListener } from '../report/text/human.ts';
import { wrapText } from '../report/text/table.ts';
import { renderTrace } from '../report/text/trace-text.ts';
import { brakeLogons } from '../run/fleet/logon-brake.ts';
import { createFuse, isolateListener, joinListeners } from '../run/isolated-listener.ts';
import type { TraceSink } from '../winrm/channel/trace.ts';
import { createConnector } from '../winrm/connect.ts';
import { createRandomPieces } from '../winrm/random-pieces.ts';
import type { Seams } from '../workflows/seams.ts';
import { systemClock } from './io/clock.ts';
import { paintFor } from './io/colours.ts';
import { askKeyring, runHelper, runUnattendedHelper } from './io/credential-helper.ts';
import { listenForInterrupts, type Interrupts, endedInTime } from './io/interrupts.ts';
import { openEventStream } from './io/event-stream.ts';
import { createLiveView, wantsLiveView, type LiveView } from './io/live-view.ts';
import { openLog } from './io/log.ts';
import { refuseIdle } from './flags/refuse-idle.ts';
import { renderNotice } from './notice-text.ts';
import type { StateArguments, TalkArguments, VaultArguments } from './options.ts';
import { describeLoss } from './io/safe-stream.ts';
import { awaitReader, results, talk, unlessInterrupted } from './io/standard-streams.ts';
import { nameState } from './state/name-state.ts';
import { openState } from './state/open-state.ts';
import { askSecret, findColumns, hasTerminal } from './io/terminal.ts';
import { createFlagVault } from './io/vault-passwords.ts';
import { createFreshSecrets } from './notify/fresh-secrets.ts';
import { createNotifications, type Notifications } from './notify/notifications.ts';
import { createLaterReaders, type SecretReading } from './secrets/later-readers.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { withTelemetry } from './telemetry/with-telemetry.ts';
import { toolVersion } from './version.ts';
import { readSecretText } from '../files/read-input.ts';

export interface World extends Seams {
  /** Everything that runs leave behind and share; `store` is its runs. */
  readonly state: State;
  /** For inventories. */
  readonly vault: VaultOpener;
  /** For what is asked beside hosts. */
  readonly readSecret: SecretReader;
  /** A connector that resolves secrets again and has tried no password yet, for a process that outlives many runs. */
  openConnector(): Connector;
  readonly interrupts: Interrupts;
  /** What the names of hosts led to, by the targets' names: an IPv4 address each, of those that were asked. */
  readonly addresses: Map<string, string>;
  /** For requests to hosts that are not the connector's, which tells of its own. */
  readonly trace: TraceSink;
  /** Channels are told of nothing before they are opened. */
  readonly notifications: Notifications;
  /** Results. */
  out(text: string): void;
  /** Results as long as the fleet, part by part: it waits for a reader that is slower, until a signal comes. */
  outParts(parts: Iterable<string>): Promise<void>;
  /** Talk. */
  say(text: string): void;
  /** Resolves when all that is written in the background is written or given up. Never rejects. */
  dispose(): Promise<void>;
}

type ComposeArguments = Partial<StateArguments & TalkArguments> &
  VaultArguments & {
    readonly events?: string | undefined;
    /** Nobody is asked for a secret, on a terminal neither. */
    readonly unattended?: boolean;
  };

/** Does the work of a command in a world of its own, which is taken down however the work ends. */
export async function withWorld<T>(args: ComposeArguments, work: (world: World) => Promise<T>): Promise<T> {
  const warn = (text: string): void => {
    talk.write(wrapWarning(text));
  };
  return withTelemetry(args, warn, async (telemetry) => {
    const world = await compose(args, telemetry);
    try {
      return await endedInTime(work(world), world.interrupts);
    } finally {
      await world.dispose();
    }
  });
}

async function compose(args: ComposeArguments, telemetry: Telemetry | null): Promise<World> {
  const { events: eventFile, unattended = false } = args;
  // Before anything is opened.
  const named = nameState(args, process.env);
  if (args['log-file'] === undefined) {
    refuseIdle(
      { '--log-level': args['log-level'] !== undefined },
      'without --log-file',
      'name the log: --log-file FILE',
    );
  }
  // Declared before the view exists: one that fails while it is made is reported like any other.
  let live: LiveView | null = null;
  const say = (text: string): void => {
    if (live === null) talk.write(text);
    else live.above(text);
  };
  const giveUp =
    (what: string) =>
    (thrown: unknown): void => {
      say(wrapWarning(`${what} failed: ${describeLoss(thrown)}. Fencepost continues without it.`));
    };
  const stream = eventFile === undefined ? null : openEventStream(eventFile, giveUp(`--events ${eventFile}`));
  // Events on stdout leave no room for anything else there.
  const resultsAreEvents = eventFile === '-';
  const vault = createFlagVault(args, process.env);
  const closing = new AbortController();
  const secretSeams: SecretSeams = {
    env: process.env,
    readFile: (path) => readSecretText(path),
    runHelper: unattended ? (argv) => runUnattendedHelper(argv, closing.signal) : runHelper,
    keyring: askKeyring,
    vault,
    prompt: hasTerminal() && !unattended ? askSecret : null,
  };
  const secrets = createSecretReader(secretSeams);
  const laterReaders = createLaterReaders(secretSeams);
  // Notes are sent beside the work: what they need asks nobody.
  const channelSecrets = createFreshSecrets({
    ...secretSeams,
    runHelper: (argv) => runUnattendedHelper(argv, closing.signal),
    prompt: null,
  });
  const logFile = args['log-file'];
  const log =
    logFile === undefined
      ? null
      : await openLog({
          file: logFile,
          level: args['log-level'] ?? 'info',
          revealed: () => [
            ...secrets.revealed(),
            ...laterReaders.revealed(),
            ...channelSecrets.revealed(),
            ...vault.revealed(),
          ],
          onLost: giveUp(`--log-file ${logFile}`),
        });
  const logging = createFuse(giveUp('the log'));
  const noteInLog = (work: (logger: Logger) => void): void => {
    if (log !== null)
      logging.attempt(() => {
        work(log.logger);
      });
  };
  // A command without --quiet has no progress to show.
  const quiet = args.quiet ?? true;
  if (!quiet && wantsLiveView(process.stderr, process.env)) {
    live = createLiveView({
      stream: process.stderr,
      clock: systemClock,
      paint: paintFor(process.stderr),
      write(text) {
        talk.write(text);
      },
      onBroken: giveUp('the live view'),
    });
  }
  const human = createHumanListener({ write: say, quiet, live: live !== null, clock: systemClock });
  // A terminal would break the line anywhere; a log has it as one line.
  const interrupts = listenForInterrupts((text) => {
    const columns = findColumns(process.stderr);
    say(columns === undefined ? text : `${wrapText(text.trimEnd(), '', '  ', columns)}\n`);
  });
  const addresses = new Map<string, string>();
  const logListener: Listener = {
    event(event) {
      log?.logger.info({ event }, event.type);
    },
    progress(progress) {
      log?.logger.debug(progress, 'progress');
    },
  };
  const eventListener: Listener = {
    event: (event) => stream?.event(event),
    progress: () => undefined,
  };
  const operator = { user: userName(), machine: hostname(), processId: process.pid, toolVersion };
  const state = await openState(
    named,
    (text) => {
      say(wrapWarning(text));
    },
    secrets,
  );
  const store = state.runs;
  const notifications = createNotifications({
    state,
    interrupts,
    operator,
    readSecret: channelSecrets,
    say,
    trace(text) {
      noteInLog((logger) => {
        logger.warn(text);
      });
    },
  });
  const listener = joinListeners([
    isolateListener(logListener, giveUp('the log')),
    isolateListener(eventListener, giveUp('--events')),
    isolateListener(notifications.listener, giveUp('the notifications')),
    isolateListener(human, giveUp('progress on stderr')),
    ...(live === null ? [] : [isolateListener(live, giveUp('the live view'))]),
    ...(telemetry === null ? [] : [isolateListener(telemetry.listener, giveUp('the telemetry'))]),
  ]);
  const trace: TraceSink = (entry) => {
    noteInLog((logger) => {
      logger.trace(entry, 'request');
    });
    if (args.trace === true) say(renderTrace(entry));
    telemetry?.request(entry);
  };
  const connect = (read: SecretReading): Connector =>
    brakeLogons(
      createConnector({
        readSecret: (ref, target) => read(ref, target),
        random: createRandomPieces(randomFillSync),
        clock: systemClock,
        warn(text) {
          noteInLog((logger) => {
            logger.warn(text);
          });
          say(`${text}\n`);
        },
        trace,
        resolved(target, found) {
          const address = found.find(isIPv4);
          if (address !== undefined) addresses.set(target.name, address);
        },
      }),
      systemClock,
    );
  return {
    connector: connect(secrets),
    openConnector: () => connect(laterReaders.open()),
    vault,
    readSecret: secrets,
    clock: systemClock,
    listener,
    state,
    store,
    nameRun: newRunName,
    createLocks: (run, onTakeover) =>
      state.createLocks({ run, user: operator.user, now: () => systemClock.now(), onTakeover }),
    notice(notice) {
      say(renderNotice(notice));
    },
    interrupts,
    addresses,
    trace,
    notifications,
    operator,
    out(text) {
      // Both may be one terminal: the frame goes before results come.
      live?.above('');
      if (resultsAreEvents) talk.write(text);
      else results.write(text);
    },
    async outParts(parts) {
      live?.above('');
      await (resultsAreEvents ? talk : results).writeParts(parts, async (drained) => {
        if (!interrupts.interrupted) await unlessInterrupted(drained);
      });
    },
    say,
    async dispose() {
      human.dispose();
      live?.dispose();
      live = null;
      await notifications.close();
      closing.abort();
      interrupts.dispose();
      await state.close();
      await unlessInterrupted(Promise.all([stream?.end(), log?.end()]));
      if (!interrupts.isRun && !resultsAreEvents) return;
      // What a run did is in its journal and in its exit code, whether its words were heard or not.
      if (!resultsAreEvents) await awaitReader(say);
      if (results.lost !== null && !resultsAreEvents) {
        say(wrapWarning(`the results could not be written to stdout: ${results.lost}. See them with: fencepost runs`));
      }
      results.excuse();
    },
  };
}

function wrapWarning(text: string): string {
  return `${wrapText(text, 'warning: ', '  ')}\n`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? process.env['USERNAME'] ?? 'unknown';
  }
}
