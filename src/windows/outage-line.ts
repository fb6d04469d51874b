// ONE command line that stops a service, waits, adds its ranges, starts it again and waits: cmd carries it out to its end whatever becomes
// of the connection, within a bounded time, and brings the service back where something is refused. What it prints decides nothing: the
// looks in it are read, and the host is asked again. Only constructs of which the meaning is certain: every `if` and `for` stands in
// brackets of its own, what changes is read with `!`. Sources: `cmd /?`, `if /?`, `for /?`, `set /?`, `ping /?`; facts windows.md section 10.
import { callByPath, skipCall } from './cmd/programs.ts';
import { refuseUnsafe, writeMarked, writeMarker, type Script } from './cmd/script.ts';
import { findListening } from './listeners.ts';
import { findServiceState, startService, stopService } from './services.ts';

export interface OutageParts {
  readonly service: string;
  /** Listened on until it has stopped. */
  readonly ports: readonly number[];
  /** Asked before the stop; at least one. */
  readonly first: readonly string[];
  /** Asked when it has stopped, and once more when it runs again. */
  readonly looks: readonly string[];
  readonly ranges: readonly RangeAdd[];
}

/** The commands that add a range, and what is asked behind them. */
interface RangeAdd {
  readonly commands: readonly {
    readonly line: string;
    /** The question of which exit code 0 says that the command is not needed. */
    readonly unless: string;
  }[];
  readonly looks: readonly string[];
}

/**
 * Each round waits a second; starting its programs takes a slow host another. On the fastest host a stop is waited for as long as step by
 * step (180 s). A start that takes longer is waited for by whoever reads the answer; nothing is down for it.
 */
const stopRounds = 180;
const startRounds = 90;
const longestRoundMs = 2000;
const commandsMs = 60_000;
/** The longest that the line takes on its host. A shell lives longer without anybody receiving (shell-messages.ts: 15 minutes). */
export const outageBoundMs = (stopRounds + startRounds) * longestRoundMs + commandsMs;

/** ERROR_SERVICE_NOT_ACTIVE (winerror.h): there was nothing to stop. */
const notActive = 1062;

/**
 * Set in the course of the line, and only there: fpp the stop was accepted, fpg the ports are free and ranges may be added, fpa a command is
 * needed, fpu the service runs (y) or was given up (n), fpr and fps it was started once and twice more. fpn says nothing: with it the percent
 * signs in front of the loop's letter are two, so that the shells around never take one as the beginning of `%SystemRoot%`.
 */
const variables = ['fpa', 'fpg', 'fpn', 'fpp', 'fpr', 'fps', 'fpu'] as const;

/**
 * `ping` waits one second less than it has echoes; `timeout` needs a console. Where a filter lets no echo through, each is waited for one
 * second (-w), not four: the line would outlive its bound.
 */
const waitOne = `${callByPath('ping -n 2 -w 1000 127.0.0.1')} >nul`;
const waitFive = `${callByPath('ping -n 6 -w 1000 127.0.0.1')} >nul`;

/** Throws Failure `internal/bug` for a part that cannot stand in a line. Whether the line is short enough its length tells. */
export function writeOutageLine(parts: OutageParts, nonce: string): Script {
  const { service, ports, first, looks, ranges } = parts;
  const pieces: string[] = [];
  let count = 0;
  const mark = (command: string): void => {
    count += 1;
    pieces.push(command, writeMarker(nonce, count));
  };
  const isStopped = call(findServiceState(service, 'stopped'));
  const isRunning = call(findServiceState(service, 'running'));
  const free = ports.length === 0 ? 'set fpg=y' : `(${call(findListening(ports))} >nul || set fpg=y)`;

  // No blank before a joint behind `set`: it would be the variable's value.
  const clear = variables.map((name) => `set ${name}=& `).join('');
  for (const [index, one] of first.entries()) mark(`${index === 0 ? clear : ''}${call(one)}`);
  mark(`(${call(stopService(service))} && set fpp=y|| if !errorlevel!==${notActive} set fpp=y)`);
  pieces.push(
    loop(stopRounds, `if defined fpp if not defined fpg (${isStopped} >nul && ${free}& if not defined fpg ${waitOne})`),
  );
  for (const one of looks) mark(call(one));
  for (const range of ranges) {
    for (const { line, unless } of range.commands) {
      pieces.push(`set fpa=& (if defined fpg (${call(unless)} >nul || set fpa=y))`);
      mark(`(if defined fpa (${call(line)}) else (${skipCall}))`);
    }
    for (const one of range.looks) mark(call(one));
  }
  mark(`(if defined fpp (${call(startService(service))}) else (${skipCall}))`);
  const again = `(if defined fps (set fpu=n) else (if defined fpr (set fps=y) else (set fpr=y)))`;
  const startAgain = `${isStopped} >nul && (${waitFive} & ${call(startService(service))} >nul & ${again})`;
  pieces.push(
    loop(
      startRounds,
      `if defined fpp if not defined fpu (${isRunning} >nul && set fpu=y& if not defined fpu (${startAgain}& if not defined fpu ${waitOne}))`,
    ),
  );
  for (const one of looks) mark(call(one));
  return writeMarked(pieces, nonce, count);
}

function loop(rounds: number, body: string): string {
  return `(for /l %i in (1,1,${rounds}) do (set fpn=%i& ${body}))`;
}

function call(command: string): string {
  refuseUnsafe(command);
  return callByPath(command);
}
