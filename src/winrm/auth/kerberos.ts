// I/O: opens the system's Kerberos library through the optional package koffi, on first use: MIT's libgssapi_krb5 on Linux (calls in
// kerberos/gss-calls.ts) and, where Homebrew or MacPorts brought it, on macOS; secur32.dll on Windows (kerberos/secur32.ts). Neither macOS
// nor Windows was ever run.
import { access, constants } from 'node:fs/promises';
import type { LibraryHandle } from 'koffi';
import { Failure } from '../../model/failure.ts';
import { countCallsUnderWay } from './kerberos/calls.ts';
import { bindGssapi } from './kerberos/gssapi.ts';
import type { Gssapi } from './kerberos/gssapi.ts';
import { GssError } from './kerberos/library.ts';
import type { KerberosLibrary, KerberosService } from './kerberos/library.ts';
import type { Koffi } from './kerberos/memory.ts';
import { bindSecur32 } from './kerberos/secur32.ts';
import { createSspiLibrary } from './kerberos/sspi.ts';

/** Where a library is looked for, in this order, and how a person gets it. */
const systems: Partial<Record<NodeJS.Platform, { readonly names: readonly string[]; readonly fix: string }>> = {
  linux: {
    names: ['libgssapi_krb5.so.2'],
    fix: 'install it: `apt install libgssapi-krb5-2` (Debian, Ubuntu), `dnf install krb5-libs` (Red Hat)',
  },
  // Not GSS.framework: it has neither gss_wrap_iov (its name there is private to Apple) nor gss_acquire_cred_from.
  darwin: {
    names: ['/opt/homebrew/opt/krb5/lib/libgssapi_krb5.dylib', '/opt/local/lib/libgssapi_krb5.dylib'],
    fix: "install MIT's library, which macOS' own does not replace: `brew install krb5`, and use its `kinit`",
  },
  win32: { names: ['secur32.dll'], fix: 'it is part of Windows; use `auth: ntlm`' },
};

let loaded: Promise<KerberosLibrary> | undefined;
let opened: Promise<Gssapi> | undefined;

/** Rejects with Failure `auth/kerberos-library` when this machine has no usable library. Loaded once. */
export function loadKerberos(): Promise<KerberosLibrary> {
  loaded ??= process.platform === 'win32' ? loadSspi() : loadGssapi().then(({ client }) => withReadableKeytabs(client));
  return loaded;
}

/**
 * A service with the keys of this keytab. Rejects with Failure `auth/kerberos-library` as `loadKerberos` does and on Windows, with
 * `secret/missing` when the file can't be read, with `auth/kerberos-ticket` when the library finds no key in it.
 */
export async function openKerberosService(keytabFile: string): Promise<KerberosService> {
  if (process.platform === 'win32') {
    throw new Failure('auth/kerberos-library', 'Windows takes no keytab, so nothing here can take tickets with one', {
      hint: 'run the lab with `--keytab` on Linux, or without it',
    });
  }
  const library = await loadGssapi();
  await requireReadable(keytabFile);
  try {
    return library.openService(keytabFile);
  } catch (cause) {
    if (!(cause instanceof GssError)) throw cause;
    const message = `the keytab has no key of a service (${cause.status.words})`;
    const hint =
      'look into it with `klist -k FILE`; on a domain controller `ktpass` makes one, with MIT Kerberos `ktadd`';
    throw new Failure('auth/kerberos-ticket', message, { where: keytabFile, hint, cause });
  }
}

function loadGssapi(): Promise<Gssapi> {
  opened ??= load((koffi, library) => {
    endAtOnce(koffi);
    return bindGssapi(koffi, library);
  });
  return opened;
}

function loadSspi(): Promise<KerberosLibrary> {
  return load((koffi, library) => createSspiLibrary(bindSecur32(koffi, library)));
}

async function load<T>(bind: (koffi: Koffi, library: LibraryHandle) => T): Promise<T> {
  const system = systems[process.platform];
  // MIT's and Apple's headers pack structs on Intel Macs, and on no other machine.
  if (system === undefined || (process.platform === 'darwin' && process.arch !== 'arm64')) {
    const machine = `${process.platform} on ${process.arch}`;
    throw new Failure('auth/kerberos-library', `Kerberos is not built for ${machine}`, {
      hint: 'use `auth: ntlm`, or run from Linux, Windows or a Mac with Apple silicon',
    });
  }
  let koffi: Koffi;
  try {
    koffi = await import('koffi');
  } catch (cause) {
    // The single executable has it inside, and says itself what it lacks.
    if (cause instanceof Failure) throw cause;
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
  for (const name of system.names) {
    try {
      return bind(koffi, koffi.load(name));
    } catch (thrown) {
      cause = thrown;
    }
  }
  throw new Failure('auth/kerberos-library', `the Kerberos library ${system.names.join(' or ')} can't be loaded`, {
    hint: system.fix,
    cause,
  });
}

/**
 * A process that ends waits for its threads, and one that asks a silent KDC is busy for half a minute. Its answer is no longer needed:
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
      hint: 'name a keytab that this user may read (`kerberos_keytab`); make one with `ktutil` or `ktpass`',
      cause,
    });
  }
}
