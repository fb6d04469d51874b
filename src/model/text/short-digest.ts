// The short form of a plan's digest, for a person to compare on two screens. It proves nothing: whoever decides by a digest takes all of it.

const shownDigits = 12;

export function shortDigest(digest: string): string {
  return digest.slice(0, shownDigits);
}
