// I/O: how far one gets with a host without a logon: its name, its port, its certificate, what answers there.
import { lookup } from 'node:dns/promises';
import { isIP, isIPv4 } from 'node:net';
import type { Target } from '../../../model/target.ts';
import type { Approach } from '../../../run/survey/examine-hosts.ts';
import { Tracer, type TraceSink } from '../../../winrm/channel/trace.ts';
import { createConnectFailure } from '../../../winrm/http/connect-failures.ts';
import { identifyListener, probePort, probeTls } from '../../../winrm/probe.ts';
import { systemClock } from '../../io/clock.ts';

/** `addresses` gets what the names lead to, by the targets' names; `trace` is told of each request. */
export function createApproach(addresses: Map<string, string>, trace: TraceSink): Approach {
  return {
    resolve: (target) => resolveName(target, addresses),
    reachPort: (target, signal) => probePort(target.connection, signal),
    reachSecurely: (target, signal) => probeTls(target.connection, signal),
    identify: (target, signal) =>
      identifyListener(target.connection, { signal, tracer: new Tracer(target.name, systemClock, trace) }),
  };
}

async function resolveName({ name, connection }: Target, addresses: Map<string, string>): Promise<readonly string[]> {
  const { address, port, scheme, timeouts } = connection;
  if (isIP(address.replace(/%.*$/, '')) !== 0) return [address];
  try {
    const found = (await lookup(address, { all: true })).map((one) => one.address);
    const ipv4 = found.find(isIPv4);
    if (ipv4 !== undefined) addresses.set(name, ipv4);
    return found;
  } catch (thrown) {
    throw createConnectFailure(
      thrown,
      address.includes(':') ? address : `${address}:${port}`,
      scheme,
      timeouts.connectMs,
    );
  }
}
