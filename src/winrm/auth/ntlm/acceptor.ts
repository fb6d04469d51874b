// The server's side of NTLM [MS-NLMP 3.2.5.1], for the lab: a step machine that verifies NTLMv2, the MIC, channel bindings and the key
// exchange. No accounts of its own, no socket. It never throws for what a client sends: it refuses and says why.
import { timingSafeEqual } from 'node:crypto';
import { Failure } from '../../../model/failure.ts';
import type { Sealing } from '../security-context.ts';
import { isBareNtlm, readSpnego, writeNegTokenResp } from '../spnego.ts';
import { avFlagMic, avFlags, avIds, avValue, writeAvPairs } from './av-pairs.ts';
import type { AvPair } from './av-pairs.ts';
import { hasFlags, joinFlags, ntlmFlags } from './flags.ts';
import { readAuthenticate, readNegotiate, writeChallenge } from './messages.ts';
import { exchangeKey, fileTime, messageIntegrityCode, ntowfV2, readNtResponse, verifyNtlmV2 } from './response.ts';
import { ntlmSealing } from './seal.ts';
import type { NtlmSealing } from './seal.ts';

export interface NtlmAcceptorInput {
  /** The password of an account, or null when there is none such. User and domain as the client sent them. */
  readonly accounts: (user: string, domain: string) => string | null;
  readonly names: {
    readonly nbDomain: string;
    readonly nbComputer: string;
    readonly dnsDomain: string;
    readonly dnsComputer: string;
  };
  readonly random: (bytes: number) => Uint8Array;
  readonly now: () => Date;
  /** `tlsServerEndPoint` of the server's own certificate; null over http. */
  readonly channelBinding: Uint8Array | null;
  /** False: the challenge bears no MsvAvTimestamp, as those of old servers; then a client sends no MIC [MS-NLMP 3.1.5.1.2]. Default true. */
  readonly timestamp?: boolean;
  /** CbtHardeningLevel Strict; false is Relaxed: checked when present [MS-WSMV 2.2.4.34]. */
  readonly requireChannelBinding: boolean;
}

export interface NtlmAcceptor {
  /** The token to answer with, or null for none: look at `done` and `refusal` then. Call it no more once either is set. */
  step(token: Uint8Array): Uint8Array | null;
  /** True when the client has proved who it is. */
  readonly done: boolean;
  /** Server side; null before `done`, or when the client did not ask to seal. */
  readonly sealing: Sealing | null;
  readonly account: { readonly user: string; readonly domain: string } | null;
  /** Why the client was refused; null as long as it isn't. For tests and logs, never for the client. */
  readonly refusal: string | null;
}

interface Proved {
  readonly account: { readonly user: string; readonly domain: string };
  readonly sealing: NtlmSealing;
  readonly seals: boolean;
}

/** A fresh acceptor for one connection. */
export function ntlmAcceptor(input: NtlmAcceptorInput): NtlmAcceptor {
  let negotiate: Uint8Array | null = null;
  let challenge: { readonly bytes: Uint8Array; readonly serverChallenge: Uint8Array } | null = null;
  let mechTypeList: Uint8Array | null = null;
  let proved: Proved | null = null;
  let refusal: string | null = null;

  function takeNtlm(message: Uint8Array): Uint8Array | null {
    if (challenge === null || negotiate === null) {
      negotiate = Uint8Array.from(message);
      const serverChallenge = input.random(8);
      challenge = { bytes: challengeFor(input, readNegotiate(message).flags, serverChallenge), serverChallenge };
      return challenge.bytes;
    }
    proved = verify(input, negotiate, challenge.bytes, challenge.serverChallenge, message);
    return null;
  }

  function takeSpnego(token: Uint8Array): Uint8Array | null {
    const wrapped = readSpnego(token);
    if (wrapped.kind === 'init') {
      if (!wrapped.offersNtlm) throw new Refusal('SPNEGO without NTLM');
      mechTypeList = Uint8Array.from(wrapped.mechTypeList);
      const inner = wrapped.mechToken;
      // Another mechanism came first with its token: name NTLM and wait for its NEGOTIATE (RFC 4178 section 4.2.2).
      if (inner === null || !isBareNtlm(inner)) return writeNegTokenResp({ state: 'request-mic', chooses: 'ntlm' });
      const answer = takeNtlm(inner);
      return writeNegTokenResp({ state: 'accept-incomplete', chooses: 'ntlm', responseToken: answer });
    }
    if (wrapped.responseToken === null) throw new Refusal('SPNEGO answer without a token');
    const answer = takeNtlm(wrapped.responseToken);
    if (answer !== null || proved === null) {
      return writeNegTokenResp({ state: 'accept-incomplete', chooses: 'ntlm', responseToken: answer });
    }
    if (wrapped.mechListMic === null || mechTypeList === null) return writeNegTokenResp({ state: 'accept-completed' });
    proved.sealing.verifyMechList(mechTypeList, wrapped.mechListMic);
    return writeNegTokenResp({ state: 'accept-completed', mechListMic: proved.sealing.signMechList(mechTypeList) });
  }

  return {
    step(token) {
      try {
        return isBareNtlm(token) ? takeNtlm(token) : takeSpnego(token);
      } catch (error) {
        if (!(error instanceof Refusal || error instanceof Failure)) throw error;
        proved = null;
        refusal = error.message;
        return null;
      }
    },
    get done() {
      return proved !== null;
    },
    get sealing() {
      return proved?.seals === true ? proved.sealing : null;
    },
    get account() {
      return proved?.account ?? null;
    },
    get refusal() {
      return refusal;
    },
  };
}

