// I/O: the answers that are known before any command is: the version, and the help of the whole and of each command, laid out by yargs when
// dist/ was built (.build/help.mjs). Whatever is not exactly one of these, and what can't be written, is left to fencepost.ts.
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { readLaidOutHelp, readOwnVersion } from '../shipped-files.ts';
import { helpColumns } from './help-columns.ts';

/** False: nothing was answered. */
export function answerQuickly(argv: readonly string[]): boolean {
  const answer = findQuickAnswer(argv, () => helpColumns(isatty(1) ? process.stdout.columns : undefined));
  return answer !== null && writeAll(`${answer}\n`);
}

export function findQuickAnswer(argv: readonly string[], columns: () => number): string | null {
  const [first = '', second] = argv;
  if (argv.length === 1 && first === '--version') return readOwnVersion();
  if (argv.length === 1 && isHelp(first)) return readLaidOutHelp(null, columns());
  if (argv.length !== 2 || !isHelp(second) || !/^[a-z]+$/.test(first)) return null;
  return readLaidOutHelp(first, columns());
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

/** False: its reader is gone, or slow, or the disk is full. fencepost.ts starts again, and waits or says so. */
function writeAll(text: string): boolean {
  const bytes = Buffer.from(text);
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(1, bytes, written);
    return true;
  } catch {
    return false;
  }
}
