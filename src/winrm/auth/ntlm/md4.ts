// MD4 (RFC 1320), which OpenSSL 3 has moved out of reach and NTLM still needs for its password hash. For nothing else.

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

// RFC 1320 section 3.4: per round the mixing function, its constant, the order of words, and the rotations.
interface Round {
  readonly mix: (x: number, y: number, z: number) => number;
  readonly constant: number;
  readonly order: readonly number[];
  readonly rotations: readonly [number, number, number, number];
}
const rounds: readonly Round[] = [
  {
    mix: (x, y, z) => (x & y) | (~x & z),
    constant: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    rotations: [3, 7, 11, 19],
  },
  {
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
    constant: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    rotations: [3, 5, 9, 13],
  },
  {
    mix: (x, y, z) => x ^ y ^ z,
    constant: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    rotations: [3, 9, 11, 15],
  },
];

/** The 16 bytes of MD4 over `message`. */
export function md4(message: Uint8Array): Uint8Array {
  const padded = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, padded.length - 8);

  let [a, b, c, d] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < padded.length; block += 64) {
    const before = [a, b, c, d] as const;
    for (const { mix, constant, order, rotations } of rounds) {
      order.forEach((word, index) => {
        const sum = (a + mix(b, c, d) + padded.readUInt32LE(block + word * 4) + constant) | 0;
        [a, b, c, d] = [d, rotate(sum, rotations[index % 4] ?? 0), b, c];
      });
    }
    [a, b, c, d] = [a + before[0], b + before[1], c + before[2], d + before[3]].map((one) => one | 0) as [
      number,
      number,
      number,
      number,
    ];
  }
  const digest = Buffer.alloc(16);
  [a, b, c, d].forEach((one, index) => digest.writeInt32LE(one | 0, index * 4));
  return digest;
}
