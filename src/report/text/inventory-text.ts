// A resolved inventory as tables: hosts with how they are reached and where they are defined; groups; one host with everything.
// It gets no secret and so can't print one.
import type { Connection, SecretRef, Origin } from '../../model/target.ts';
import { counted } from '../../model/text/counted.ts';
import { renderFittingTable, renderTable, wrapNames } from './table.ts';

/** An inventory says of every host where its secret is. */
export type ShownSecretRef = Exclude<SecretRef, { readonly kind: 'unnamed' }>;

export interface ShownHost {
  readonly host: string;
  readonly origin: Origin;
  readonly groups: readonly string[];
  /** Left out: it stands in none. */
  readonly site?: string;
  /** `password` is its reference; that of a password in the file is masked. */
  readonly connection: Omit<Connection, 'password'> & { readonly password: ShownSecretRef };
  readonly variables: Readonly<Record<string, unknown>>;
  /** Where each value is written, settings by the keys of a `winrm:` block; those that are not listed are defaults. */
  readonly valuesFrom: {
    readonly connection: Readonly<Record<string, Origin>>;
    readonly variables: Readonly<Record<string, Origin>>;
  } | null;
}

export interface ShownInventory {
  readonly hosts: readonly ShownHost[];
  readonly groups: readonly { readonly name: string; readonly hosts: readonly string[] }[];
  /** Hosts that are not reached by WinRM, and why. */
  readonly leftOut: readonly { readonly host: string; readonly reason: string }[];
}

/** `width`: of the terminal; left out: there is none. */
export function renderInventory({ hosts, groups, leftOut }: ShownInventory, width?: number): string {
  const rows = hosts.map(({ host, connection, groups: memberOf, origin }) => [
    host,
    writeUrl(connection),
    connection.auth,
    connection.username,
    passwordWords(connection.password),
    memberOf.join(' '),
    formatPlace(origin),
  ]);
  const heads = ['HOST', 'ADDRESS', 'AUTH', 'USER', 'PASSWORD', 'GROUPS', 'DEFINED IN'];
  const table = renderFittingTable([heads, ...rows], width);
  const groupLines = groups.map(
    ({ name, hosts: names }) => `${name} (${counted(names.length, 'host')})\n${wrapNames(names, '  ')}\n`,
  );
  const others = leftOut.map(({ host, reason }) => `not reached by WinRM: ${host}: ${reason}\n`);
  return [table, groupLines.join(''), others.join('')].filter((part) => part !== '').join('\n');
}

export function renderHost({ host, origin, groups, site, connection, variables }: ShownHost): string {
  const { timeouts } = connection;
  const seconds = (ms: number): string => `${ms / 1000} s`;
  const rows = [
    ['defined in', formatPlace(origin)],
    ['groups', groups.length === 0 ? 'none' : groups.join(', ')],
    ...(site === undefined ? [] : [['site', site]]),
    ['address', writeUrl(connection)],
    ['authentication', connection.auth],
    ['user', connection.username],
    ['password', passwordWords(connection.password)],
    ...(connection.scheme === 'https'
      ? [
          ['trusted CA', connection.caFile ?? "the system's"],
          ['certificate name', connection.tlsServerName ?? connection.address],
        ]
      : []),
    ...securityRows(connection),
    ['connect timeout', seconds(timeouts.connectMs)],
    ['operation timeout', seconds(timeouts.operationMs)],
    ['request timeout', seconds(timeouts.requestMs)],
    ['host timeout', seconds(timeouts.hostMs)],
  ];
  const names = Object.keys(variables).toSorted();
  const values = names.map((name) => [`  ${name}`, JSON.stringify(variables[name])]);
  return `${host}\n${renderTable(rows.map((row) => [`  ${row[0] ?? ''}`, row[1] ?? '']))}${
    names.length === 0 ? 'no variables\n' : `variables\n${renderTable(values)}`
  }`;
}

/** Settings that few hosts have, where they are set. */
function securityRows({ kerberos, tls, clientCertificate: own, proxy }: ShownHost['connection']): readonly string[][] {
  const fingerprint = tls?.fingerprint ?? null;
  const kerberosName = kerberos?.hostname ?? null;
  return [
    ...(kerberos === undefined ? [] : [['Kerberos ticket', ticketWords(kerberos)]]),
    ...(kerberosName === null ? [] : [['Kerberos host name', kerberosName]]),
    ...(tls === undefined ? [] : [['minimum TLS version', tls.minVersion]]),
    ...(fingerprint === null ? [] : [['certificate fingerprint', fingerprint]]),
    ...(tls?.validation === 'ignore' ? [['certificate check', 'NONE: any certificate is accepted']] : []),
    ...(own === undefined ? [] : [['client certificate', own.kind === 'pem' ? own.certificateFile : own.file]]),
    ...(proxy === undefined ? [] : [['proxy', `${proxy.host}:${proxy.port}`]]),
  ];
}

function ticketWords({ ticketFrom }: NonNullable<Connection['kerberos']>): string {
  switch (ticketFrom.kind) {
    case 'cache':
      return 'from kinit';
    case 'keytab':
      return `keytab ${ticketFrom.file}`;
    case 'password':
      return 'requested with the password';
  }
}

/** `http://ex01:5985/wsman` */
function writeUrl({ scheme, address, port, path }: ShownHost['connection']): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${scheme}://${host}:${port}${path}`;
}

/** `env NAME`, `file PATH`, `ansible-vault`, `asked for`, `inline (masked)`. */
function passwordWords(ref: ShownSecretRef): string {
  switch (ref.kind) {
    case 'env':
      return `env ${ref.name}`;
    case 'file':
      return `file ${ref.path}`;
    case 'command':
      return `command ${ref.argv.join(' ')}`;
    case 'keyring':
      return `keyring ${ref.name}`;
    case 'vault':
      return 'ansible-vault';
    case 'prompt':
      return 'prompt';
    case 'inline':
      return 'inline (masked)';
  }
}

function formatPlace({ file, line }: Origin): string {
  return line === 0 ? file : `${file}:${line}`;
}
