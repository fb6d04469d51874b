// Which questions are asked of a directory, once each, and how the answers make an organization. The directory is a seam; DNS is not asked
// here. Source: facts/windows.md section 8. What an entry means is exchange-objects.ts.
import type { ComputerAccount, ExchangeServer } from '../model/discovery/discovery.ts';
import { Failure } from '../model/failure.ts';
import type { SafeListener } from '../model/seams.ts';
import { readDomainName, readFirstName } from './distinguished-name.ts';
import { noPorts, portAttributes, readFirst, readPorts, readServer, serverAttributes } from './exchange-objects.ts';
import type { Entry } from './messages.ts';
import type { Directory } from './search.ts';

export interface Organization {
  readonly name: string;
  readonly servers: readonly (ExchangeServer & { readonly account: ComputerAccount })[];
  readonly notes: readonly string[];
}

const accountAttributes = ['sAMAccountName', 'dNSHostName', 'userAccountControl', 'lastLogonTimestamp'] as const;
/** Names asked for in one question. */
const namesAtOnce = 100;

/** What was read is told to `listener`, and how much there is as soon as that is known. Rejects with Failure `directory/...`. */
export async function readOrganization(directory: Directory, listener: SafeListener): Promise<Organization> {
  const tellRead = (what: string, count: number): void => {
    listener.progress({ host: '', doing: `reading ${what} from ${directory.where}: ${count} so far` });
  };
  const { configuration, domain } = await readContexts(directory);
  const base = `CN=Microsoft Exchange,CN=Services,${configuration}`;
  const found = await directory.search({
    base,
    scope: 'one',
    filter: { attribute: 'objectClass', is: 'msExchOrganizationContainer' },
    attributes: ['cn'],
  });
  const [organization] = found.entries;
  if (organization === undefined) {
    throw new Failure(
      'directory/no-exchange',
      'this forest has no Exchange organization, or the account cannot see it',
      {
        where: directory.where,
        hint: `it would be below ${base}`,
      },
    );
  }
  const isServer = { attribute: 'objectClass', is: 'msExchExchangeServer' };
  tellRead('servers', 0);
  const servers = await directory.search(
    { base, scope: 'sub', filter: isServer, attributes: serverAttributes },
    (count) => {
      tellRead('servers', count);
    },
  );
  tellRead('ports', 0);
  const ports = await directory.search(
    { base, scope: 'sub', filter: { has: 'portNumber' }, attributes: portAttributes },
    (count) => {
      tellRead('ports', count);
    },
  );
  const portsByName = readPorts(ports.entries);
  const read = servers.entries.map((entry) => {
    const server = readServer(entry);
    return { ...server, backEndPorts: portsByName.get(server.name.toLowerCase()) ?? noPorts };
  });
  const accounts = await readAccounts(directory, domain, read, listener);
  return {
    name: readFirstName(organization.dn) ?? '',
    servers: read
      .map((server) => ({ ...server, account: accounts.of(server) }))
      .toSorted((one, other) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1)),
    notes: [...describeReferences([found, servers, ports].flatMap(({ references }) => references)), ...accounts.notes],
  };
}

/** From the root entry (RFC 4512 section 5.1), as Active Directory has it. */
async function readContexts(
  directory: Directory,
): Promise<{ readonly configuration: string; readonly domain: string }> {
  const { entries } = await directory.search({
    base: '',
    scope: 'base',
    filter: { has: 'objectClass' },
    attributes: ['configurationNamingContext', 'defaultNamingContext'],
  });
  const root = entries[0];
  const configuration = root === undefined ? null : readFirst(root, 'configurationNamingContext');
  const domain = root === undefined ? null : readFirst(root, 'defaultNamingContext');
  if (configuration !== null && domain !== null) return { configuration, domain };
  throw new Failure('directory/no-exchange', 'this is no domain controller: it names no configuration partition', {
    where: directory.where,
    hint: 'name a controller of Active Directory with --server',
  });
}

interface Accounts {
  of(server: Pick<ExchangeServer, 'name' | 'fqdn'>): ComputerAccount;
  readonly notes: readonly string[];
}

/** Of the controller's own domain. Servers of other domains are `unknown`: their accounts stand elsewhere. */
async function readAccounts(
  directory: Directory,
  domain: string,
  servers: readonly Pick<ExchangeServer, 'name' | 'fqdn'>[],
  listener: SafeListener,
): Promise<Accounts> {
  const domainName = readDomainName(domain);
  const isOurs = ({ fqdn }: Pick<ExchangeServer, 'fqdn'>): boolean => fqdn?.replace(/^[^.]*\./, '') === domainName;
  const ours = servers.filter(isOurs).map(({ name }) => name);
  const found = new Map<string, ComputerAccount>();
  listener.progress({ host: '', doing: 'computer accounts', total: ours.length });
  // Another domain of the forest below this one is always referred to, and was not asked for anything.
  for (let first = 0; first < ours.length; first += namesAtOnce) {
    const names = ours.slice(first, first + namesAtOnce);
    for (const host of names) listener.progress({ host, doing: 'reading its account' });
    const { entries } = await directory.search({
      base: domain,
      scope: 'sub',
      filter: { any: names.map((name) => ({ attribute: 'sAMAccountName', is: `${name}$` })) },
      attributes: accountAttributes,
    });
    for (const entry of entries) {
      found.set((readFirst(entry, 'sAMAccountName') ?? '').toLowerCase(), readAccount(entry));
    }
    for (const host of names) listener.progress({ host, doing: 'read', over: true });
  }
  // Who sees no account at all may not see them; that says nothing about the servers.
  const sees = ours.length === 0 || found.size > 0;
  const elsewhere = new Set(servers.flatMap((one) => (one.fqdn === null || isOurs(one) ? [] : [domainOf(one.fqdn)])));
  return {
    of: (server) =>
      isOurs(server) && sees
        ? (found.get(`${server.name}$`.toLowerCase()) ?? { kind: 'missing' })
        : { kind: 'unknown' },
    notes: [
      ...(sees
        ? []
        : [`no computer account in ${domainName} could be read: whether servers still log on is not known`]),
      ...[...elsewhere].map(
        (name) => `servers of ${name}: their computer accounts are in that domain and were not looked at`,
      ),
    ],
  };
}

function domainOf(fqdn: string): string {
  return fqdn.replace(/^[^.]*\./, '');
}

const accountDisabled = 2;
/** FILETIME counts 100 ns from 1601. */
const fileTimeAtEpoch = 116_444_736_000_000_000n;

function readAccount(entry: Entry): ComputerAccount {
  const control = Number(readFirst(entry, 'userAccountControl') ?? 0);
  const text = readFirst(entry, 'lastLogonTimestamp');
  return {
    kind: 'found',
    isDisabled: (control & accountDisabled) !== 0,
    lastLogon: text === null || !/^[1-9]\d{0,18}$/.test(text) ? null : readFileTime(BigInt(text)),
  };
}

function readFileTime(fileTime: bigint): string | null {
  const ms = Number((fileTime - fileTimeAtEpoch) / 10_000n);
  const latest = 8_640_000_000_000_000;
  return Math.abs(ms) > latest ? null : new Date(ms).toISOString();
}

/** Each place once, whatever was asked of it. */
function describeReferences(urls: readonly string[]): readonly string[] {
  const places = new Set(urls.map((url) => url.replace(/\?.*$/s, '')));
  return [...places].map((place) => `the directory refers to ${place}, which was not followed`);
}
