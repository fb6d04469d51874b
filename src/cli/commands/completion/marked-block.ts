// A block of our own in a file that belongs to somebody else, between two lines that mark it. What stands around it stays as it is, byte
// for byte; only a missing end of the last line is added. PURE.

const first = '# >>> fencepost completion >>>';
const last = '# <<< fencepost completion <<<';

/** Null: only one of the two marks is there, or they are there twice, so that nobody can tell what is ours. */
export function putBlock(text: string, content: string): string | null {
  const found = findBlock(text);
  if (found === null) return null;
  const block = `${first}\n${content}${last}\n`;
  if (found !== 'none') return text.slice(0, found.start) + block + text.slice(found.end);
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${block}`;
}

/** The same text where there is no block; null as above. */
export function removeBlock(text: string): string | null {
  const found = findBlock(text);
  if (found === null || found === 'none') return found === null ? null : text;
  return text.slice(0, found.start) + text.slice(found.end);
}

function findBlock(text: string): { readonly start: number; readonly end: number } | 'none' | null {
  const starts = findLines(text, first);
  const ends = findLines(text, last);
  if (starts.length === 0 && ends.length === 0) return 'none';
  const [start] = starts;
  const [end] = ends;
  if (start === undefined || end === undefined || starts.length > 1 || ends.length > 1 || end.at < start.at)
    return null;
  return { start: start.at, end: end.after };
}

/** Where lines that are this and nothing more start, and where the next ones do. */
function findLines(text: string, line: string): readonly { readonly at: number; readonly after: number }[] {
  const pattern = new RegExp(`^${line}\\r?(?:\\n|$)`, 'gm');
  return [...text.matchAll(pattern)].map(({ index, 0: whole }) => ({ at: index, after: index + whole.length }));
}
