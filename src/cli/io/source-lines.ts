// I/O: the lines that a failure's issues are about, read again from their files for a person at a terminal. What can't be read, or was
// encrypted, is left out: then the place alone is said.
import { readFileSync, statSync } from 'node:fs';
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
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    // The places are those of the text inside.
    return isVaultText(text) ? null : text;
  } catch {
    return null;
  }
}
