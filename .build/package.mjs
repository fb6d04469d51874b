// Packs what the build made as the npm package: `node .build/package.mjs [FOLDER]`. It packs a folder of its own, so that no script has to
// run (.npmrc silences prepack too) and the manifest asks for nothing that is inside the bundle. The same sources, the same bytes.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const destination = resolve(process.argv[2] ?? '.');
process.chdir(fileURLToPath(new URL('../', import.meta.url)));
const folder = '.fencepost/package';
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const manifest = readJson('package.json');
for (const name of ['README.md', 'LICENSE', ...manifest.files]) cpSync(name, join(folder, name), { recursive: true });
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
const [packed] = JSON.parse(
  npm('pack', '--json', '--ignore-scripts', '--pack-destination', destination, `./${folder}`),
);
console.log(join(destination, packed.filename));

/**
 * Without what only a clone needs. koffi is inside the bundle; its compiled parts are asked for directly, for it has an install script
 * and they have none.
 */
function publishedManifest({ dependencies, devDependencies, scripts, private: _, prettier, knip, ...rest }) {
  const { koffi, ...others } = rest.optionalDependencies;
  const { version, optionalDependencies: compiled } = readJson('node_modules/koffi/package.json');
  if (version !== koffi) throw new Error(`koffi ${version} is installed, not ${koffi}: npm ci`);
  return { ...rest, optionalDependencies: { ...others, ...compiled } };
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function npm(...args) {
  return execFileSync('npm', args, { encoding: 'utf8', shell: process.platform === 'win32' });
}
