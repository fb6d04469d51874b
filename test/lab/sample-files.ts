// The recordings of other people's machines, which stand beside the repository and are never copied into it.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../shared/facts/netsh-samples/', import.meta.url));

/** False on a machine without the recordings. With CI set they must be there, so that no run passes by accident. */
export const hasSamples = existsSync(folder) || process.env['CI'] !== undefined;

/** The text as stored, byte for byte. */
export function sampleText(file: string): string {
  return readFileSync(folder + file, 'utf8');
}

/** Without carriage returns, trailing blanks, and blank lines before and after. */
export function trimmedLines(text: string): string[] {
  return text
    .replaceAll('\r', '')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
    .split('\n');
}
