// Makes JavaScript of src/: the product, dist/, in parts that commands load on first use, packages included; and single rooms for tests.
// It checks no types (`npm run types` does) and minifies nothing, so that a stack trace in a bug report can be read. The same sources
// give the same bytes.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectLicences } from './licences.mjs';
import { gatherParts } from './parts.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * string-width sets up Unicode's segmentation and tables of all emoji when it is loaded, and yargs brings two older copies of it: 60 ms of CPU
 * for a start that measures nothing but ASCII. Here all measure by the one that we have ourselves, and it is loaded when it first matters.
 */
const lateStringWidth = {
  name: 'late-string-width',
  setup({ onLoad, onResolve }) {
    const real = join(root, 'node_modules/string-width/index.js');
    const contents = `export default function stringWidth(text, options) {
  if (typeof text === 'string' && /^[\\x20-\\x7e]*$/.test(text)) return text.length;
  return require(${JSON.stringify(real)}).default(text, options);
}`;
    onResolve({ filter: /^string-width$/ }, () => ({ path: 'string-width', namespace: 'late' }));
    onLoad({ filter: /^string-width$/, namespace: 'late' }, () => ({ contents, resolveDir: root }));
  },
};

/** 300 KB that only a `~regex` of a host pattern needs, at once where it is read: loaded when the first is compiled. */
const lateRegex = {
  name: 'late-regex',
  setup({ onLoad, onResolve }) {
    const real = join(root, 'node_modules/re2js/build/index.js');
    const contents = `const load = () => require(${JSON.stringify(real)}).RE2JS;
export const RE2JS = { compile: (source, flags) => load().compile(source, flags), get DOTALL() { return load().DOTALL; } };`;
    onResolve({ filter: /^re2js$/ }, () => ({ path: 're2js', namespace: 'late' }));
    onLoad({ filter: /^re2js$/, namespace: 'late' }, () => ({ contents, resolveDir: root }));
  },
};

/** What all builds have in common. */
export const common = {
  absWorkingDir: root,
  plugins: [lateStringWidth, lateRegex],
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // The same paths wherever node_modules really lies, for they enter the names of the parts.
  preserveSymlinks: true,
  legalComments: 'none',
  logLevel: 'warning',
};

const stays = () => ({ path: './fencepost.js', external: true });

/** What `bin` and `exports` of package.json name, and the licences of what went in. */
export async function bundleProduct() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const shape = { ...common, outdir: 'dist', format: 'esm' };
  // All in one file, for it answers --version and --help alone.
  const main = build({
    ...shape,
    entryPoints: { 'cli/main': 'src/cli/main.ts' },
    plugins: [
      { name: 'fencepost-stays', setup: ({ onResolve }) => onResolve({ filter: /^\.\/fencepost\.ts$/ }, stays) },
    ],
  });
  const inParts = {
    ...shape,
    // Two folders below the package, as src/cli/shipped-files.ts expects.
    chunkNames: 'parts/[name]-[hash]',
    splitting: true,
    metafile: true,
    // Compiled, and chosen by npm for the system; koffi looks for its own compiled part where it stands.
    external: ['@napi-rs/keyring'],
    // Packages in CommonJS ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  };
  // No process loads both, so what they have in common is written twice, and neither is cut where only the other would be.
  const built = await Promise.all([
    build({
      ...inParts,
      entryPoints: { 'cli/fencepost': 'src/cli/fencepost.ts' },
      plugins: [...common.plugins, gatherParts(root)],
    }),
    build({ ...inParts, entryPoints: { 'winrm/client': 'src/winrm/client.ts' } }),
  ]);
  await main;
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
  execFileSync(process.execPath, [join(root, '.build/help.mjs')], { stdio: 'inherit' });
  writeFileSync(
    join(root, 'dist/LICENSES.txt'),
    collectLicences(root, [...new Set(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)))]),
  );
}

/** Single files of src/, by their paths there without .ts, for tests that run them in processes of their own. */
export async function bundleParts(names, outdir) {
  rmSync(outdir, { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: Object.fromEntries(names.map((name) => [name, `src/${name}.ts`])),
    outdir,
    splitting: true,
    format: 'esm',
    packages: 'external',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleProduct();
