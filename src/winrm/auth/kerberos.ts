// I/O: opens the system's Kerberos library (MIT's libgssapi_krb5) through the optional package koffi, on first use. Its calls are declared in
// kerberos/gssapi.ts. Linux alone so far: neither Windows' SSPI nor macOS' GSS framework is bound, and both are refused by name.
import { access, constants } from 'node:fs/promises';
import { Failure } from '../../model/failure.ts';
import { countCallsUnderWay } from './kerberos/calls.ts';
import { bindGssapi } from './kerberos/gssapi.ts';
import type { KerberosLibrary } from './kerberos/library.ts';
import type { Koffi } from './kerberos/memory.ts';

const libraryNames = ['libgssapi_krb5.so.2'];

let loaded: Promise<KerberosLibrary> | undefined;

/** Rejects with Failure `auth/kerberos-library` when this machine has no usable library. Loaded once. */
export function loadKerberos(): Promise<KerberosLibrary> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<KerberosLibrary> {
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
      return withReadableKeytabs(bindGssapi(koffi, koffi.load(name)));
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
