// The line of an outage that may still run on a host: whoever undoes or cleans up there waits for it, for the line would add its ranges behind
// them. The host is asked until the line has finished (the service serves again, and was seen down or a line would have stopped it by now),
// or until its time is over; then the shell that this session left to it is deleted, for one that has not begun must not begin any more.
import { readServiceChange, writeServiceChange } from '../../facts/service-change.ts';
import type { OpenLine } from '../../model/history.ts';
import { hasListeningPort } from '../../model/listening-port.ts';
import type { Step } from '../../model/plan.ts';
import { followLine, followShells } from '../../model/rules/left-on-host.ts';
import type { Clock, SafeListener, Session, SessionOptions } from '../../model/seams.ts';
import type { Recorder } from '../recorder.ts';
import { beginsWithinMs } from '../steps/lost-outage.ts';
import { throwIfAborted } from '../steps/send.ts';

const pollMs = 2000;

export interface LineWatch {
  /** Null: none runs. */
  current(): OpenLine | null;
  /** What an undo over another session has to delete first. */
  shells(): readonly string[];
}

/** The same recorder; the watch follows what this process sends to one host. */
export function watchLine(
  recorder: Recorder,
  steps: readonly Step[],
  clock: Clock,
): { readonly recorder: Recorder; readonly line: LineWatch } {
  let line: OpenLine | null = null;
  let shells: readonly string[] = [];
  return {
    recorder: {
      async record(happening) {
        await recorder.record(happening);
        shells = followShells(shells, happening);
        line = followLine(line, happening, clock.now(), (number) => steps.find((one) => one.number === number));
      },
    },
    line: { current: () => line, shells: () => shells },
  };
}

/** How long it may still run, in milliseconds. The dead process may have had another clock: what it sent "in the future" was sent just now. */
export function leftOfLine({ sentAt, boundMs }: OpenLine, clock: Clock): number {
  return boundMs - Math.max(0, Date.parse(clock.now()) - Date.parse(sentAt));
}

/** `waiting for MSExchangeIMAP4BE to restart, at most until 22:07:00Z`: short enough for a line of the live view. */
export function describeWait(line: OpenLine, clock: Clock): string {
  const until = new Date(Date.parse(clock.now()) + leftOfLine(line, clock)).toISOString();
  return `waiting for ${line.service} to restart, at most until ${until.slice(11, 19)}Z`;
}

/** Over a session of its own, and said. Rejects as `awaitLine` does, and as `connect`. */
export async function awaitLineApart(
  connect: () => Promise<Session>,
  host: string,
  line: OpenLine,
  { clock, listener }: { readonly clock: Clock; readonly listener: Pick<SafeListener, 'progress'> },
  options: SessionOptions,
): Promise<void> {
  const session = await connect();
  listener.progress({ host, doing: describeWait(line, clock) });
  try {
    await awaitLine(session, host, line, clock, options);
  } finally {
    await session.close();
  }
}

/** Rejects with the Failure of a host that can't be asked, or of an abort. */
export async function awaitLine(
  session: Session,
  host: string,
  line: OpenLine,
  clock: Clock,
  options: SessionOptions,
): Promise<void> {
  const { boundMs, service, listensOn } = line;
  const leftMs = leftOfLine(line, clock);
  const startedMs = clock.elapsedMs();
  const waitedMs = (): number => clock.elapsedMs() - startedMs;
  const ports = [...new Set(listensOn.map((one) => one.port))];
  for (let wasDown = false; waitedMs() < leftMs;) {
    const script = writeServiceChange(null, service, ports, session.newNonce());
    const result = readServiceChange(await session.ask(script.line, options), script, null, service, ports);
    const open = (result.sockets ?? []).filter((one) => one.protocol === 'tcp' && one.listening);
    const listening = open.map((one) => ({ family: one.family, port: one.localPort }));
    const isRunning = result.service?.installed === true && result.service.state === 'running';
    const isUp = isRunning && listensOn.every((one) => hasListeningPort(listening, one));
    if (isUp && (wasDown || boundMs - leftMs + waitedMs() >= beginsWithinMs)) break;
    // An answer without its state tells nothing.
    wasDown ||= result.service !== null && !isRunning;
    await clock.sleep(pollMs, options.signal);
    if (options.signal !== undefined) throwIfAborted({ signal: options.signal, host });
  }
  await session.endLeft(options);
}
