// Makes JavaScript of src/: the product, dist/, in parts that commands load on first use, packages included; and single rooms for tests.
// It checks no types (`npm run types` does) and minifies nothing, so that a stack trace in a bug report can be read. The same sources
// give the same bytes.
import { build } from 'esbuild';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectLicences } from './licences.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/** What all builds have in common. */
export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // The same paths wherever node_modules really lies, for they enter the names of the parts.
  preserveSymlinks: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/** What `bin` and `exports` of package.json name, and the licences of what went in. */
export async function bundleProduct() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints: {
      'cli/main': 'src/cli/main.ts',
      'cli/fencepost': 'src/cli/fencepost.ts',
      'winrm/client': 'src/winrm/client.ts',
    },
    outdir: 'dist',
    // Two folders below the package, as src/cli/shipped-files.ts expects.
    chunkNames: 'parts/[name]-[hash]',
    splitting: true,
    format: 'esm',
    metafile: true,
    // Compiled, and chosen by npm for the system; koffi looks for its own compiled part where it stands.
    external: ['@napi-rs/keyring'],
    // Packages in CommonJS ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  });
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
  writeFileSync(join(root, 'dist/LICENSES.txt'), collectLicences(root, Object.keys(metafile.inputs)));
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
