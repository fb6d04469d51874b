// What a directory says of an Exchange organization: its servers, and what was found of each beside it. Names are texts that others wrote.
// No rule about inventories is here. Sources: facts/windows.md sections 0.5 and 8; ServerRole and AdminDisplayVersion of Exchange.

export const exchangeRoles = ['mailbox', 'client-access', 'unified-messaging', 'hub-transport', 'edge'] as const;
export type ExchangeRole = (typeof exchangeRoles)[number];

export interface ExchangeVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number;
}

export const exchangeGenerations = ['2007', '2010', '2013', '2016', '2019', 'se'] as const;
export type ExchangeGeneration = (typeof exchangeGenerations)[number];

/** One server as the configuration partition has it. */
export interface ExchangeServer {
  /** Its NetBIOS name. */
  readonly name: string;
  /** Null: the directory has none that could be one. */
  readonly fqdn: string | null;
  readonly site: string | null;
  readonly version: ExchangeVersion | null;
  readonly roles: readonly ExchangeRole[];
  /** The DAG it is a member of. */
  readonly availabilityGroup: string | null;
  /** Where its back ends are set to listen; null: not said. */
  readonly backEndPorts: BackEndPorts;
}

export interface BackEndPorts {
  readonly imap4: number | null;
  readonly pop3: number | null;
}

/** Its account in the domain. `unknown`: that domain was not asked. */
export type ComputerAccount =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'missing' }
  /** `lastLogon`: of days or weeks ago as it is (lastLogonTimestamp), ISO 8601; null: never. */
  | { readonly kind: 'found'; readonly isDisabled: boolean; readonly lastLogon: string | null };

/** `unknown`: the DNS server did not answer, or no name at all is known to it. */
export type NameResolution = 'found' | 'missing' | 'unknown';

export const serverMarks = ['edge', 'old', 'decommissioned', 'no-dns', 'no-logon', 'disabled', 'no-account'] as const;
export type ServerMark = (typeof serverMarks)[number];

export interface DiscoveredServer extends ExchangeServer {
  readonly account: ComputerAccount;
  readonly dns: NameResolution;
  readonly marks: readonly ServerMark[];
}

export interface Discovery {
  readonly domain: string;
  /** Who answered: `dc01.corp.example:636`. */
  readonly controller: string;
  readonly organization: string;
  /** By name. */
  readonly servers: readonly DiscoveredServer[];
  /** What was not read, and where it would be. */
  readonly notes: readonly string[];
}

export function formatExchangeVersion({ major, minor, build, revision }: ExchangeVersion): string {
  return `${major}.${minor}.${build}.${revision}`;
}

/** The first build of the Subscription Edition (15.2.2562.17). */
const firstBuildOfSe = 2562;

export function nameGeneration(version: ExchangeVersion | null): ExchangeGeneration | null {
  if (version === null) return null;
  const { major, minor, build } = version;
  if (major === 8) return '2007';
  if (major === 14) return '2010';
  if (major !== 15) return null;
  if (minor === 2) return build >= firstBuildOfSe ? 'se' : '2019';
  return minor === 1 ? '2016' : minor === 0 ? '2013' : null;
}
