// SPNEGO (RFC 4178), as much as carrying NTLM or Kerberos in it takes: NegTokenInit and NegTokenResp, read and written. It chooses nothing.
// Held against the recorded NTLM-in-SPNEGO handshakes (omi-captures/*spnego*).
import { Failure } from '../../model/failure.ts';
import { derTags, readDer, readDerList, writeDer } from './der.ts';
import type { DerValue } from './der.ts';

export type NegState = 'accept-completed' | 'accept-incomplete' | 'reject' | 'request-mic';
const negStates: readonly NegState[] = ['accept-completed', 'accept-incomplete', 'reject', 'request-mic'];

export interface NegTokenInit {
  readonly kind: 'init';
  /** True when NTLM is among the offered mechanisms. */
  readonly offersNtlm: boolean;
  /** Kerberos' OID, in the form that was used, when it comes first; the token is its own then. Null: another comes first. */
  readonly preferredKerberos: Uint8Array | null;
  /** The list of mechanisms as it stands in the message: what a mechListMIC is made over. */
  readonly mechTypeList: Uint8Array;
  readonly mechToken: Uint8Array | null;
}

export interface NegTokenResp {
  readonly kind: 'resp';
  readonly state: NegState | null;
  readonly responseToken: Uint8Array | null;
  readonly mechListMic: Uint8Array | null;
}

const spnegoOid = Buffer.from('2b0601050502', 'hex'); // 1.3.6.1.5.5.2
const kerberosOid = Buffer.from('2a864886f712010202', 'hex'); // 1.2.840.113554.1.2.2
/** 1.2.840.48018.1.2.2: Kerberos as Windows 2000 wrote it; Windows still offers it first [MS-SPNG 2.2, 3.1.5.2]. */
const microsoftKerberosOid = Buffer.from('2a864882f712010202', 'hex');
const ntlmOid = Buffer.from('2b06010401823702020a', 'hex'); // 1.3.6.1.4.1.311.2.2.10
const applicationTag = 0x60;
const context = (number: number): number => 0xa0 + number;

/** A MechTypeList with NTLM alone, as `writeNegTokenInit` sends it. */
export const ntlmMechTypeList: Uint8Array = writeDer(derTags.sequence, writeDer(derTags.objectId, ntlmOid));

/** A MechTypeList with Kerberos alone. */
export const kerberosMechTypeList: Uint8Array = writeDer(derTags.sequence, writeDer(derTags.objectId, kerberosOid));

/** True for a bare NTLMSSP message. */
export function isBareNtlm(token: Uint8Array): boolean {
  return Buffer.from(token.subarray(0, 8)).equals(Buffer.from('NTLMSSP\0', 'latin1'));
}

/** True for the first token of SPNEGO, in GSS framing (RFC 2743 section 3.1). */
export function isSpnego(token: Uint8Array): boolean {
  return isFramedFor(token, spnegoOid);
}

/** True for a first token of Kerberos without SPNEGO around it. */
export function isBareKerberos(token: Uint8Array): boolean {
  return isFramedFor(token, kerberosOid) || isFramedFor(token, microsoftKerberosOid);
}

function isFramedFor(token: Uint8Array, oid: Buffer): boolean {
  if (token[0] !== applicationTag) return false;
  // Tag and length of the frame take two to six bytes; the OID follows with its own.
  return Buffer.from(token.subarray(0, 8 + oid.length)).includes(Buffer.from(writeDer(derTags.objectId, oid)));
}

/** Reads either SPNEGO token. Throws Failure `auth/server` for anything else. */
export function readSpnego(token: Uint8Array): NegTokenInit | NegTokenResp {
  const outer = readDer(token);
  if (outer.tag === context(1)) return readResp(outer);
  if (outer.tag === applicationTag) {
    const [oid, inner] = readDerList(outer.content);
    if (oid?.tag === derTags.objectId && spnegoOid.equals(oid.content) && inner?.tag === context(0)) {
      return readInit(inner);
    }
  }
  throw unreadable();
}

function readInit(inner: DerValue): NegTokenInit {
  const fields = readFields(inner);
  const list = fields.get(0);
  if (list?.tag !== derTags.sequence) throw unreadable();
  const offered = readDerList(list.content).map((one) => Buffer.from(one.content));
  const [first] = offered;
  const isKerberos = first !== undefined && (kerberosOid.equals(first) || microsoftKerberosOid.equals(first));
  return {
    kind: 'init',
    offersNtlm: offered.some((one) => ntlmOid.equals(one)),
    preferredKerberos: isKerberos ? first : null,
    mechTypeList: list.whole,
    mechToken: octets(fields.get(2)),
  };
}

function readResp(outer: DerValue): NegTokenResp {
  const fields = readFields(outer);
  const state = fields.get(0)?.content[0];
  return {
    kind: 'resp',
    state: state === undefined ? null : (negStates[state] ?? null),
    responseToken: octets(fields.get(2)),
    mechListMic: octets(fields.get(3)),
  };
}

/** The members of the sequence inside, by their context number. */
function readFields(outer: DerValue): ReadonlyMap<number, DerValue> {
  const sequence = readDer(outer.content);
  if (sequence.tag !== derTags.sequence) throw unreadable();
  return new Map(readDerList(sequence.content).map((one) => [one.tag - context(0), readDer(one.content)]));
}

function octets(value: DerValue | undefined): Uint8Array | null {
  return value?.tag === derTags.octetString ? value.content : null;
}

/** A NegTokenInit that offers one mechanism alone, NTLM unless said otherwise, and carries its first message. */
export function writeNegTokenInit(mechToken: Uint8Array, mechTypeList = ntlmMechTypeList): Uint8Array {
  const sequence = writeDer(
    derTags.sequence,
    writeDer(context(0), mechTypeList),
    writeDer(context(2), writeDer(derTags.octetString, mechToken)),
  );
  return writeDer(applicationTag, writeDer(derTags.objectId, spnegoOid), writeDer(context(0), sequence));
}

export interface NegTokenRespInput {
  readonly state: NegState | null;
  /** Names the mechanism chosen: NTLM, or that of this OID. */
  readonly chooses?: 'ntlm' | Uint8Array;
  readonly responseToken?: Uint8Array | null;
  readonly mechListMic?: Uint8Array | null;
}

export function writeNegTokenResp(input: NegTokenRespInput): Uint8Array {
  const parts: Uint8Array[] = [];
  if (input.state !== null) {
    parts.push(writeDer(context(0), writeDer(derTags.enumerated, Buffer.from([negStates.indexOf(input.state)]))));
  }
  if (input.chooses !== undefined) {
    const oid = input.chooses === 'ntlm' ? ntlmOid : input.chooses;
    parts.push(writeDer(context(1), writeDer(derTags.objectId, oid)));
  }
  const token = input.responseToken ?? null;
  if (token !== null) parts.push(writeDer(context(2), writeDer(derTags.octetString, token)));
  const mic = input.mechListMic ?? null;
  if (mic !== null) parts.push(writeDer(context(3), writeDer(derTags.octetString, mic)));
  return writeDer(context(1), writeDer(derTags.sequence, ...parts));
}

function unreadable(): Failure {
  return new Failure('auth/server', 'expected an NTLM or SPNEGO token, got something else', {
    hint: 'check that the address and port are those of a WinRM listener, without a proxy in between',
  });
}
