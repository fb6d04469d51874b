// Discovery: what a directory and DNS say of an Exchange organization, marked; and what an inventory lacks of it. Both are seams.
// It writes nothing. Which controllers there are is find-controllers.ts of directory/.
import pLimit from 'p-limit';
import { readOrganization } from '../../directory/read-organization.ts';
import type { Directory } from '../../directory/search.ts';
import { findKnown, type KnownHost } from '../../inventory/discovered/merge-inventory.ts';
import type { Discovery, DiscoveredServer, NameResolution } from '../../model/discovery/discovery.ts';
import type { SafeListener } from '../../model/seams.ts';
import { isManaged, markServer } from '../../model/discovery/server-marks.ts';

export interface DiscoverySeams {
  readonly directory: Directory;
  /** Whether DNS knows a name. Never rejects. Null: it is not asked. */
  readonly resolveName: ((name: string) => Promise<NameResolution>) | null;
  /** Told how far it is. */
  readonly listener: SafeListener;
  /** ISO 8601. */
  readonly now: string;
}

const namesAtOnce = 16;
/** After so many names without an answer, DNS is asked no more. */
const mostUnanswered = 16;

/** Rejects with Failure `directory/...` or `connect/lost`. */
export async function discover(domain: string, seams: DiscoverySeams): Promise<Discovery> {
  try {
    return await askAll(domain, seams);
  } finally {
    seams.listener.progress({ host: '', doing: 'discovery', over: true });
  }
}

async function askAll(domain: string, { directory, resolveName, listener, now }: DiscoverySeams): Promise<Discovery> {
  const organization = await readOrganization(directory, listener);
  const limit = pLimit(namesAtOnce);
  let unanswered = 0;
  const resolve = async (name: string): Promise<NameResolution> => {
    if (resolveName === null || unanswered >= mostUnanswered) return 'unknown';
    listener.progress({ host: name, doing: 'resolving its name' });
    const resolution = await resolveName(name);
    listener.progress({ host: name, doing: resolution, over: true });
    unanswered = resolution === 'unknown' ? unanswered + 1 : 0;
    return resolution;
  };
  if (resolveName !== null) {
    const total = organization.servers.filter(({ fqdn }) => fqdn !== null).length;
    listener.progress({ host: '', doing: 'names in DNS', total });
  }
  const resolved = await Promise.all(
    organization.servers.map(({ fqdn }) => limit(() => (fqdn === null ? ('unknown' as const) : resolve(fqdn)))),
  );
  // Where no name at all is known, it is this machine's DNS that does not know the domain.
  const isBlind = resolveName !== null && resolved.length > 0 && !resolved.includes('found');
  const servers = organization.servers.map((server, index): DiscoveredServer => {
    const dns = isBlind ? 'unknown' : (resolved[index] ?? 'unknown');
    return { ...server, dns, marks: markServer(server, server.account, dns, now) };
  });
  return {
    domain,
    controller: directory.where,
    organization: organization.name,
    servers,
    notes: [
      ...organization.notes,
      ...(isBlind ? ['the DNS of this machine knows none of these servers: it was not used to judge them'] : []),
    ],
  };
}

/** Servers that belong into an inventory and are in none of its hosts. */
export function findMissing(discovery: Discovery, known: readonly KnownHost[]): readonly DiscoveredServer[] {
  return discovery.servers
    .filter(isManaged)
    .filter((server) => findKnown({ name: server.fqdn ?? '', server }, known) === null);
}
