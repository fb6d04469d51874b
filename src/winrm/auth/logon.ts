// How one session proves who it is: which method, with what, and for `negotiate` whether Kerberos or NTLM. It is decided once, before
// anything is sent to the host, and then makes a context for each connection. It opens no connection.
// Sources: MS-WSMV 2.2.9.1; ERROR_WSMAN_KERBEROS_IPADDRESS (no Kerberos to an address).
import { explainNoKerberos } from '../../model/connection-rules.ts';
import { asFailure } from '../../model/failure.ts';
import { kerberosServices } from '../../model/target.ts';
import type { Connection, SecretRef, Target } from '../../model/target.ts';
import { tlsServerEndPoint } from './channel-binding.ts';
import { createContext } from './create-context.ts';
import type { SecurityContext } from './security-context.ts';
import type { KerberosLogonParts } from './kerberos-logon.ts';

export interface LogonParts extends Omit<KerberosLogonParts, 'readPassword'> {
  readonly readSecret: (ref: SecretRef, target: Target) => Promise<string>;
  readonly random: (bytes: number) => Uint8Array;
  readonly now: () => Date;
  /** False: over TLS nothing is signed either, for a directory refuses that there. Left out: true. */
  readonly sign?: boolean | undefined;
}

export interface Logon {
  /** For the trace: which way was taken, and why. Null when there was no choice. */
  readonly note: string | null;
  /** Why NTLM is used where Kerberos was to be tried first; null: it is not, or was asked for. */
  readonly fallback: string | null;
  /** A fresh context for one connection. `certificate`: the server's, null over http. Rejects with Failure `auth/...`. */
  open(certificate: Uint8Array | null, signal?: AbortSignal): Promise<SecurityContext>;
}

/** Rejects with Failure `auth/...`, `secret/missing` or that of the signal. Asks for each secret at most once. */
export async function prepareLogon(parts: LogonParts, signal?: AbortSignal): Promise<Logon> {
  const { target } = parts;
  const { auth } = target.connection;
  if (auth === 'certificate') return createPlainLogon(parts, auth, '', null);
  if (auth === 'ntlm' || auth === 'basic') return createPlainLogon(parts, auth, await readPassword(parts), null);
  const known = auth === 'negotiate' ? findNoKerberos(target.connection) : null;
  const because = known ?? (await tryKerberos(parts, signal));
  if (typeof because !== 'string') return because;
  return createPlainLogon(parts, 'ntlm', await readPassword(parts), `NTLM, not Kerberos: ${because}`, because);
}

/** The logon; for `negotiate` also why there is none, when NTLM may do instead. */
async function tryKerberos(parts: LogonParts, signal: AbortSignal | undefined): Promise<Logon | string> {
  const { auth } = parts.target.connection;
  try {
    const { prepareKerberos } = await import('./kerberos-logon.ts');
    const made = await prepareKerberos({ ...parts, readPassword: () => readPassword(parts) }, signal);
    const note = auth === 'negotiate' || made.isUnusual ? `Kerberos: ${made.words}` : null;
    return { note, fallback: null, open: (certificate, current) => made.open(certificate, current) };
  } catch (thrown) {
    const failure = asFailure(thrown);
    // A refused password is not tried a second time, which would bring the account nearer to being locked.
    if (auth === 'kerberos' || !failure.code.startsWith('auth/kerberos-')) throw failure;
    return failure.code;
  }
}

function findNoKerberos({ address, username, kerberos }: Connection): string | null {
  const isFromCache = (kerberos?.ticketFrom.kind ?? 'cache') === 'cache';
  const hostname = kerberos?.hostname ?? null;
  return explainNoKerberos({ address, username, hostname, isFromCache })?.reason ?? null;
}

function readPassword({ target, readSecret }: LogonParts): Promise<string> {
  return readSecret(target.connection.password, target);
}

function createPlainLogon(
  parts: LogonParts,
  method: 'ntlm' | 'basic' | 'certificate',
  password: string,
  note: string | null,
  fallback: string | null = null,
): Logon {
  const { username, scheme, address, kerberos } = parts.target.connection;
  // As Windows' own client names it, whatever name or address the host was called by.
  const targetName = `${parts.service ?? kerberos?.service ?? kerberosServices[0]}/${kerberos?.hostname ?? address}`;
  return {
    note,
    fallback,
    // eslint-disable-next-line @typescript-eslint/require-await -- so that a refusal rejects, as it does for Kerberos
    async open(certificate) {
      const channelBinding = certificate === null ? null : tlsServerEndPoint(certificate);
      return createContext({
        method,
        username,
        password,
        scheme,
        channelBinding,
        random: parts.random,
        now: parts.now,
        targetName,
        sign: parts.sign,
      });
    },
  };
}
