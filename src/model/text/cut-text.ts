// How much of what a server said is repeated to a person. A fault of a megabyte must not make a plan, a journal or a message of one.

/** UTF-16 units of quoted text in a message, a plan, a journal or a report. Stated in docs/security.md. */
export const longestQuote = 500;

/** The same of a name that others wrote: a person's, a key's, a run's. */
export const longestName = 200;

/** The text if it is short enough, else its beginning and how much is left out. No letter is cut in two. */
export function cutText(text: string, longest = longestQuote): string {
  if (text.length <= longest) return text;
  const isHalf = /[\uD800-\uDBFF]/.test(text.charAt(longest - 1));
  const kept = text.slice(0, isHalf ? longest - 1 : longest);
  return `${kept}... (${text.length - kept.length} more characters)`;
}
