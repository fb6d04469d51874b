// I/O: opens the system's Kerberos library (MIT's libgssapi_krb5) through the optional package koffi, on first use. Its calls are declared in
// kerberos/gss-calls.ts. Linux alone so far: neither Windows' SSPI nor macOS' GSS framework is bound, and both are refused by name.
import { access, constants } from 'node:fs/promises';
import { Failure } from '../../model/failure.ts';
import { countCallsUnderWay } from './kerberos/calls.ts';
import { bindGssapi } from './kerberos/gssapi.ts';
import type { Gssapi } from './kerberos/gssapi.ts';
import { GssError } from './kerberos/library.ts';
import type { KerberosLibrary, KerberosService } from './kerberos/library.ts';
import type { Koffi } from './kerberos/memory.ts';

const libraryNames = ['libgssapi_krb5.so.2'];

let loaded: Promise<Gssapi> | undefined;

/** Rejects with Failure `auth/kerberos-library` when this machine has no usable library. Loaded once. */
export async function loadKerberos(): Promise<KerberosLibrary> {
  const { client } = await loadGssapi();
  return withReadableKeytabs(client);
}

/**
 * A service with the keys of this keytab. Rejects with Failure `auth/kerberos-library` as `loadKerberos` does, with `secret/missing` when
 * the file can't be read, with `auth/kerberos-ticket` when the library finds no key in it.
 */
export async function openKerberosService(keytabFile: string): Promise<KerberosService> {
  const library = await loadGssapi();
  await requireReadable(keytabFile);
  try {
    return library.openService(keytabFile);
  } catch (cause) {
    if (!(cause instanceof GssError)) throw cause;
    const message = `the keytab ${keytabFile} has no key of a service (${cause.status.words})`;
    const hint =
      'look into it with `klist -k FILE`; on a domain controller `ktpass` makes one, with MIT Kerberos `ktadd`';
    throw new Failure('auth/kerberos-ticket', message, { where: keytabFile, hint, cause });
  }
}

function loadGssapi(): Promise<Gssapi> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Gssapi> {
  if (process.platform !== 'linux') {
    const message = `Kerberos is built for Linux only so far; this machine runs ${process.platform}`;
    throw new Failure('auth/kerberos-library', message, { hint: 'use `auth: ntlm`, or run from a Linux machine' });
  }
  let koffi: Koffi;
  try {
    koffi = await import('koffi');
  } catch (cause) {
    throw new Failure(
      'auth/kerberos-library',
      'the package koffi, through which Kerberos is called, is not installed',
      {
        hint: 'install again without `--omit=optional`, or use `auth: ntlm`',
        cause,
      },
    );
  }
  if (koffi.sizeof('void *') !== 8) {
    throw new Failure('auth/kerberos-library', 'Kerberos is built for 64-bit systems only', {
      hint: 'use `auth: ntlm`',
    });
  }
  let cause: unknown;
  for (const name of libraryNames) {
    try {
      endAtOnce(koffi);
      return bindGssapi(koffi, koffi.load(name));
    } catch (thrown) {
      cause = thrown;
    }
  }
  throw new Failure('auth/kerberos-library', `the Kerberos library ${libraryNames.join(' or ')} can't be loaded`, {
    hint: 'install it: `apt install libgssapi-krb5-2` (Debian, Ubuntu), `dnf install krb5-libs` (Red Hat)',
    cause,
  });
}

/**
 * A process that ends waits for its threads, and one that asks a silent KDC is busy for half a minute. Nobody wants its answer any more:
 * when the process is told to exit, it ends without waiting.
 */
function endAtOnce(koffi: Koffi): void {
  const exit = koffi.load(null).func('_exit', 'void', ['int']);
  process.on('exit', (code) => {
    if (countCallsUnderWay() > 0) exit(code);
  });
}

function withReadableKeytabs(library: KerberosLibrary): KerberosLibrary {
  return {
    ...library,
    async acquire(source) {
      if (source.kind === 'keytab') await requireReadable(source.file);
      return await library.acquire(source);
    },
  };
}

/** The library says no more of a keytab it can't read than that there are no credentials. */
async function requireReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    throw new Failure('secret/missing', `the keytab ${file} can't be read`, {
      where: file,
      hint: 'name a keytab that this user may read (`kerberos_keytab`); make one with `ktutil` or `ktpass`',
      cause,
    });
  }
}
