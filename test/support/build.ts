// Builds dist/ once before the tests, so that whole-command tests run what a user runs, and beside it the single files of src/ that some
// tests run in processes of their own.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const parts = ['cli/carried/cache-directory', 'journal/lock', 'journal/store', 'winrm/auth/kerberos'] as const;

/** In the repository, for they find their packages there. */
const partsFolder = resolve(import.meta.dirname, '../../.fencepost/parts');

/** The built file of this file of src/. */
export function builtPart(name: (typeof parts)[number]): string {
  return resolve(partsFolder, `${name}.js`);
}

export default function build(): void {
  const program = `
    import { bundleParts, bundleProduct } from './.build/bundle.mjs';
    await Promise.all([bundleProduct(), bundleParts(${JSON.stringify(parts)}, ${JSON.stringify(partsFolder)})]);`;
  const cwd = resolve(import.meta.dirname, '../..');
  execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd, stdio: 'inherit' });
}
