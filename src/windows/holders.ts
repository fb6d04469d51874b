// Who has a port open, and where a service listens, from facts already read. A connection or a socket in TIME_WAIT holds its
// local port as much as a listener does (facts: windows.md section 5). It judges nobody: whether a holder is in the way, the plan says.
import type { HostFacts, Process, Socket } from '../model/facts.ts';
import { families, type Family, type Protocol } from '../model/host-state.ts';
import type { ListeningPort } from '../model/listening-port.ts';
import { findProcess } from '../model/rules/port-owners.ts';
import { findListeners } from '../model/rules/service-port.ts';
import { containsPort } from '../model/port-range.ts';
import type { PortRange } from '../model/port-range.ts';

export interface Holder {
  readonly socket: Socket;
  /** Null when the process was gone, or not shown, when processes were listed. */
  readonly process: Process | null;
}

/** The sockets whose local port lies in the range, in the order netstat printed them. */
export function findHolders(facts: HostFacts, family: Family, protocol: Protocol, range: PortRange): readonly Holder[] {
  return facts.sockets
    .filter(
      (socket) => socket.family === family && socket.protocol === protocol && containsPort(range, socket.localPort),
    )
    .map((socket) => ({
      socket,
      process: findProcess(facts, socket.processId),
    }));
}

/** The TCP ports on which the processes of a service listen, ascending, each once. */
export function listListeningPorts(facts: HostFacts, service: string): readonly number[] {
  const ports = findListeners(facts, service).map((socket) => socket.localPort);
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** The same with the family of each: IPv4 before IPv6, ports ascending. */
export function findListeningPorts(facts: HostFacts, service: string): readonly ListeningPort[] {
  const sockets = findListeners(facts, service);
  return families.flatMap((family) => {
    const ports = sockets.filter((one) => one.family === family).map((one) => one.localPort);
    return [...new Set(ports)].sort((a, b) => a - b).map((port) => ({ family, port }));
  });
}
