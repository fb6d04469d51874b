// A client certificate as a way to log on: TLS proves it, and one header word on every request says that it is meant to count. It
// carries no token. Which certificate is for the socket to know. Source: DSP0226 C.3.1.15; wsman.md section 2.1.
import { certificateScheme } from './security-context.ts';
import type { SecurityContext } from './security-context.ts';

export function createCertificateContext(): SecurityContext {
  let sent = false;
  return {
    method: 'certificate',
    scheme: certificateScheme,
    step(token) {
      if (token !== null || sent) return null;
      sent = true;
      return new Uint8Array();
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
