// From a target's settings to a security context, for the methods that need no other server: NTLM, Basic, certificate. It opens nothing. (Kerberos,
// which asks a KDC first, is started in logon.ts.)
import { Failure } from '../../model/failure.ts';
import { createBasicContext } from './basic.ts';
import { createCertificateContext } from './certificate.ts';
import { createNtlmInitiator } from './ntlm/context.ts';
import type { SecurityContext } from './security-context.ts';

export interface ContextChoice {
  readonly method: 'ntlm' | 'basic' | 'certificate';
  /** `DOMAIN\user`, `.\user`, `user@realm` or `user`. */
  readonly username: string;
  readonly password: string;
  readonly scheme: 'http' | 'https';
  /** `tlsServerEndPoint` of the server's certificate; null over http, or behind a proxy that ends TLS. */
  readonly channelBinding: Uint8Array | null;
  readonly random: (bytes: number) => Uint8Array;
  readonly now: () => Date;
  /** The service asked for, `HTTP/ex01.corp.example`; null or left out: none is named. */
  readonly targetName?: string | null;
  /** For NTLM over https; left out: true. */
  readonly sign?: boolean | undefined;
}

/** A fresh context for one connection. Throws Failure `auth/unsafe` for basic over http. */
export function createContext(choice: ContextChoice): SecurityContext {
  const { method, username, password, scheme, channelBinding, random, now } = choice;
  if (method === 'certificate') return createCertificateContext();
  if (method === 'basic') {
    if (scheme !== 'https') {
      throw new Failure('auth/unsafe', 'basic authentication would send the password in clear over http', {
        hint: 'use https (port 5986), or ntlm, which seals its messages over http too',
      });
    }
    return createBasicContext(username, password);
  }
  return createNtlmInitiator({
    username,
    password,
    workstation: '',
    random,
    now,
    channelBinding: scheme === 'https' ? channelBinding : null,
    targetName: choice.targetName ?? null,
    seal: scheme === 'http',
    sign: choice.sign,
  });
}
