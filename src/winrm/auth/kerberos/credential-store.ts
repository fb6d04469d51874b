// Kerberos credentials of one process: each account's is acquired once and shared by all hosts, so that a wrong password is tried once
// and no account is locked by a fleet. It keeps no password: only its digest tells two apart.
import { createHash } from 'node:crypto';
import { isRefusedByDomain } from './failures.ts';
import { GssError } from './library.ts';
import type { Credential, CredentialSource, KerberosLibrary } from './library.ts';

export interface CredentialStore {
  /** Rejects as `KerberosLibrary.acquire` does. A failure is given to everybody who asks within a minute, and a refusal always. */
  acquire(library: KerberosLibrary, source: CredentialSource): Promise<Credential>;
}

/** A ticket with less than this to go is replaced: a session may last for minutes. */
const sparePartMs = 5 * 60_000;
const failureMs = 60_000;

/** `elapsedMs`: of a clock that never jumps. */
export function createCredentialStore(elapsedMs: () => number): CredentialStore {
  const known = new Map<string, { readonly credential: Promise<Credential>; goodUntilMs: number }>();
  return {
    acquire(library, source) {
      const key = writeKey(source);
      const found = known.get(key);
      if (found !== undefined && elapsedMs() < found.goodUntilMs) return found.credential;
      const entry = { credential: library.acquire(source), goodUntilMs: Number.POSITIVE_INFINITY };
      known.set(key, entry);
      entry.credential.then(
        (credential) => {
          entry.goodUntilMs = elapsedMs() + Math.max(failureMs, credential.lifetimeSeconds * 1000 - sparePartMs);
        },
        (thrown: unknown) => {
          // What was refused stays refused; anything else may have passed in a minute.
          const isRefused = thrown instanceof GssError && isRefusedByDomain(thrown.status);
          if (!isRefused) entry.goodUntilMs = elapsedMs() + failureMs;
        },
      );
      return entry.credential;
    },
  };
}

function writeKey(source: CredentialSource): string {
  const secret = source.kind === 'password' ? createHash('sha256').update(source.password).digest('hex') : '';
  return JSON.stringify([source.kind, source.principal, source.kind === 'keytab' ? source.file : secret]);
}
