// An Exchange organization as entries of a directory: for a directory in memory, for OpenLDAP and for Samba. The names of classes and
// attributes are Microsoft's public ones; only what discovery reads is here.
import type { Entry, Filter } from '../../src/directory/messages.ts';
import type { Directory } from '../../src/directory/search.ts';

export interface FixtureServer {
  readonly name: string;
  /** Null: no address at all. */
  readonly fqdn?: string | null;
  readonly site?: string;
  readonly dag?: string;
  readonly serial?: string;
  readonly roles?: number;
  readonly imap4?: number;
  readonly pop3?: number;
  /** Null: no computer account. */
  readonly lastLogon?: string | null;
  readonly disabled?: boolean;
}

export interface FixtureEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface OrganizationOptions {
  /** `DC=corp,DC=example` */
  readonly domain: string;
  /** Where computers are, below the domain. */
  readonly computers: string;
  readonly servers: readonly FixtureServer[];
}

export const defaultSerial = 'Version 15.1 (Build 32507.6)';

function escapeValue(text: string): string {
  return text.replaceAll(/[,+"\\<>;=#]/g, (sign) => `\\${sign}`);
}

/** From the top down: each entry's parent stands before it. */
export function makeOrganization({ domain, computers, servers }: OrganizationOptions): readonly FixtureEntry[] {
  const configuration = `CN=Configuration,${domain}`;
  const exchange = `CN=Microsoft Exchange,CN=Services,${configuration}`;
  const organization = `CN=Corp Mail,${exchange}`;
  const groups = `CN=Administrative Groups,${organization}`;
  const group = `CN=Exchange Administrative Group (FYDIBOHF23SPDLT),${groups}`;
  const dagsBase = `CN=Database Availability Groups,${group}`;
  const serversBase = `CN=Servers,${group}`;
  const entry = (dn: string, objectClass: string, attributes: FixtureEntry['attributes'] = {}): FixtureEntry => ({
    dn,
    attributes: { objectClass: [objectClass], ...attributes },
  });
  const sites = [...new Set(servers.flatMap(({ site }) => site ?? []))];
  const dags = [...new Set(servers.flatMap(({ dag }) => dag ?? []))];
  const siteOf = (site: string): string => `CN=${escapeValue(site)},CN=Sites,${configuration}`;
  return [
    ...sites.map((site) => entry(siteOf(site), 'site')),
    entry(exchange, 'msExchConfigurationContainer'),
    entry(organization, 'msExchOrganizationContainer'),
    entry(groups, 'msExchContainer'),
    entry(group, 'msExchContainer'),
    entry(dagsBase, 'msExchContainer'),
    ...dags.map((dag) => entry(`CN=${escapeValue(dag)},${dagsBase}`, 'msExchMDBAvailabilityGroup')),
    entry(serversBase, 'msExchContainer'),
    ...servers.flatMap((server) => {
      const { name, site, dag, imap4, pop3 } = server;
      const fqdn = server.fqdn === undefined ? `${name.toLowerCase()}.${domainName(domain)}` : server.fqdn;
      const dn = `CN=${escapeValue(name)},${serversBase}`;
      const protocols = `CN=Protocols,${dn}`;
      const ports = [
        ['IMAP4', imap4],
        ['POP3', pop3],
      ] as const;
      return [
        entry(dn, 'msExchExchangeServer', {
          ...(fqdn === null ? {} : { networkAddress: [`netbios:${name}`, `ncacn_ip_tcp:${fqdn}`] }),
          serialNumber: [server.serial ?? defaultSerial],
          msExchCurrentServerRoles: [String(server.roles ?? 16_439)],
          ...(site === undefined ? {} : { msExchServerSite: [siteOf(site)] }),
          ...(dag === undefined ? {} : { msExchMDBAvailabilityGroupLink: [`CN=${escapeValue(dag)},${dagsBase}`] }),
        }),
        entry(protocols, 'msExchContainer'),
        ...ports.flatMap(([protocol, port]) =>
          port === undefined
            ? []
            : [
                entry(`CN=${protocol},${protocols}`, 'msExchContainer'),
                entry(`CN=1,CN=${protocol},${protocols}`, 'msExchProtocol', { portNumber: [String(port)] }),
              ],
        ),
      ];
    }),
    ...servers.flatMap((server) => {
      if (server.lastLogon === null) return [];
      const { name } = server;
      return [
        entry(`CN=${escapeValue(name)},${computers},${domain}`, 'computer', {
          sAMAccountName: [`${name}$`],
          userAccountControl: [String(4096 + (server.disabled === true ? 2 : 0))],
          lastLogonTimestamp: [toFileTime(server.lastLogon ?? new Date().toISOString())],
        }),
      ];
    }),
  ];
}

export function toFileTime(moment: string): string {
  return String(BigInt(Date.parse(moment)) * 10_000n + 116_444_736_000_000_000n);
}

export function domainName(domain: string): string {
  return domain.replaceAll(/DC=/gi, '').replaceAll(',', '.');
}

/** Values that are not plain ASCII in base64 (RFC 2849). */
export function writeLdif(entries: readonly FixtureEntry[]): string {
  const line = (name: string, value: string): string =>
    /^[!-9;=-~][ -~]*$/.test(value)
      ? `${name}: ${value}\n`
      : `${name}:: ${Buffer.from(value, 'utf8').toString('base64')}\n`;
  return entries
    .map(({ dn, attributes }) => {
      const values = Object.entries(attributes).flatMap(([name, all]) => all.map((value) => line(name, value)));
      return `${line('dn', dn)}${values.join('')}\n`;
    })
    .join('');
}

/** The seam in memory: what is asked is judged over these entries. `references`: what every search refers to beside. */
export function memoryDirectory(
  domain: string,
  entries: readonly FixtureEntry[],
  references: readonly string[] = [],
): Directory {
  const root: FixtureEntry = {
    dn: '',
    attributes: {
      objectClass: ['top'],
      configurationNamingContext: [`CN=Configuration,${domain}`],
      defaultNamingContext: [domain],
    },
  };
  return {
    where: 'dc01.corp.example:636',
    search({ base, scope, filter, attributes }, onPage) {
      const lower = base.toLowerCase();
      const found = [root, ...entries].filter(({ dn }) => {
        const name = dn.toLowerCase();
        if (scope === 'base' || base === '') return name === lower;
        if (scope === 'one') return name.endsWith(`,${lower}`) && !/(?<!\\),/.test(name.slice(0, -lower.length - 1));
        return name === lower || name.endsWith(`,${lower}`);
      });
      const asked = attributes.map((one) => one.toLowerCase());
      onPage?.(found.filter((one) => matches(one, filter)).length);
      return Promise.resolve({
        entries: found.filter((one) => matches(one, filter)).map((one) => toEntry(one, asked)),
        references,
      });
    },
    close: () => undefined,
  };
}

function matches(entry: FixtureEntry, filter: Filter): boolean {
  if ('all' in filter) return filter.all.every((one) => matches(entry, one));
  if ('any' in filter) return filter.any.some((one) => matches(entry, one));
  const name = 'has' in filter ? filter.has : filter.attribute;
  const values = Object.entries(entry.attributes).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? [];
  if ('has' in filter) return values.length > 0;
  return values.some((value) => value.toLowerCase() === filter.is.toLowerCase());
}

function toEntry({ dn, attributes }: FixtureEntry, asked: readonly string[]): Entry {
  const all: Readonly<Record<string, readonly string[]>> = {
    cn: [/^CN=((?:\\.|[^,])*)/.exec(dn)?.[1] ?? ''],
    ...attributes,
  };
  return {
    dn,
    attributes: new Map(
      Object.entries(all)
        .filter(([name]) => asked.includes(name.toLowerCase()))
        .map(([name, values]) => [name.toLowerCase(), values.map((value) => Buffer.from(value, 'utf8'))]),
    ),
  };
}
