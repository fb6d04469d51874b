// RC4 with its state (the "handle" of MS-NLMP 3.4): one stream runs through all messages of one direction of a connection.
// NTLM prescribes it; nothing else may use it. OpenSSL 3 has it only in its legacy provider. Vectors: RFC 6229.

export type Rc4 = (data: Uint8Array) => Uint8Array;

/** A cipher that goes on where the last call ended. Encrypting and decrypting are the same. */
export function rc4(key: Uint8Array): Rc4 {
  const state = new Uint8Array(256);
  // Every index below is masked to 0..255 or within the data, so no element is ever missing.
  for (let i = 0; i < 256; i += 1) state[i] = i;
  for (let i = 0, j = 0; i < 256; i += 1) {
    const kept = state[i] as number;
    j = (j + kept + (key[i % key.length] as number)) & 0xff;
    state[i] = state[j] as number;
    state[j] = kept;
  }
  let i = 0;
  let j = 0;
  return (data) => {
    const out = new Uint8Array(data.length);
    // One plain loop over local variables: this is the hottest line of a run over a large fleet.
    let x = i;
    let y = j;
    for (let at = 0; at < data.length; at += 1) {
      x = (x + 1) & 0xff;
      const a = state[x] as number;
      y = (y + a) & 0xff;
      const b = state[y] as number;
      state[x] = b;
      state[y] = a;
      out[at] = (data[at] as number) ^ (state[(a + b) & 0xff] as number);
    }
    i = x;
    j = y;
    return out;
  };
}
