// I/O: the lines that a failure's issues are about, read again from their files for a person at a terminal. What can't be read, or was
// encrypted, is left out: then the place alone is said.
import { readFileSync, statSync } from 'node:fs';
import { decodeText } from '../../files/decode-text.ts';
import { mayHoldSecrets } from '../../inventory/forms/csv.ts';
import { isVaultText } from '../../inventory/secrets/vault.ts';
import type { Issue } from '../../model/failure.ts';
import type { LineOf } from '../../report/text/issue-text.ts';
import { showLine } from '../../yaml/shown-line.ts';

const mostBytes = 8 * 1024 * 1024;

export function sourceLines(): LineOf {
  const texts = new Map<string, string | null>();
  return ({ file, line }: Issue) => {
    const text = texts.get(file) ?? readText(file);
    texts.set(file, text);
    return text === null ? null : showLine(text, line);
  };
}

function readText(file: string): string | null {
  try {
    // A pipe gives its text once, and would be waited for.
    const found = statSync(file);
    if (!found.isFile() || found.size > mostBytes) return null;
    const decoded = decodeText(readFileSync(file));
    if (decoded.fault !== null) return null;
    // The places are those of the text inside; in a table nothing but the first row says which cells are secrets.
    return isVaultText(decoded.text) || mayHoldSecrets(decoded.text, file) ? null : decoded.text;
  } catch {
    return null;
  }
}
