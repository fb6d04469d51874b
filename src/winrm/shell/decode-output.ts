// Bytes of a command's output -> text. PURE. The console is asked for UTF-8 (code page 65001), but some programs write in their own
// code page regardless (wsman.md section 2.9): such output is read as windows-1252, in which digits, stars and layout survive.
// It never guesses between languages, and never fails.

/**
 * The text of one output stream. `parts` may be cut at any byte, also inside a character. A byte order mark at the beginning is
 * taken off (Windows 2008 R2 writes one).
 */
export function decodeOutput(parts: readonly Uint8Array[]): string {
  const bytes = Buffer.concat(parts);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