class Refusal extends Error {}

function challengeFor(input: NtlmAcceptorInput, asked: number, serverChallenge: Uint8Array): Uint8Array {
  const kept = joinFlags(
    ntlmFlags.sign,
    ntlmFlags.seal,
    ntlmFlags.alwaysSign,
    ntlmFlags.extendedSessionSecurity,
    ntlmFlags.version,
    ntlmFlags.key128,
    ntlmFlags.keyExchange,
    ntlmFlags.key56,
  );
  const text = hasFlags(asked, ntlmFlags.unicode) ? ntlmFlags.unicode : ntlmFlags.oem;
  const own = joinFlags(
    ntlmFlags.requestTarget,
    ntlmFlags.ntlm,
    ntlmFlags.targetInfo,
    ntlmFlags.targetTypeDomain,
    text,
  );
  const { names } = input;
  const utf16 = (name: string): Uint8Array => Buffer.from(name, 'utf16le');
  const pairs: readonly AvPair[] = [
    { id: avIds.nbDomain, value: utf16(names.nbDomain) },
    { id: avIds.nbComputer, value: utf16(names.nbComputer) },
    { id: avIds.dnsDomain, value: utf16(names.dnsDomain) },
    { id: avIds.dnsComputer, value: utf16(names.dnsComputer) },
    ...((input.timestamp ?? true) ? [{ id: avIds.timestamp, value: fileTime(input.now()) }] : []),
  ];
  return writeChallenge({
    flags: joinFlags(asked & kept, own),
    targetName: names.nbDomain,
    serverChallenge,
    targetInfo: writeAvPairs(pairs),
    version: { major: 10, minor: 0, build: 17763, revision: 15 },
  });
}

function verify(
  input: NtlmAcceptorInput,
  negotiate: Uint8Array,
  challenge: Uint8Array,
  serverChallenge: Uint8Array,
  bytes: Uint8Array,
): Proved {
  const message = readAuthenticate(bytes);
  const { user, domain, flags } = message;
  if (user === '') throw new Refusal('anonymous logon');
  if (!hasFlags(flags, ntlmFlags.extendedSessionSecurity)) throw new Refusal('no extended session security');
  const { avPairs } = readNtResponse(message.ntResponse);
  const password = input.accounts(user, domain);
  if (password === null) throw new Refusal('unknown account');
  const sessionBaseKey = verifyNtlmV2(ntowfV2(password, user, domain), serverChallenge, message.ntResponse);
  if (sessionBaseKey === null) throw new Refusal('wrong password');
  const exchanges = hasFlags(flags, ntlmFlags.keyExchange);
  if (exchanges && message.encryptedSessionKey.length !== 16)
    throw new Refusal('key exchange without a key of 16 bytes');
  const exportedSessionKey = exchanges ? exchangeKey(sessionBaseKey, message.encryptedSessionKey) : sessionBaseKey;
  if ((avFlags(avPairs) & avFlagMic) !== 0) {
    const expected = messageIntegrityCode(exportedSessionKey, negotiate, challenge, bytes);
    if (message.mic === null || !timingSafeEqual(expected, message.mic))
      throw new Refusal('wrong message integrity code');
  }
  checkChannelBinding(input, avValue(avPairs, avIds.channelBindings));
  return {
    account: { user, domain },
    sealing: ntlmSealing(exportedSessionKey, flags, 'server'),
    seals: hasFlags(flags, ntlmFlags.seal),
  };
}

function checkChannelBinding(input: NtlmAcceptorInput, given: Uint8Array | null): void {
  if (input.channelBinding === null) return;
  const present = given?.some((byte) => byte !== 0) ?? false;
  if (!present || given === null) {
    if (input.requireChannelBinding) throw new Refusal('no channel binding');
    return;
  }
  if (given.length !== 16 || !timingSafeEqual(given, input.channelBinding)) throw new Refusal('wrong channel binding');
}
