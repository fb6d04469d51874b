// A network where no host answered, said once: the cause is a switch, a firewall or a line then, not the hosts. Pure. Networks are known
// by IPv4 addresses only: the inventory's, or what its names resolved to.
import { counted } from '../../model/text/counted.ts';
import { wrapText } from './table.ts';

export interface AskedHost {
  /** A name says nothing about its network. */
  readonly address: string;
  /** The code of its failure; null: it answered. */
  readonly code: string | null;
}

/** Fewer may each be down for its own reason. */
const fewest = 5;

/** A line for each network of at least five hosts that were all silent, and an empty line after them; empty when there is none. */
export function renderSilentNetworks(hosts: readonly AskedHost[]): string {
  const networks = new Map<string, { asked: number; silent: number }>();
  for (const { address, code } of hosts) {
    const network = readNetwork(address);
    if (network === null) continue;
    const count = networks.get(network) ?? { asked: 0, silent: 0 };
    networks.set(network, count);
    count.asked += 1;
    if (code === 'connect/timeout' || code === 'connect/no-route') count.silent += 1;
  }
  const lines = [...networks]
    .filter(([, { asked, silent }]) => asked >= fewest && silent === asked)
    .map(([network, { asked }]) => {
      const what = `none of the ${counted(asked, 'host')} in ${network} answered: check the network first (switch, firewall, line)`;
      return `${wrapText(what, '! ', '  ')}\n`;
    });
  return lines.length === 0 ? '' : `${lines.join('')}\n`;
}

/** `10.3.7.0/24`; null for names and IPv6, where addresses are given out too widely to tell. */
function readNetwork(address: string): string | null {
  const octets = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(address);
  return octets === null || address.startsWith('127.') ? null : `${octets[1] ?? ''}.0/24`;
}
