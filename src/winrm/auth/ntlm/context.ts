// The client's side of NTLM [MS-NLMP 3.1.5.1]: NEGOTIATE out, CHALLENGE in, AUTHENTICATE out, then sealing. Bare NTLM or, when the
// server wraps it, inside SPNEGO. It knows no header and no socket, and asks for its time and randomness.
import { Failure } from '../../../model/failure.ts';
import type { SecurityContext } from '../security-context.ts';
import { isBareNtlm, ntlmMechTypeList, readSpnego, writeNegTokenInit, writeNegTokenResp } from '../spnego.ts';
import { avFlagMic, avFlags, avIds, avText, avValue, readAvPairs, withAvPair, writeAvPairs } from './av-pairs.ts';
import type { AvPair } from './av-pairs.ts';
import { hasFlags, joinFlags, ntlmFlags } from './flags.ts';
import { micLength, micOffset, readChallenge, writeAuthenticate, writeNegotiate } from './messages.ts';
import type { NtlmVersion } from './messages.ts';
import {
  exchangeKey,
  fileTime,
  lmV2Response,
  messageIntegrityCode,
  ntlmV2Response,
  ntowfV2,
  upperCaseUnits,
} from './response.ts';
import { ntlmSealing } from './seal.ts';
import type { NtlmSealing } from './seal.ts';

export interface NtlmInitiatorInput {
  /** `DOMAIN\user`, `.\user` (an account of the host itself), `user@realm` or `user`. */
  readonly username: string;
  readonly password: string;
  /** Name of this machine, for the host's log; may be empty. */
  readonly workstation: string;
  readonly random: (bytes: number) => Uint8Array;
  readonly now: () => Date;
  /** 16 bytes of `tlsServerEndPoint`; null: none. */
  readonly channelBinding: Uint8Array | null;
  /** The service asked for, `HTTP/ex01`; null: none is named. */
  readonly targetName: string | null;
  /** True over http. Over TLS bodies travel in clear inside it, and a server may refuse them once SEAL was agreed on (wsman.md 3.1). */
  readonly seal: boolean;
  /** False without `seal`: signatures are not agreed on, for a directory refuses them over TLS. Left out: true. */
  readonly sign?: boolean | undefined;
  /** True: begins with a NegTokenInit and signs the list of mechanisms. Windows takes bare NTLM, so the default is false. */
  readonly spnego?: boolean;
}

const version: NtlmVersion = { major: 10, minor: 0, build: 0, revision: 15 };

/** A fresh context for one connection. Its `step` throws Failure `auth/server`, `auth/refused` or `auth/unsafe`. */
export function createNtlmInitiator(input: NtlmInitiatorInput): SecurityContext {
  const signs = input.seal || input.sign !== false;
  const offered = joinFlags(
    ntlmFlags.unicode,
    ntlmFlags.requestTarget,
    signs ? ntlmFlags.sign : 0,
    input.seal ? ntlmFlags.seal : 0,
    ntlmFlags.ntlm,
    ntlmFlags.alwaysSign,
    ntlmFlags.extendedSessionSecurity,
    ntlmFlags.targetInfo,
    ntlmFlags.version,
    ntlmFlags.key128,
    ntlmFlags.keyExchange,
    ntlmFlags.key56,
  );
  const negotiate = writeNegotiate({ flags: offered, domain: '', workstation: '', version });
  const beginsWithSpnego = input.spnego ?? false;
  let state: 'new' | 'negotiated' | 'done' = 'new';
  let sealing: NtlmSealing | null = null;

  function answerChallenge(token: Uint8Array): Uint8Array {
    if (isBareNtlm(token)) {
      const proved = authenticate(input, offered, negotiate, token);
      sealing = proved.sealing;
      return proved.message;
    }
    const wrapped = readSpnego(token);
    if (wrapped.kind !== 'resp' || wrapped.responseToken === null) throw refused();
    const proved = authenticate(input, offered, negotiate, wrapped.responseToken);
    sealing = proved.sealing;
    return writeNegTokenResp({
      state: beginsWithSpnego ? 'accept-incomplete' : null,
      responseToken: proved.message,
      // A list was offered only in a NegTokenInit of ours; without one there is nothing to sign (RFC 4178 section 5).
      mechListMic: beginsWithSpnego ? proved.sealing.signMechList(ntlmMechTypeList) : null,
    });
  }

  function readFinal(token: Uint8Array): void {
    if (isBareNtlm(token)) throw refused();
    const final = readSpnego(token);
    if (final.kind !== 'resp' || final.state === 'reject' || (final.responseToken?.length ?? 0) > 0) throw refused();
    if (final.mechListMic !== null) sealing?.verifyMechList(ntlmMechTypeList, final.mechListMic);
  }

  return {
    method: 'ntlm',
    scheme: 'Negotiate',
    step(token) {
      if (state === 'new') {
        state = 'negotiated';
        return beginsWithSpnego ? writeNegTokenInit(negotiate) : negotiate;
      }
      if (token === null || token.length === 0) {
        if (state === 'done') return null;
        throw new Failure('auth/server', 'expected an NTLM challenge from the server, got none', {
          hint: 'enable Negotiate on the host: winrm set winrm/config/service/auth @{Negotiate="true"}',
        });
      }
      if (state === 'done') {
        readFinal(token);
        return null;
      }
      const answer = answerChallenge(token);
      state = 'done';
      return answer;
    },
    get done() {
      return state === 'done';
    },
    awaitsProof: false,
    get sealing() {
      return input.seal ? sealing : null;
    },
    otherwise: null,
    close: () => undefined,
  };
}

