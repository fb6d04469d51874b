// Where a service listens: a port on one address family. Exchange binds 0.0.0.0 and [::] with a socket each, so one may be there and the
// other not yet (facts: windows.md section 8, SO_REUSEADDR). Pure; it knows no service.
import type { Family } from './host-state.ts';

export interface ListeningPort {
  readonly family: Family;
  readonly port: number;
}

export function hasListeningPort(ports: readonly ListeningPort[], { family, port }: ListeningPort): boolean {
  return ports.some((one) => one.family === family && one.port === port);
}

/** `9933 on ipv4, 9933 on ipv6` */
export function describeListeningPorts(ports: readonly ListeningPort[]): string {
  return ports.map(({ family, port }) => `${port} on ${family}`).join(', ');
}
