// The packages whose code went into a build, and their licences, which ask to be passed on with it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `files` as esbuild names its inputs, from `root`. Throws when a package brings no licence. */
export function collectLicences(root, files) {
  return findPackages(files)
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const names = readdirSync(join(root, folder)).filter((one) => /^(licen[cs]e|copying)/i.test(one));
      const texts = names.toSorted().map((one) => readFileSync(join(root, folder, one), 'utf8').trim());
      if (texts.length === 0 && license === undefined) throw new Error(`${name} says nothing of its licence`);
      return [`${name} ${version} (${license})`, ...texts].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`)
    .concat('\n');
}

/** Their folders, `node_modules/NAME`, in order. */
function findPackages(files) {
  const folders = files.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  return [...new Set(folders)].filter((folder) => folder !== undefined).toSorted();
}
