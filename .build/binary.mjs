// Makes one file to carry: `npm run build:binary [PLATFORM...]` writes .fencepost/binary/fencepost-PLATFORM, a Node single executable with
// the bundle (CommonJS), the shipped files and the native modules inside. It runs on linux-x64, for it runs the Node it packs.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { platforms } from './binary-platforms.mjs';
import { common } from './bundle.mjs';
import { collectLicences } from './licences.mjs';

const builder = 'linux-x64';
const shipped = ['package.json', 'inventory/example.yml', 'playbooks/exchange-backend-ports.yml'];

process.chdir(fileURLToPath(new URL('../', import.meta.url)));
const output = resolve('.fencepost/binary');
const work = resolve('.fencepost/binary-parts');
const downloads = resolve('.fencepost/downloads');
for (const folder of [output, work, downloads]) mkdirSync(folder, { recursive: true });
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(platforms);
for (const name of chosen) if (!(name in platforms)) throw new Error(`no platform ${name}: ${Object.keys(platforms)}`);
/** koffi and keyring look for their native half in node_modules; inside there is none. */
const nativeModules = {
  name: 'native-modules',
  setup({ onLoad }) {
    const loader = JSON.stringify(resolve('src/cli/carried/native-modules.ts'));
    onLoad({ filter: /\/koffi\/src\/koffi\/src\/static\.js$/ }, () => ({
      contents: `import { loadNativeModule } from ${loader}; export const loadStatic = () => loadNativeModule('koffi.node');`,
    }));
    onLoad({ filter: /\/@napi-rs\/keyring\/index\.js$/ }, () => ({
      contents: `import { loadNativeModule } from ${loader}; export const { AsyncEntry } = loadNativeModule('keyring.node');`,
    }));
  },
};
const code = await bundleAsOne();
for (const name of chosen) makeBinary(name);

/** One CommonJS file, with the packages' own search for their native modules replaced. */
async function bundleAsOne() {
  const outfile = join(work, 'fencepost.cjs');
  const { metafile } = await build({
    ...common,
    entryPoints: ['src/cli/main.ts'],
    outfile,
    format: 'cjs',
    target: 'node26',
    metafile: true,
    // A place below the executable, which is a file: packages that look for files of theirs beside them find none.
    define: { 'import.meta.url': '__insideUrl', 'import.meta.dirname': '__insideFolder' },
    banner: {
      js: [
        "const __insideFolder = process.execPath + '.inside/dist/parts';",
        "const __insideUrl = require('node:url').pathToFileURL(__insideFolder + '/fencepost.js').href;",
      ].join('\n'),
    },
    plugins: [...common.plugins, nativeModules],
  });
  writeFileSync(join(output, 'LICENSES.txt'), collectLicences('.', Object.keys(metafile.inputs)));
  return outfile;
}

function makeBinary(platform) {
  const { node, koffi, keyring, output: file } = platforms[platform];
  const assets = {
    ...Object.fromEntries(shipped.map((name) => [name, name])),
    'koffi.node': fetchFile(locked(koffi)),
    'keyring.node': fetchFile(locked(keyring)),
  };
  const config = join(work, `${platform}.json`);
  const settings = {
    main: code,
    executable: fetchFile(node),
    output: join(output, file),
    disableExperimentalSEAWarning: true,
    // Compiled code differs from one build to the next, and fits one kind of processor.
    useCodeCache: false,
    assets,
  };
  writeFileSync(config, JSON.stringify(settings));
  rmSync(settings.output, { force: true });
  execFileSync(fetchFile(platforms[builder].node), ['--build-sea', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  const sha256 = createHash('sha256').update(readFileSync(settings.output)).digest('hex');
  console.log(`${sha256}  ${file}`);
}

function locked({ name, file }) {
  const { version, integrity } = lock[`node_modules/${name}`];
  return { name: `${name}@${version}`, integrity, file };
}

/** The file out of npm's package, which is downloaded once and compared with its hash every time. */
function fetchFile({ name, integrity, file }) {
  const archive = join(downloads, `${name.replace(/^@/, '').replaceAll(/[/@]/g, '-')}.tgz`);
  if (!existsSync(archive)) execFileSync('npm', ['pack', '--silent', '--pack-destination', downloads, name]);
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name} is not the package it should be: ${found}`);
  const folder = archive.replace(/\.tgz$/, '');
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['xzf', archive, '-C', folder, '--strip-components=1', `package/${file}`]);
  return join(folder, file);
}
