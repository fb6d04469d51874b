// Where the recorded samples are: beside the repository, read in place. Without them the tests that need them are skipped,
// except in CI, where their absence is a failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../../shared/facts');

/** True: say so with `describe.skipIf(samplesMissing)`. The reason is printed once. */
export const samplesMissing = !existsSync(folder) && process.env['CI'] === undefined;
if (samplesMissing) console.warn('the recorded samples (../shared/facts) are not here: tests against them are skipped');

export function sampleNames(under: string, pattern: RegExp): readonly string[] {
  if (samplesMissing) return [];
  return readdirSync(join(folder, under))
    .filter((name) => pattern.test(name))
    .sort();
}

export function readSample(under: string, name: string): string {
  return readFileSync(join(folder, under, name), 'utf8');
}
