// RC4 with its state (the "handle" of MS-NLMP 3.4): one stream runs through all messages of one direction of a connection.
// NTLM prescribes it; nothing else may use it. Vectors: RFC 6229.

export type Rc4 = (data: Uint8Array) => Uint8Array;

/** A cipher that goes on where the last call ended. Encrypting and decrypting are the same. */
export function rc4(key: Uint8Array): Rc4 {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number): number => state[index & 0xff] ?? 0;
  const swap = (x: number, y: number): void => {
    const kept = at(x);
    state[x] = at(y);
    state[y] = kept;
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 0xff;
    swap(i, j);
  }
  let i = 0;
  let j = 0;
  return (data) =>
    data.map((byte) => {
      i = (i + 1) & 0xff;
      j = (j + at(i)) & 0xff;
      swap(i, j);
      return byte ^ at(at(i) + at(j));
    });
}
