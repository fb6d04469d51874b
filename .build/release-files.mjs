// Makes the files of a release from what is committed, in a clone with packages of its own, so that nothing of this machine enters: the npm
// package, the SBOM and the single executables. `node .build/release-files.mjs FOLDER [--without-binaries]` makes them once more at any tag,
// to be compared with SHA256SUMS.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const repository = fileURLToPath(new URL('../', import.meta.url));

/** Returns the names of the files, in order. What was in the folder before is gone. */
export function makeReleaseFiles({ folder, binaries }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const clone = mkdtempSync(join(tmpdir(), 'fencepost-release-'));
  try {
    run('git', 'clone', '--quiet', '--no-hardlinks', repository, clone);
    const inClone = { cwd: clone };
    run('npm', 'ci', '--ignore-scripts', '--prefer-offline', inClone);
    run('npm', 'run', '--silent', 'package', inClone);
    if (binaries) run('npm', 'run', '--silent', 'build:binary', inClone);
    for (const name of readdirSync(clone).filter((one) => one.endsWith('.tgz') || one === 'sbom.cdx.json')) {
      copyFileSync(join(clone, name), join(folder, name));
    }
    const made = join(clone, '.fencepost/binary');
    for (const name of binaries ? readdirSync(made) : []) copyFileSync(join(made, name), join(folder, name));
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
  return readdirSync(folder).toSorted();
}

/** What it prints goes to stderr. */
function run(program, ...rest) {
  const options = typeof rest.at(-1) === 'object' ? rest.pop() : {};
  execFileSync(program, rest, { stdio: ['ignore', 2, 'inherit'], ...options });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'without-binaries': { type: 'boolean', default: false } },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('name the folder to make them in');
  makeReleaseFiles({ folder: resolve(folder), binaries: !values['without-binaries'] });
}
