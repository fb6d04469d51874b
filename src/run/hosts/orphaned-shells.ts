// A connector that first deletes what a dead run left on a host: its shells count against the account's quota and keep processes alive
// until they time out. A line of the run that stops a service and starts it again may still be at work in one: then the host is asked until it
// is through, for a shell's end is its end. Wraps the seam, so that no command has to think of it. What it cannot delete it leaves, silently.
import { readServiceChange, writeServiceChange } from '../../facts/service-change.ts';
import type { OpenLine, RunHistory } from '../../model/history.ts';
import { hasListeningPort } from '../../model/listening-port.ts';
import type { Clock, Connector, SessionOptions } from '../../model/seams.ts';
import type { Target } from '../../model/target.ts';
import { beginsWithinMs } from '../steps/lost-outage.ts';

const pollMs = 2000;

/** The same connector; the first session on each host deletes the shells that the run, now dead, may have left there. */
export function closeOrphanedShells(
  connector: Connector,
  { openShells, openLines }: Pick<RunHistory, 'openShells' | 'openLines'>,
  clock: Clock,
): Connector {
  const left = new Map(Object.entries(openShells));
  const lines = new Map(Object.entries(openLines));
  return {
    async connect(target, options) {
      const line = lines.get(target.name);
      if (line !== undefined) {
        await awaitLine(
          connector,
          target,
          line,
          clock,
          options?.signal === undefined ? {} : { signal: options.signal },
        );
        lines.delete(target.name);
      }
      const leftBehind = left.get(target.name);
      left.delete(target.name);
      return connector.connect(target, leftBehind === undefined ? options : { ...options, leftBehind });
    },
  };
}

/** Rejects with the Failure of a host that can't be asked. */
async function awaitLine(
  connector: Connector,
  target: Target,
  { sentAt, boundMs, service, listensOn }: OpenLine,
  clock: Clock,
  options: SessionOptions,
): Promise<void> {
  // The dead process may have had another clock: what is said to be in the future was sent just now.
  const before = Math.max(0, Date.parse(clock.now()) - Date.parse(sentAt));
  const startedMs = clock.elapsedMs();
  const passedMs = (): number => before + clock.elapsedMs() - startedMs;
  if (passedMs() >= boundMs) return;
  const ports = [...new Set(listensOn.map((one) => one.port))];
  const session = await connector.connect(target, options);
  try {
    for (let wasDown = false; passedMs() < boundMs;) {
      const script = writeServiceChange(null, service, ports, session.newNonce());
      const result = readServiceChange(await session.ask(script.line, options), script, null, service, ports);
      const open = (result.sockets ?? []).filter((one) => one.protocol === 'tcp' && one.listening);
      const listening = open.map((one) => ({ family: one.family, port: one.localPort }));
      const isRunning = result.service?.installed === true && result.service.state === 'running';
      const isUp = isRunning && listensOn.every((one) => hasListeningPort(listening, one));
      if (isUp && (wasDown || passedMs() >= beginsWithinMs)) return;
      wasDown ||= !isRunning;
      await clock.sleep(pollMs, options.signal);
      if (options.signal?.aborted === true) return;
    }
  } finally {
    await session.close();
  }
}
