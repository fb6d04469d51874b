// A Kerberos logon to one host: whose ticket, to which service, and a context for each connection. It asks the KDC, and never the host.
// Sources: wsman.md section 4.1 (service names that domains know), RFC 4121.
import { asFailure, Failure } from '../../model/failure.ts';
import { kerberosServices } from '../../model/target.ts';
import type { Target } from '../../model/target.ts';
import { tlsServerEndPointData } from './channel-binding.ts';
import { GssError } from './kerberos/library.ts';
import type { Credential, CredentialSource, KerberosLibrary } from './kerberos/library.ts';
import { createKerberosContext } from './kerberos/context.ts';
import {
  createKerberosFailure,
  createNoTicketFailure,
  createProofFailure,
  createRefusalFailure,
  createSilentKdcFailure,
} from './kerberos/failures.ts';
import type { KerberosNames } from './kerberos/failures.ts';
import { isSamePrincipal, toPrincipal } from './kerberos/principal.ts';
import type { SecurityContext } from './security-context.ts';
import type { CredentialStore } from './kerberos/credential-store.ts';
import { limitTime } from './time-limit.ts';

export interface KerberosLogonParts {
  readonly target: Target;
  readonly where: string;
  /** Called for a ticket that is got with a password, and for no other. */
  readonly readPassword: () => Promise<string>;
  readonly loadKerberos: () => Promise<KerberosLibrary>;
  /** Shared by all hosts, so that 200 of them ask the KDC for one ticket-granting ticket. */
  readonly credentials: CredentialStore;
  readonly sleep: (durationMs: number, signal?: AbortSignal) => Promise<void>;
  /** The first half of the service's name, where it is not WinRM that is asked (`ldap`). Left out: as the connection says. */
  readonly service?: string;
}

export interface KerberosLogon {
  /** `ops@CORP.EXAMPLE to HTTP/ex01.corp.example` */
  readonly words: string;
  /** True: the service is not the usual one. */
  readonly isUnusual: boolean;
  /** A context for one connection. `certificate`: the server's, null over http. Rejects like `prepareKerberos`. */
  open(certificate: Uint8Array | null, signal?: AbortSignal): Promise<SecurityContext>;
}

/**
 * Gets the tickets, so that whatever is wrong with them is known before anything is sent to the host. Waits for a KDC no longer than
 * the host's connect timeout. Rejects with Failure `auth/kerberos-...`, `auth/refused`, `secret/missing`, or that of the signal.
 */
export async function prepareKerberos(parts: KerberosLogonParts, signal?: AbortSignal): Promise<KerberosLogon> {
  const { target, where, credentials } = parts;
  const { connection } = target;
  const host = connection.kerberos?.hostname ?? connection.address;
  const seal = connection.scheme === 'http';
  const library = await addPlace(parts.loadKerberos(), where);
  const source = await readSource(parts);
  const { ticketCure } = library;

  async function acquire(current?: AbortSignal): Promise<Credential> {
    const names = { where, username: connection.username, service: null, ticketCure };
    const credential = await ask(parts, credentials.acquire(library, source), names, current);
    if (source.kind === 'ticket-cache' && connection.username !== '') {
      if (!isSamePrincipal(credential.principal, connection.username)) throw createNoTicketFailure(names);
    }
    return credential;
  }

  async function startContext(
    service: string,
    scheme: 'Kerberos' | 'Negotiate',
    channelBinding: Uint8Array | null,
    current?: AbortSignal,
  ): Promise<SecurityContext> {
    const credential = await acquire(current);
    const names = { where, username: connection.username, service: `${service}/${host}`, ticketCure };
    const started = library.initiate({ credential, service: `${service}@${host}`, channelBinding });
    try {
      const { context: gss, token } = await ask(parts, started, names, current);
      const toFailure = (error: unknown, isRefusal: boolean): Failure => {
        if (!(error instanceof GssError)) return asFailure(error);
        return isRefusal ? createRefusalFailure(error.status, names) : createProofFailure(error.status, names);
      };
      const otherwise = scheme === 'Kerberos' ? () => startContext(service, 'Negotiate', channelBinding) : null;
      return createKerberosContext({ gss, token, scheme, seal, where, toFailure, otherwise });
    } catch (thrown) {
      // It is no longer waited for: what it makes is freed when it comes.
      started.then(({ context }) => {
        context.release();
      }, ignore);
      throw thrown;
    }
  }

  const service = await findKnownService(async (one) => {
    (await startContext(one, 'Kerberos', null, signal)).close();
  });
  const { principal } = await acquire(signal);
  return {
    words: `${principal} to ${service}/${host}`,
    isUnusual: service !== (parts.service ?? connection.kerberos?.service ?? kerberosServices[0]),
    open: (certificate, current) =>
      startContext(service, 'Kerberos', certificate === null ? null : tlsServerEndPointData(certificate), current),
  };

  /** The service to ask for: the one that was named, or the first that the domain knows. */
  async function findKnownService(attempt: (service: string) => Promise<void>): Promise<string> {
    const named = parts.service ?? connection.kerberos?.service ?? null;
    let first: Failure | null = null;
    for (const one of named === null ? kerberosServices : [named]) {
      try {
        await attempt(one);
        return one;
      } catch (thrown) {
        const failure = asFailure(thrown);
        if (failure.code !== 'auth/kerberos-service') throw failure;
        first ??= failure;
      }
    }
    throw first ?? new Failure('internal/bug', 'no Kerberos service to ask for', { where });
  }
}

async function readSource({ target, readPassword }: KerberosLogonParts): Promise<CredentialSource> {
  const { kerberos, username } = target.connection;
  const from = kerberos?.ticketFrom ?? { kind: 'cache' };
  const principal = toPrincipal(username);
  if (from.kind === 'cache') {
    return { kind: 'ticket-cache', principal: principal?.includes('@') === true ? principal : null };
  }
  // connection-rules.ts has refused an account without a principal.
  if (from.kind === 'keytab') return { kind: 'keytab', principal: principal ?? '', file: from.file };
  return { kind: 'password', principal: principal ?? '', password: await readPassword() };
}

async function ask<T>(
  { where, sleep, target }: KerberosLogonParts,
  work: Promise<T>,
  names: KerberosNames,
  signal: AbortSignal | undefined,
): Promise<T> {
  const durationMs = target.connection.timeouts.connectMs;
  const late = (): Failure => createSilentKdcFailure(names, durationMs);
  try {
    return await limitTime({ work, durationMs, sleep, where, signal, late });
  } catch (thrown) {
    throw toFailure(thrown, names);
  }
}

function toFailure(error: unknown, names: KerberosNames): Failure {
  return error instanceof GssError ? createKerberosFailure(error.status, names) : asFailure(error);
}

/** The same Failure with the host in front: what is missing here is missing for every host. */
async function addPlace<T>(work: Promise<T>, where: string): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const { code, message, hint, cause } = asFailure(thrown);
    throw new Failure(code, message, { where, hint, cause });
  }
}

function ignore(): void {
  // Its failure was said already, or came too late to be of interest.
}
