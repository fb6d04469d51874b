// MIT's libgssapi_krb5 behind `KerberosLibrary` and `KerberosService`: which of its calls wait, and how many at once.
// The calls are declared in gss-calls.ts.
import pLimit from 'p-limit';
import { gssAccept } from './gss-accept.ts';
import { gssCredentials } from './gss-acquire.ts';
import { declareGssCalls } from './gss-calls.ts';
import { gssInitiate } from './gss-initiate.ts';
import type { KerberosLibrary, KerberosService } from './library.ts';
import type { Koffi } from './memory.ts';

/** The library's calls wait on their own threads; more at once would only wait there. */
const callsAtOnce = 32;

export interface Gssapi {
  readonly client: KerberosLibrary;
  /** Opens a keytab for a service. Throws GssError when it has no key that can be used. */
  openService(keytabFile: string): KerberosService;
}

/** Throws when one of the calls isn't in the library. */
export function bindGssapi(koffi: Koffi, library: ReturnType<Koffi['load']>): Gssapi {
  const calls = declareGssCalls(koffi, library);
  const credentials = gssCredentials(calls);
  const gate = pLimit(callsAtOnce);
  return {
    client: {
      acquire: (source) => gate(() => credentials.acquire(source)),
      initiate: (input) => gate(() => gssInitiate(calls, input)),
    },
    openService(keytabFile) {
      const credential = credentials.acquireService(keytabFile);
      return { accept: ({ token, channelBinding }) => gssAccept(calls, credential, token, channelBinding) };
    },
  };
}
