// Name resolution as the system does it, which also tells what a name led to: of a host that never answers it is all that is known of
// where it stands. It decides nothing: which address is tried, and for how long, is socket.ts's and Node's.
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** For `net.connect`. `tell` gets all addresses of a name, before the first is tried; it isn't called for a name that leads nowhere. */
export function createReportingLookup(tell: (addresses: readonly string[]) => void): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      if (error === null) tell(typeof found === 'string' ? [found] : found.map((one) => one.address));
      callback(error, found, family);
    });
  };
}
