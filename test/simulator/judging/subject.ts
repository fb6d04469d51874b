// What can be in question on a server: a range, whatever the family and the store, or a service. Nobody can tell whose a value is that a
// lost command and somebody else were both about; of all others it is known. Pure.
import { formatRange, lastPort, portRange, type PortRange } from '../../../src/model/port-range.ts';
import type { Protocol } from '../../../src/model/host-state.ts';

/** `tcp 9933-9933` or `service MSExchangePOP3BE`. */
export type Subject = string;

export function rangeSubject(protocol: Protocol, range: PortRange): Subject {
  return `${protocol} ${range.firstPort}-${lastPort(range)}`;
}

export function serviceSubject(name: string): Subject {
  return `service ${name}`;
}

/** Of a row as truth.ts writes it, with or without its sign: `+tcp ipv4 active 9933-9933*`, `service X: running -> stopped`. */
export function findSubject(row: string): Subject {
  const service = /^service ([^:]+)/.exec(row);
  if (service !== null) return serviceSubject(service[1] ?? '');
  return row
    .replace(/^[+-]/, '')
    .replace(/ ipv[46] (?:active|persistent) /, ' ')
    .replace(/\*$/, '');
}

/** Of a line that changes something, as it is shown. */
export function listSubjects(line: string): readonly Subject[] {
  // What a guard would do is not done yet.
  if (line.includes('schtasks /create')) return [];
  const ranges = [
    ...line.matchAll(/ (?:add|delete) excludedportrange protocol=(tcp|udp) startport=(\d+) numberofports=(\d+)/g),
  ];
  const services = [...line.matchAll(/\bsc (?:stop|start) "?(\w+)/g)];
  return [
    ...ranges.map(([, protocol, first, count]) =>
      rangeSubject(protocol === 'udp' ? 'udp' : 'tcp', portRange(Number(first), Number(count))),
    ),
    ...services.map(([, name = '']) => serviceSubject(name)),
  ];
}

/** Whether a verdict's sentence names this range: `tcp 9933`, `udp 9960-9964`. */
export function namesRange(text: string, protocol: string, range: PortRange): boolean {
  return new RegExp(`\\b${protocol} ${formatRange(range)}(?![-\\d])`).test(text);
}
