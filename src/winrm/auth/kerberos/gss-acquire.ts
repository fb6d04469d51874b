// Credentials from GSS-API: a user's (ticket cache, keytab, password) and a service's (keytab). It caches nothing.
// Source: RFC 2744 section 5.2; gssapi_ext.h of MIT Kerberos (gss_acquire_cred_from and its store keys).
import { indefinite, nameTypes } from './gss-calls.ts';
import type { GssCalls } from './gss-calls.ts';
import type { Credential, CredentialSource, GssHandle } from './library.ts';

const initiateUsage = 1;
const acceptUsage = 2;

export interface GssCredentials {
  acquire(source: CredentialSource): Promise<Credential>;
  /** For every key in the keytab. Reads a file, asks no server. Throws GssError. */
  acquireService(keytabFile: string): GssHandle;
}

export function gssCredentials(calls: GssCalls): GssCredentials {
  const { gss, memory, mechanisms, check, importName, takeName } = calls;
  let cacheCount = 0;

  async function acquire(source: CredentialSource): Promise<Credential> {
    const name = source.principal === null ? null : importName(source.principal, nameTypes.user);
    const handle = Buffer.alloc(8);
    const nameHandle = name === null ? null : name.readBigUInt64LE();
    try {
      if (source.kind === 'password') {
        const password = Buffer.from(source.password, 'utf8');
        const described = memory.sized(password);
        const done = await gss.acquireWithPassword.async(
          ...[nameHandle, described, indefinite, mechanisms, initiateUsage, handle, null, null],
        );
        password.fill(0);
        check(done);
      } else {
        const store = source.kind === 'keytab' ? keytabStore(source.file) : null;
        check(
          await gss.acquireFrom.async(
            ...[nameHandle, indefinite, mechanisms, initiateUsage, store, handle, null, null],
          ),
        );
      }
      return await inquire(handle.readBigUInt64LE());
    } finally {
      if (name !== null) gss.releaseName(name);
    }
  }

  /** A keytab fills a ticket cache of its own in memory; the user's is left alone. */
  function keytabStore(file: string): Buffer {
    cacheCount += 1;
    return keyValueSet('client_keytab', `FILE:${file}`, 'ccache', `MEMORY:fencepost-${cacheCount}`);
  }

  /** gss_key_value_set_desc. */
  function keyValueSet(...texts: readonly string[]): Buffer {
    const elements = memory.block(
      texts.length * 8,
      ...texts.map((text, index) => [index * 8, memory.text(text)] as const),
    );
    return memory.block(16, [0, BigInt(texts.length / 2)], [8, elements]);
  }

  /** Also makes the library fetch the first ticket now, so that a wrong password is found out once and not by every host. */
  async function inquire(handle: GssHandle): Promise<Credential> {
    const name = Buffer.alloc(8);
    const lifetime = Buffer.alloc(4);
    try {
      check(await gss.inquire.async(handle, name, lifetime, null, null));
      return { handle, principal: takeName(name), lifetimeSeconds: lifetime.readUInt32LE() };
    } catch (thrown) {
      gss.releaseCredential(memory.block(8, [0, handle]));
      throw thrown;
    }
  }

  return {
    acquire,
    acquireService(keytabFile) {
      const handle = Buffer.alloc(8);
      const store = keyValueSet('keytab', `FILE:${keytabFile}`);
      check(gss.acquireFrom(null, indefinite, mechanisms, acceptUsage, store, handle, null, null));
      return handle.readBigUInt64LE();
    },
  };
}
