// Basic authentication (RFC 7617): the password itself, so only ever over verified TLS; create-context.ts refuses it elsewhere.
import { Failure } from '../../model/failure.ts';
import type { SecurityContext } from './security-context.ts';

/** A context whose one token is `user:password` in UTF-8. Throws Failure `auth/unsupported` for a colon in the user name. */
export function createBasicContext(username: string, password: string): SecurityContext {
  if (username.includes(':')) {
    throw new Failure('auth/unsupported', 'expected a user name without a colon for basic authentication, got one', {
      hint: 'use ntlm, or another account',
    });
  }
  let sent = false;
  return {
    method: 'basic',
    scheme: 'Basic',
    step(token) {
      if (token !== null || sent) return null;
      sent = true;
      return Buffer.from(`${username}:${password}`, 'utf8');
    },
    get done() {
      return sent;
    },
    awaitsProof: false,
    sealing: null,
    otherwise: null,
    close: () => undefined,
  };
}
