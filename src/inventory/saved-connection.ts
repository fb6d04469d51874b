// A connection as it may be saved, and the way back. Saved is where a host is reached and as whom; of its secret only the kind. The
// secret comes back from an inventory, which has to reach the host as it was saved. Pure, but for the folder that paths are relative to.
import { resolve } from 'node:path';
import type { Connection, CredentialKind, KerberosSettings, SavedConnection, SecretRef } from '../model/target.ts';

/** Every part is named: what a later `Connection` has besides is not saved by accident. */
export function saveConnection(connection: Connection): SavedConnection {
  const { caFile, kerberos } = connection;
  return {
    ...describePlace(connection),
    caFile: caFile === null ? null : resolve(caFile),
    credential: pickCredential(connection),
    ...(kerberos === undefined ? {} : { kerberos: { service: kerberos.service, hostname: kerberos.hostname } }),
  };
}

/** One setting of a host that is not as it was saved; both as words to show. */
export interface ConnectionDifference {
  readonly setting: string;
  readonly saved: string;
  readonly given: string;
}

/** What of an inventory's connection leads elsewhere, or proves otherwise who is there, than it was saved. Timeouts are harmless. */
export function compareConnections(saved: SavedConnection, given: Connection): readonly ConnectionDifference[] {
  const [before, now] = [pickSettings(saved), pickSettings(saveConnection(given))];
  return before.flatMap(([setting, value], index) => {
    const other = now[index]?.[1] ?? '';
    return value === other ? [] : [{ setting, saved: shown(value), given: shown(other) }];
  });
}

/**
 * The connection as it was saved, with the secret of `inventory`, the same host's connection in the operator's inventory. Null: that
 * has no such host; a password is asked for then, and a keytab or client certificate can't be had: `connection-rules.ts` refuses.
 */
export function restoreConnection(
  saved: SavedConnection,
  inventory: Connection | null,
  unnamed: SecretRef = { kind: 'unnamed', inventory: '-i INVENTORY' },
): Connection {
  const ticketFrom = inventory === null ? ticketFromNothing(saved.credential) : inventory.kerberos?.ticketFrom;
  const kerberos = withTicket(saved.kerberos, ticketFrom);
  const own = inventory?.clientCertificate;
  const password = inventory?.password ?? unnamed;
  // What is saved comes last: of an object that is spread and then added to V8 keeps a shape for each host, as large as the object.
  return {
    password,
    ...(kerberos === null ? {} : { kerberos }),
    ...(own === undefined ? {} : { clientCertificate: own }),
    ...describePlace(saved),
  };
}

/** Named one by one: what else a forged file may hold is left behind. */
function describePlace(connection: Connection | SavedConnection): Omit<SavedConnection, 'credential' | 'kerberos'> {
  const { address, port, scheme, path, auth, username, caFile, tlsServerName, timeouts, tls, proxy } = connection;
  return {
    address,
    port,
    scheme,
    path,
    auth,
    username,
    caFile,
    tlsServerName,
    timeouts,
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

function pickCredential({ auth, kerberos }: Connection): CredentialKind {
  if (auth === 'certificate') return 'client-certificate';
  if (auth === 'ntlm' || auth === 'basic') return 'password';
  const from = kerberos?.ticketFrom.kind ?? 'cache';
  return from === 'cache' ? 'ticket-cache' : from;
}

function ticketFromNothing(credential: CredentialKind): KerberosSettings['ticketFrom'] {
  return { kind: credential === 'ticket-cache' ? 'cache' : 'password' };
}

function withTicket(
  saved: SavedConnection['kerberos'],
  ticketFrom: KerberosSettings['ticketFrom'] = { kind: 'cache' },
): KerberosSettings | null {
  if (saved === undefined && ticketFrom.kind === 'cache') return null;
  return { service: saved?.service ?? null, hostname: saved?.hostname ?? null, ticketFrom };
}

/** In this order for every connection; what is left out is shown as what it stands for. */
function pickSettings(connection: SavedConnection): readonly (readonly [setting: string, value: string])[] {
  const { address, port, scheme, path, auth, username, caFile, tlsServerName, kerberos, tls, proxy } = connection;
  return [
    ['address', address],
    ['port', String(port)],
    ['scheme', scheme],
    ['path', path],
    ['authentication', auth],
    ['account', username],
    ['CA file', caFile ?? "the system's"],
    ['certificate fingerprint', tls?.fingerprint ?? 'none'],
    ['certificate validation', tls?.validation ?? 'validate'],
    ['minimum TLS version', tls?.minVersion ?? '1.2'],
    ['certificate name', nameBeside(address, tlsServerName)],
    ['Kerberos service', kerberos?.service ?? 'any'],
    ['Kerberos host name', nameBeside(address, kerberos?.hostname ?? null)],
    ['proxy', proxy === undefined ? 'none' : `${proxy.host}:${proxy.port}`],
  ];
}

/** Written out or left to the address: the same. */
function nameBeside(address: string, name: string | null): string {
  return name === null || name === address ? 'the address' : name;
}

/** What a forged file holds comes to a terminal. */
function shown(value: string): string {
  return value.replaceAll(/\p{C}/gu, '?');
}
