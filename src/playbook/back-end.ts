// `port: backend` as a playbook writes it: what it needs beside it, and what contradicts it in the same playbook. Which port it is on a host,
// model/backend decides.
import { backEnds, backEndServices, findBackEnd } from '../model/backend/back-end-ports.ts';
import type { BackEndExclusion, RequestedExclusion } from '../model/desired.ts';
import type { WrittenExclusion } from './schema.ts';

export interface BackEndFault {
  /** Below the entry; empty: the entry itself. */
  readonly key: readonly string[];
  readonly message: string;
}

const services = backEnds.map((one) => backEndServices[one]).join(' or ');

/** Of an entry with `port: backend`. */
export function judgeBackEnd({
  range,
  first,
  count,
  for: service,
  protocol,
}: WrittenExclusion): readonly BackEndFault[] {
  const faults: BackEndFault[] = [];
  if (range !== undefined || first !== undefined || count !== undefined) {
    faults.push({ key: [], message: 'port: backend is one port, and goes with no range, first or count' });
  }
  if (service === undefined) {
    faults.push({ key: [], message: `port: backend needs the service whose port is meant; add for: ${services}` });
  } else if (findBackEnd(service) === null) {
    faults.push({ key: ['for'], message: `port: backend goes with ${services}, got ${service}` });
  }
  if (protocol !== 'tcp') faults.push({ key: ['protocol'], message: `port: backend is a tcp port, got ${protocol}` });
  return faults;
}

/** An entry without a fault. */
export function toBackEnd({
  protocol,
  families,
  state: presence,
  for: service = '',
}: WrittenExclusion): BackEndExclusion {
  return { port: 'backend', protocol, families, presence, service };
}

/** Two entries for one service on the same families; null: what they come to shows on a host only. */
export function findBackEndConflict(
  one: RequestedExclusion,
  other: RequestedExclusion,
  whom: string,
  on: string,
): string | null {
  if (!('port' in one) || !('port' in other) || findBackEnd(one.service) !== findBackEnd(other.service)) return null;
  const mine = `the back-end port of ${one.service}`;
  return one.presence === other.presence
    ? `${mine} on ${on} is already listed in ${whom}`
    : `${mine} must be ${one.presence} on ${on}, but ${whom} says it must be ${other.presence}`;
}
