// Puts the types of fencepost/winrm into dist/, those it needs and no others; nothing else of Fencepost is a library.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('../', import.meta.url)));
const emitted = '.fencepost/types';
rmSync(emitted, { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'src/tsconfig.json'], { stdio: 'inherit' });
for (const file of findReachable(join(emitted, 'winrm/client.d.ts'))) {
  const copy = join('dist', relative(emitted, file));
  mkdirSync(dirname(copy), { recursive: true });
  writeFileSync(copy, refusePackages(readFileSync(file, 'utf8')));
}

/** The declaration files that the first one needs, itself included. */
function findReachable(first, seen = new Set()) {
  seen.add(first);
  for (const [, target] of readFileSync(first, 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
    if (!target.startsWith('.')) continue;
    const file = join(dirname(first), target.replace(/\.ts$/, '.d.ts'));
    if (!seen.has(file)) findReachable(file, seen);
  }
  return seen;
}

/** A package that is inside the bundle is installed by nobody, so no type may come from one. */
function refusePackages(text) {
  const foreign = /(?:from|import\()\s*'((?!\.|node:)[^']+)'/.exec(text)?.[1];
  if (foreign !== undefined) throw new Error(`the library's types need those of ${foreign}, which nobody installs`);
  return text;
}
