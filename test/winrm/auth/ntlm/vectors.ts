// The specification's examples for NTLMv2 [MS-NLMP 4.2.1, 4.2.4], each with its section. Two of our own stand at the end.

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ''), 'hex');

export const v2 = {
  // 4.2.1
  user: 'User',
  domain: 'Domain',
  password: 'Password',
  workstation: 'COMPUTER',
  serverChallenge: hex('0123456789abcdef'),
  clientChallenge: hex('aaaaaaaaaaaaaaaa'),
  exportedSessionKey: hex('55555555555555555555555555555555'),
  timestamp: hex('0000000000000000'),
  targetInfo: hex('02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000'),
  // 4.2.4.1
  ntowf: '0c868a403bfd7a93a3001ef22ef02e3f',
  sessionBaseKey: '8de40ccadbc14a82f15cb0ad0de95ca3',
  temp:
    '01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000' +
    '02000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000',
  // 4.2.4.2
  lmResponse: '86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa',
  ntProof: '68cd0ab851e51c96aabc927bebef6a1c',
  encryptedSessionKey: 'c5dad2544fc9799094ce1ce90bc9d03e',
  // 4.2.4.3
  challengeFlags: 0xe28a8233,
  challenge: hex(`
    4e544c4d53535000 02000000 0c000c0038000000 33828ae2 0123456789abcdef 0000000000000000 2400240044000000
    060070170000000f 530065007200760065007200 02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000`),
  authenticateFlags: 0xe2888235,
  authenticate: hex(`
    4e544c4d53535000 03000000 180018006c000000 5400540084000000 0c000c0048000000 0800080054000000 100010005c000000
    10001000d8000000 358288e2 0501280a0000000f 44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200
    86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa 68cd0ab851e51c96aabc927bebef6a1c
    01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000
    02000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000
    c5dad2544fc9799094ce1ce90bc9d03e`),
  // 4.2.4.4
  clientSealKey: '59f600973cc4960a25480a7c196e4c58',
  clientSignKey: '4788dc861b4782f35d43fd98fe1a2d39',
  plaintext: Buffer.from('Plaintext', 'utf16le'),
  sealed: '54e50165bf1936dc996020c1811b0f06fb5f',
  signature: '010000007fb38ec5c55d497600000000',
} as const;

/** 4.2.3.4: NTLMv1 with a client challenge, without key exchange, 56 bits. Only its sealing is ours to hold. */
export const weak = {
  flags: 0x820a8233,
  keyExchangeKey: hex('eb93429a8bd952f8b89c55b87f475edc'),
  clientSealKey: '04dd7f014d8504d265a25cc86a3a7c06',
  clientSignKey: '60e799be5c72fc92922ae8ebe961fb8d',
  sealed: 'a02372f6530273f3aa1eb90190ce5200c99d',
  signature: '01000000ff2aeb52f681793a00000000',
} as const;

/** Computed apart from this code, with the keys of 4.2.4: the next message, the other direction, shorter keys. */
export const continued = {
  serverSealKey: '9355f3a957c1583d25c4c2f11e40390e',
  serverSignKey: 'd04d6f10741041d1d246d64188d7a8ad',
  clientSealKey56: 'a5f7253c1065e8d3d68642040e71cfe0',
  clientSealKey40: '42f964a471091a02ff4a77455366e4e5',
  second: {
    plain: Buffer.from('Second', 'utf16le'),
    sealed: '67c301e09ca230e7f4233553',
    signature: '010000002360d2ad747f314201000000',
  },
  fromServer: { sealed: '160871b730ba74e946c453d7465b54278dd0', signature: '01000000b298b847ce7c580700000000' },
} as const;
