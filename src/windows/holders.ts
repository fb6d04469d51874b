// Who has a port open, and where a service listens, from facts already read. A connection or a socket in TIME_WAIT holds its
// local port as much as a listener does (facts: windows.md section 5). It judges nobody: whether a holder is in the way, the plan says.
import type { HostFacts, Process, Socket } from '../model/facts.ts';
import type { Family, Protocol } from '../model/host-state.ts';
import { containsPort } from '../model/port-range.ts';
import type { PortRange } from '../model/port-range.ts';

export interface Holder {
  readonly socket: Socket;
  /** Null when the process was gone, or not shown, when processes were listed. */
  readonly process: Process | null;
}

/** The sockets whose local port lies in the range, in the order netstat printed them. */
export function holdersOf(facts: HostFacts, family: Family, protocol: Protocol, range: PortRange): readonly Holder[] {
  return facts.sockets
    .filter(
      (socket) => socket.family === family && socket.protocol === protocol && containsPort(range, socket.localPort),
    )
    .map((socket) => ({
      socket,
      process: facts.processes.find((one) => one.processId === socket.processId) ?? null,
    }));
}

/** The TCP ports on which the processes of a service listen, ascending, each once. Service names ignore case, as Windows does. */
export function listeningPortsOf(facts: HostFacts, service: string): readonly number[] {
  const name = service.toLowerCase();
  const processIds = new Set(
    facts.processes
      .filter((one) => one.services.some((hosted) => hosted.toLowerCase() === name))
      .map((one) => one.processId),
  );
  for (const one of facts.services) {
    if (one.installed && one.processId !== null && one.name.toLowerCase() === name) processIds.add(one.processId);
  }
  const ports = facts.sockets
    .filter((socket) => socket.protocol === 'tcp' && socket.listening && processIds.has(socket.processId))
    .map((socket) => socket.localPort);
  return [...new Set(ports)].sort((a, b) => a - b);
}
