// NEGOTIATE flags of NTLM [MS-NLMP 2.2.2.5], under the specification's names without their NTLMSSP_ prefix.

export const ntlmFlags = {
  unicode: 0x0000_0001,
  oem: 0x0000_0002,
  requestTarget: 0x0000_0004,
  sign: 0x0000_0010,
  seal: 0x0000_0020,
  ntlm: 0x0000_0200,
  anonymous: 0x0000_0800,
  alwaysSign: 0x0000_8000,
  targetTypeDomain: 0x0001_0000,
  targetTypeServer: 0x0002_0000,
  extendedSessionSecurity: 0x0008_0000,
  targetInfo: 0x0080_0000,
  version: 0x0200_0000,
  key128: 0x2000_0000,
  keyExchange: 0x4000_0000,
  key56: 0x8000_0000,
} as const;

/** True when `flags` has every bit of `wanted`. */
export function hasFlags(flags: number, wanted: number): boolean {
  return (flags & wanted) >>> 0 === wanted >>> 0;
}

/** Flags put together, as an unsigned 32-bit number. */
export function joinFlags(...flags: readonly number[]): number {
  return flags.reduce((all, one) => all | one, 0) >>> 0;
}
