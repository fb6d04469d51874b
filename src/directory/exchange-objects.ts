// Entries of Exchange's part of the configuration partition -> servers. PURE. What is not understood is null, never guessed.
// Sources: facts/windows.md section 8 (attribute names), 0.5 (ports); ServerRole of Exchange; AdminDisplayVersion and serialNumber.
import type { BackEndPorts, ExchangeRole, ExchangeServer, ExchangeVersion } from '../model/discovery/discovery.ts';
import { readDistinguishedName, readFirstName } from './distinguished-name.ts';
import type { Entry } from './messages.ts';

export const serverAttributes = [
  'cn',
  'networkAddress',
  'msExchServerSite',
  'serialNumber',
  'versionNumber',
  'msExchCurrentServerRoles',
  'msExchMDBAvailabilityGroupLink',
] as const;

export const portAttributes = ['portNumber'] as const;

function readTexts(entry: Entry, attribute: string): readonly string[] {
  const values = entry.attributes.get(attribute.toLowerCase()) ?? [];
  return values.map((value) => Buffer.from(value).toString('utf8'));
}

export function readFirst(entry: Entry, attribute: string): string | null {
  return readTexts(entry, attribute)[0] ?? null;
}

/** Without its ports, which stand in other entries. */
export function readServer(entry: Entry): Omit<ExchangeServer, 'backEndPorts'> {
  const site = readFirst(entry, 'msExchServerSite');
  const group = readFirst(entry, 'msExchMDBAvailabilityGroupLink');
  return {
    name: readFirst(entry, 'cn') ?? readFirstName(entry.dn) ?? '',
    fqdn: readFqdn(readTexts(entry, 'networkAddress')),
    site: site === null ? null : readFirstName(site),
    version:
      readSerialNumber(readFirst(entry, 'serialNumber') ?? '') ?? readVersionNumber(readFirst(entry, 'versionNumber')),
    roles: readRoles(Number(readFirst(entry, 'msExchCurrentServerRoles') ?? 0)),
    availabilityGroup: group === null ? null : readFirstName(group),
  };
}

/** Labels of letters, digits, hyphens and underscores: what could be anything else in a file or a pattern is no name. */
const fqdnPattern = /^(?=.{1,253}$)[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,62})(?:\.[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,62}))+$/u;

/** `ncacn_ip_tcp:ex01.corp.example`, among other transports. */
function readFqdn(addresses: readonly string[]): string | null {
  const found = addresses.find((one) => /^ncacn_ip_tcp:/i.test(one))?.slice('ncacn_ip_tcp:'.length) ?? '';
  const name = found.normalize('NFC').toLowerCase();
  return fqdnPattern.test(name) && !/^[\d.]+$/.test(name) ? name : null;
}

/** Stored builds are 30000 higher than those that are shown: `Version 15.1 (Build 32507.6)` is 15.1.2507.6. */
const storedBuildOffset = 30_000;

function readSerialNumber(text: string): ExchangeVersion | null {
  const found = /^Version (\d{1,3})\.(\d{1,3}) \(Build (\d{1,6})\.(\d{1,6})\)$/.exec(text.trim());
  if (found === null) return null;
  const [major = 0, minor = 0, build = 0, revision = 0] = found.slice(1).map(Number);
  return { major, minor, build: build >= storedBuildOffset ? build - storedBuildOffset : build, revision };
}

/** `versionNumber`: six bits of major from bit 22, six of minor from bit 16, the build in the lowest 15; it has no revision. */
function readVersionNumber(text: string | null): ExchangeVersion | null {
  const number = text === null ? Number.NaN : Number(text);
  if (!Number.isInteger(number) || number <= 0) return null;
  const [major, minor, build] = [(number >>> 22) & 0x3f, (number >>> 16) & 0x3f, number & 0x7fff];
  return major === 0 ? null : { major, minor, build, revision: 0 };
}

/** Bits of ServerRole; 1 (Cafe) and 16384 (FrontendTransport) are the client access of 2013 and later. */
const roleBits: readonly (readonly [bit: number, role: ExchangeRole])[] = [
  [2, 'mailbox'],
  [1, 'client-access'],
  [4, 'client-access'],
  [16, 'unified-messaging'],
  [32, 'hub-transport'],
  [64, 'edge'],
];

function readRoles(bits: number): readonly ExchangeRole[] {
  if (!Number.isInteger(bits) || bits < 0) return [];
  return [...new Set(roleBits.filter(([bit]) => (bits & bit) !== 0).map(([, role]) => role))];
}

/** By the server's name in lower case: `portNumber` of CN=1,CN=IMAP4|POP3,CN=Protocols,CN=SERVER,CN=Servers. */
export function readPorts(entries: readonly Entry[]): ReadonlyMap<string, BackEndPorts> {
  const found = new Map<string, BackEndPorts>();
  for (const entry of entries) {
    const [instance, protocol, protocols, server, servers] = readDistinguishedName(entry.dn).map(({ value }) => value);
    const kind = protocol?.toLowerCase() === 'imap4' ? 'imap4' : protocol?.toLowerCase() === 'pop3' ? 'pop3' : null;
    const isBackEnd =
      instance === '1' && protocols?.toLowerCase() === 'protocols' && servers?.toLowerCase() === 'servers';
    if (kind === null || !isBackEnd || server === undefined) continue;
    const key = server.toLowerCase();
    found.set(key, { ...(found.get(key) ?? noPorts), [kind]: readPort(readFirst(entry, 'portNumber')) });
  }
  return found;
}

export const noPorts: BackEndPorts = { imap4: null, pop3: null };

function readPort(text: string | null): number | null {
  const port = text === null ? Number.NaN : Number(text);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
}
