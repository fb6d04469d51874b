// Rows that hold one of several texts, picked on the host. findstr may miss the shorter of several literal texts of different length
// where they overlap ("S-1-16-" beside "S-1-5-32-544", ":0 " beside ":9933 "), but only while it minds the case: seen on Windows
// Server 2003, Vista and 7, nobody says where it is mended (SS64's page of findstr, "Bugs"; found by Dave Benham). So the case is never
// minded; the texts have digits and SIDs only, for which it changes nothing.

/** `findstr` with these texts, to stand behind a pipe: it ends with 1 when no row holds one. */
export function findAny(texts: readonly string[]): string {
  return `findstr /i ${texts.map((text) => `/c:"${text}"`).join(' ')}`;
}
