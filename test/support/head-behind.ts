// The head of a journal as a process that died in the middle of its last append leaves it: at the last whole record.
import { readFileSync, writeFileSync } from 'node:fs';
import { followChain } from '../../src/journal/chain.ts';
import { formatHead, headFile } from '../../src/journal/head.ts';

/** `less`: so many whole records are not in it either. */
export function setHeadBehind(journalFile: string, less = 0): void {
  const bytes = readFileSync(journalFile);
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  const lines = whole.toString('latin1').split('\n').slice(0, -1);
  const kept = lines.slice(0, lines.length - less);
  const reader = followChain(
    () => null,
    () => undefined,
  );
  reader.take(Buffer.from(kept.map((line) => `${line}\n`).join(''), 'latin1'));
  const { records, lastDigest } = reader.end();
  writeFileSync(headFile(journalFile), formatHead({ records, digest: lastDigest }));
}
