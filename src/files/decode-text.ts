// Bytes of a file -> text. UTF-8, and the UTF-16 that Windows PowerShell 5 writes, are read; anything else is named with the place of its
// first strange byte instead of guessed: a guess turns CÖRP into C?RP, and the logon fails on every server. Pure.

export type DecodedText =
  | { readonly text: string; readonly fault: null }
  | { readonly fault: string; readonly line: number; readonly column: number };

/** Without a byte order mark. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const encoding = findEncoding(bytes);
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    const zero = text.indexOf('\0');
    if (zero === -1) return { text, fault: null };
    return { fault: 'this is no text: it has zero bytes', ...placeIn(text.slice(0, zero)) };
  } catch {
    return encoding === 'utf-8'
      ? findStrangeByte(bytes)
      : { fault: 'this UTF-16 is damaged; save the file as UTF-8', line: 1, column: 1 };
  }
}

function findEncoding(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  // Without its mark it is told by the zeros of its first letters.
  if (bytes.length >= 4 && bytes.length % 2 === 0) {
    if (first !== 0 && second === 0 && bytes[2] !== 0 && bytes[3] === 0) return 'utf-16le';
    if (first === 0 && second !== 0 && bytes[2] === 0 && bytes[3] !== 0) return 'utf-16be';
  }
  return 'utf-8';
}

/** Where UTF-8 ends, and what the byte there would be in the encoding that Windows uses most. */
function findStrangeByte(bytes: Uint8Array): DecodedText {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [good, bad] = [0, bytes.length];
  // The longest beginning that is UTF-8, give or take the letter it cuts.
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isBeginning(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  let end = good;
  for (; end > 0; end -= 1) {
    try {
      const before = decoder.decode(bytes.subarray(0, end));
      const byte = bytes[end] ?? 0;
      const letter = new TextDecoder('windows-1252').decode(Uint8Array.of(byte));
      const fault = `this is not UTF-8: byte 0x${byte.toString(16).toUpperCase()} (${letter} in Windows-1252); save the file as UTF-8`;
      return { fault, ...placeIn(before) };
    } catch {
      // It cuts a letter: one byte less.
    }
  }
  return { fault: 'this is not UTF-8; save the file as UTF-8', line: 1, column: 1 };
}

function isBeginning(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function placeIn(before: string): { readonly line: number; readonly column: number } {
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