function authenticate(
  input: NtlmInitiatorInput,
  offered: number,
  negotiateMessage: Uint8Array,
  challengeMessage: Uint8Array,
): { readonly message: Uint8Array; readonly sealing: NtlmSealing } {
  const challenge = readChallenge(challengeMessage);
  const flags = (offered & challenge.flags) >>> 0;
  requireStrength(flags, input);
  const given = challenge.targetInfo.length === 0 ? [] : readAvPairs(challenge.targetInfo);
  if (avValue(given, avIds.nbComputer) === null && avValue(given, avIds.nbDomain) === null) {
    throw new Failure('auth/server', 'the NTLM challenge names neither a computer nor a domain', {
      hint: 'check that the host is a Windows machine and that its NTLM settings are not those of a very old system',
    });
  }
  const timestamp = avValue(given, avIds.timestamp);
  const targetInfo = writeAvPairs(answeredPairs(given, timestamp !== null, input));
  const { user, domain } = splitAccount(input.username, avText(given, avIds.nbComputer) ?? '');
  const ntowf = ntowfV2(input.password, user, domain);
  const clientChallenge = input.random(8);
  const { serverChallenge } = challenge;
  const { ntResponse, sessionBaseKey } = ntlmV2Response({
    ntowf,
    serverChallenge,
    clientChallenge,
    timestamp: timestamp ?? fileTime(input.now()),
    targetInfo,
  });
  const exchanges = hasFlags(flags, ntlmFlags.keyExchange);
  const exportedSessionKey = exchanges ? input.random(16) : sessionBaseKey;
  const message = Buffer.from(
    writeAuthenticate({
      flags,
      lmResponse: timestamp === null ? lmV2Response(ntowf, serverChallenge, clientChallenge) : new Uint8Array(24),
      ntResponse,
      domain,
      user,
      workstation: input.workstation,
      encryptedSessionKey: exchanges ? exchangeKey(sessionBaseKey, exportedSessionKey) : new Uint8Array(),
      version: hasFlags(flags, ntlmFlags.version) ? version : null,
      mic: timestamp === null ? null : new Uint8Array(micLength),
    }),
  );
  if (timestamp !== null) {
    message.set(messageIntegrityCode(exportedSessionKey, negotiateMessage, challengeMessage, message), micOffset);
  }
  return { message, sealing: ntlmSealing(exportedSessionKey, flags, 'client') };
}

/** The server's attributes with ours added [3.1.5.1.2]. */
function answeredPairs(given: readonly AvPair[], withMic: boolean, input: NtlmInitiatorInput): readonly AvPair[] {
  let pairs = given;
  if (withMic) {
    const bits = Buffer.alloc(4);
    bits.writeUInt32LE((avFlags(given) | avFlagMic) >>> 0);
    pairs = withAvPair(pairs, avIds.flags, bits);
  }
  pairs = withAvPair(pairs, avIds.channelBindings, input.channelBinding ?? new Uint8Array(16));
  return withAvPair(pairs, avIds.targetName, Buffer.from(input.targetName ?? '', 'utf16le'));
}

/**
 * User and domain as AUTHENTICATE carries them. A NetBIOS domain is sent, and hashed, in upper case: Windows accepted a lower-case one
 * and then failed to unseal (wsman.md 3.3).
 */
function splitAccount(username: string, computer: string): { readonly user: string; readonly domain: string } {
  const cut = username.indexOf('\\');
  if (cut < 0) return { user: username, domain: '' };
  const domain = username.slice(0, cut);
  return { user: username.slice(cut + 1), domain: domain === '.' ? computer : upperCaseUnits(domain) };
}

function requireStrength(flags: number, { seal, sign = true }: NtlmInitiatorInput): void {
  const needed = joinFlags(
    ntlmFlags.unicode,
    ntlmFlags.ntlm,
    ntlmFlags.extendedSessionSecurity,
    seal || sign ? ntlmFlags.sign : 0,
    seal ? joinFlags(ntlmFlags.seal, ntlmFlags.key128) : 0,
  );
  if (hasFlags(flags, needed)) return;
  throw new Failure('auth/unsafe', `the server did not agree to NTLMv2 with ${seal ? '128-bit sealing' : 'signing'}`, {
    hint: 'use https with a trusted certificate, or raise the NTLM security settings of the host',
  });
}

function refused(): Failure {
  return new Failure('auth/refused', 'the server refused the logon', {
    hint: 'check user name, password and domain, and that the account is neither locked nor expired',
  });
}
