// The server's side of a Kerberos logon in HTTP: which tokens are Kerberos', the answer that a client gets, the seal it leaves behind.
// Decrypting is the seam's (KerberosService over a keytab). A ticket that was delegated is not kept. Sources: RFC 4559, RFC 4178 section 5,
// MS-SPNG 3.1.5.2, MS-WSMV 2.2.9.1 and 2.2.4.34; wsman.md sections 4.1 and 8.
import { Failure } from '../../model/failure.ts';
import type { AcceptAnswer, KerberosService } from '../../winrm/auth/kerberos/library.ts';
import { kerberosSealing } from '../../winrm/auth/kerberos/sealing.ts';
import type { Sealing } from '../../winrm/auth/security-context.ts';
import type { NegTokenInit } from '../../winrm/auth/spnego.ts';
import { isBareKerberos, isSpnego, readSpnego, writeNegTokenResp } from '../../winrm/auth/spnego.ts';
import type { SealedProtocol } from '../../winrm/channel/sealed-body.ts';

export type KerberosScheme = 'Negotiate' | 'Kerberos';

export interface KerberosAcceptor {
  readonly service: KerberosService;
  /** `tls-server-end-point:` and the hash of the server's own certificate; null over http. */
  readonly channelBinding: Uint8Array | null;
  /** CbtHardeningLevel Strict; false is Relaxed: checked when present [MS-WSMV 2.2.4.34]. */
  readonly requireChannelBinding: boolean;
}

interface KerberosLogon {
  /** `CORP\ops` */
  readonly user: string;
  /** Null: the client asked for no encryption. */
  readonly sealing: Sealing | null;
  readonly protocol: SealedProtocol;
  release(): void;
}

export interface KerberosAnswer {
  /** The value of WWW-Authenticate that goes with it; null: no token is sent. */
  readonly challenge: string | null;
  /** Null: refused. */
  readonly logon: KerberosLogon | null;
}

/** A token of Kerberos, and how its answer is wrapped. */
interface TokenFrame {
  readonly apReq: Uint8Array;
  readonly wrap: (answer: AcceptAnswer) => Uint8Array | null;
}

/** Null: the token is not Kerberos', or not first. It is NTLM's then. */
export function answerKerberos(
  acceptor: KerberosAcceptor,
  scheme: KerberosScheme,
  token: Uint8Array,
): KerberosAnswer | null {
  const framed = readFrame(token);
  if (framed === null) return null;
  const answer = acceptor.service.accept({ token: framed.apReq, channelBinding: acceptor.channelBinding });
  const reply = framed.wrap(answer);
  const challenge = reply === null ? null : `${scheme} ${Buffer.from(reply).toString('base64')}`;
  if (answer.kind === 'refused') return { challenge, logon: null };
  if (acceptor.requireChannelBinding && acceptor.channelBinding !== null && !answer.isBound) {
    answer.context.release();
    return { challenge: null, logon: null };
  }
  const { context } = answer;
  return {
    challenge,
    logon: {
      user: readAccountName(answer.principal),
      sealing: answer.isConfidential ? kerberosSealing(context, 'lab') : null,
      protocol: `application/HTTP-${scheme === 'Negotiate' ? 'SPNEGO' : 'Kerberos'}-session-encrypted`,
      release() {
        context.release();
      },
    },
  };
}

/**
 * Bare, as pywinrm sends it even under Negotiate, or in SPNEGO when Kerberos is the client's first choice, whose token comes with it. No
 * mechListMIC is needed then (RFC 4178 section 5). A refusal carries the KRB-ERROR: Windows clients log it as received from the server
 * (event 4 of Security-Kerberos, KRB_AP_ERR_MODIFIED).
 */
function readFrame(token: Uint8Array): TokenFrame | null {
  if (isBareKerberos(token)) return { apReq: token, wrap: (answer) => answer.token };
  const init = isSpnego(token) ? readInit(token) : null;
  if (init === null || init.mechToken === null || init.preferredKerberos === null) return null;
  const chooses = init.preferredKerberos;
  return {
    apReq: init.mechToken,
    wrap: (answer) =>
      writeNegTokenResp({
        state: answer.kind === 'accepted' ? 'accept-completed' : 'reject',
        chooses,
        responseToken: answer.token,
      }),
  };
}

/** Null for what can't be read; the client is refused by whoever comes next. */
function readInit(token: Uint8Array): NegTokenInit | null {
  try {
    const read = readSpnego(token);
    return read.kind === 'init' ? read : null;
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

/** The NetBIOS name of a domain is most often the first label of its realm. */
function readAccountName(principal: string): string {
  const at = principal.lastIndexOf('@');
  const domain = principal.slice(at + 1).split('.')[0] ?? '';
  return `${domain.toUpperCase()}\\${principal.slice(0, at)}`;
}
