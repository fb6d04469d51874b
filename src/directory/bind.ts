// The logon to a domain controller: a simple bind over TLS, or the tool's own Kerberos (SASL GSSAPI) and NTLM (GSS-SPNEGO), bound to the
// TLS connection, or sealed where there is none. It decides nothing about which server. Sources: RFC 4752, MS-ADTS 5.1.1.1 and 5.1.2.
import { Failure } from '../model/failure.ts';
import type { SecretRef, Target } from '../model/target.ts';
import { prepareLogon, type LogonParts } from '../winrm/auth/logon.ts';
import type { SecurityContext } from '../winrm/auth/security-context.ts';
import type { LdapConnection } from './connection.ts';
import { createBindFailure, resultCodes, type BindNames } from './failures.ts';
import { writeSaslBind, writeSimpleBind } from './messages.ts';

export type DirectoryAuth = 'negotiate' | 'kerberos' | 'ntlm' | 'simple';

export interface DirectoryAccount {
  readonly auth: DirectoryAuth;
  /** `user@domain`, `DOMAIN\user`, for a simple bind also a DN; empty: whoever the Kerberos ticket is of. */
  readonly username: string;
  readonly password: SecretRef;
  /** Kerberos: from the password instead of the ticket cache. */
  readonly asksForTicket: boolean;
}

/** What WinRM's logons need too, without the host. */
export type BindParts = Pick<LogonParts, 'readSecret' | 'random' | 'now' | 'loadKerberos' | 'credentials' | 'sleep'>;

export interface BindPlace {
  readonly host: string;
  readonly port: number;
  readonly where: string;
  readonly timeoutMs: number;
  /** The controller's certificate in DER; null: there is no TLS. */
  readonly certificate: Uint8Array | null;
}

/** RFC 4752 section 3.1. */
const layers = { none: 1, confidential: 4 } as const;
/** How much of a sealed message may come at once; the largest that fits three bytes. */
const largestSealed = 0xffffff;
const ntlmSignatureBytes = 16;

/** Rejects with Failure `auth/...`, `secret/missing` or `directory/...`. */
export async function bind(
  connection: LdapConnection,
  account: DirectoryAccount,
  place: BindPlace,
  parts: BindParts,
): Promise<void> {
  const isTls = place.certificate !== null;
  const { where } = place;
  const target = toTarget(account, place);
  if (account.auth === 'simple') {
    if (!isTls) {
      throw new Failure('auth/unsafe', 'a simple bind would send the password in clear', {
        where,
        hint: 'use --tls ldaps or --tls starttls',
      });
    }
    const password = await parts.readSecret(account.password, target);
    // A bind with a name and no password is anonymous and succeeds (RFC 4513 section 5.1.2).
    if (password === '' || account.username === '') {
      throw new Failure('secret/missing', 'a simple bind needs an account and its password', { where });
    }
    const { result } = await connection.ask((id) => writeSimpleBind(id, account.username, password));
    if (result.code === resultCodes.success) return;
    throw createBindFailure(result, { where, username: account.username, method: 'simple', isTls });
  }
  // What signs or seals inside TLS is refused there (MS-ADTS 5.1.1.1.2).
  const logon = await prepareLogon({ ...parts, target, where, service: 'ldap', sign: !isTls });
  const context = await logon.open(place.certificate);
  const mechanism = context.method === 'kerberos' ? 'GSSAPI' : 'GSS-SPNEGO';
  try {
    const names = { where, username: account.username, method: mechanism, isTls };
    if (context.method === 'kerberos') await bindByKerberos(connection, context, names);
    else await exchangeTokens(connection, context, names);
  } catch (thrown) {
    context.close();
    throw thrown;
  }
  if (isTls || context.sealing === null) {
    context.close();
    return;
  }
  connection.protect(context.sealing, context.method === 'ntlm' ? ntlmSignatureBytes : 0);
}

/** Until the server says that it is done, or owes nothing more. Resolves with the last token it sent in between. */
async function exchangeTokens(
  connection: LdapConnection,
  context: SecurityContext,
  names: BindNames,
  isOver: (() => boolean) | null = null,
): Promise<void> {
  let token = context.step(null) ?? new Uint8Array();
  for (;;) {
    const sent = token;
    const { result } = await connection.ask((id) => writeSaslBind(id, names.method, sent));
    if (result.code !== resultCodes.success && result.code !== resultCodes.saslBindInProgress) {
      throw createBindFailure(result, names);
    }
    const next = result.token === null || result.token.length === 0 ? null : context.step(result.token);
    if (result.code === resultCodes.success || isOver?.() === true) return;
    if (next === null) {
      throw new Failure('auth/server', 'the domain controller asks for more than this logon has', {
        where: names.where,
      });
    }
    token = next;
  }
}

async function bindByKerberos(connection: LdapConnection, context: SecurityContext, names: BindNames): Promise<void> {
  const { where, isTls } = names;
  await exchangeTokens(connection, context, names, () => !context.awaitsProof);
  const signatures = context.signatures ?? null;
  if (signatures === null) {
    throw new Failure('auth/unsupported', "Kerberos to a directory needs MIT's Kerberos library", {
      where,
      hint: 'use --auth ntlm, or --auth simple over TLS',
    });
  }
  const offer = await connection.ask((id) => writeSaslBind(id, names.method, new Uint8Array()));
  if (offer.result.code !== resultCodes.saslBindInProgress || offer.result.token === null) {
    throw createBindFailure(offer.result, names);
  }
  const offered = signatures.verify(offer.result.token)[0] ?? 0;
  const layer = isTls ? layers.none : layers.confidential;
  if ((offered & layer) === 0) {
    throw new Failure(
      'directory/stronger-auth',
      `the domain controller offers no logon ${isTls ? 'without' : 'with'} sealing here`,
      {
        where,
        hint: isTls ? 'use --tls none, which seals the connection by Kerberos itself' : 'use --tls ldaps',
      },
    );
  }
  const answer = Buffer.alloc(4);
  answer.writeUInt32BE(layer === layers.none ? 0 : largestSealed);
  answer[0] = layer;
  const { result } = await connection.ask((id) => writeSaslBind(id, names.method, signatures.sign(answer)));
  if (result.code !== resultCodes.success) throw createBindFailure(result, names);
}

/** As WinRM's logons take it: `http` is what seals. */
function toTarget({ auth, username, password, asksForTicket }: DirectoryAccount, place: BindPlace): Target {
  const { host, port, timeoutMs, certificate } = place;
  return {
    name: host,
    connection: {
      address: host,
      port,
      scheme: certificate === null ? 'http' : 'https',
      path: '',
      auth: auth === 'simple' ? 'basic' : auth,
      username,
      password,
      caFile: null,
      tlsServerName: null,
      timeouts: { connectMs: timeoutMs, operationMs: timeoutMs, requestMs: timeoutMs, hostMs: timeoutMs },
      kerberos: { service: null, hostname: null, ticketFrom: { kind: asksForTicket ? 'password' : 'cache' } },
    },
    groups: [],
    variables: {},
    origin: { file: '--domain', line: 0, column: 0 },
  };
}
