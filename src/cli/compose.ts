// Builds the real parts and gives them to a command: the only place that chooses between a real socket and anything else.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createSecretReader } from '../inventory/secrets.ts';
import { createRunStore, type RunStore } from '../journal/store.ts';
import type { Operator } from '../model/outcome.ts';
import type { Clock, Connector, Listener } from '../model/world.ts';
import { createHumanListener } from '../report/human.ts';
import { renderTrace } from '../report/trace-text.ts';
import { createConnector } from '../winrm/connect.ts';
import { systemClock } from './clock.ts';
import { listenForInterrupts, type Interrupts } from './interrupts.ts';
import { createLog } from './logging.ts';
import type { CommonArguments } from './options.ts';
import { askLine, hasTerminal } from './terminal.ts';
import { toolVersion } from './version.ts';

export interface World {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly listener: Listener;
  readonly store: RunStore;
  readonly interrupts: Interrupts;
  readonly operator: Operator;
  readonly log: Logger;
  /** Results. */
  out(text: string): void;
  /** Talk. */
  say(text: string): void;
  dispose(): void;
}

export function compose(args: CommonArguments): World {
  const say = (text: string): void => {
    process.stderr.write(text);
  };
  const secrets = createSecretReader({
    env: process.env,
    readFile: (path) => readFile(path, 'utf8'),
    prompt: hasTerminal() ? (label) => askLine(`${label}: `, true) : null,
  });
  const log = createLog({
    file: args['log-file'] ?? null,
    level: args['log-level'],
    revealed: () => secrets.revealed(),
  });
  const human = createHumanListener({ write: say, quiet: args.quiet, clock: systemClock });
  const interrupts = listenForInterrupts(say);
  const listener: Listener = {
    event(event) {
      log.info({ event }, event.type);
      human.event(event);
    },
    progress(progress) {
      log.debug(progress, 'progress');
      human.progress(progress);
    },
  };
  return {
    connector: createConnector({
      readSecret: (ref, target) => secrets(ref, target),
      random: (bytes) => randomBytes(bytes),
      clock: systemClock,
      trace(entry) {
        log.trace(entry, 'request');
        if (args.trace) say(renderTrace(entry));
      },
    }),
    clock: systemClock,
    listener,
    store: createRunStore(args['state-dir'] ?? defaultStateDirectory()),
    interrupts,
    operator: { user: userName(), machine: hostname(), processId: process.pid, toolVersion },
    log,
    out(text) {
      process.stdout.write(text);
    },
    say,
    dispose() {
      human.dispose();
      interrupts.dispose();
    },
  };
}

/** $FENCEPOST_STATE_DIR, else the user's own place for state: it must be found again at 03:00 from whatever directory. */
export function defaultStateDirectory(): string {
  const { env } = process;
  const named = env['FENCEPOST_STATE_DIR'];
  if (named !== undefined && named !== '') return named;
  const base =
    process.platform === 'win32'
      ? (env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'))
      : (env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'));
  return join(base, 'fencepost');
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? process.env['USERNAME'] ?? 'unknown';
  }
}
