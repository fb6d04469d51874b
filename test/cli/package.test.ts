// What the build made, held against what the package promises; test/interop/package.test.ts installs it.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../support/cli.ts';

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(join(repository, file), 'utf8')) as T;
}

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: { readonly './winrm': { readonly default: string } };
  readonly files: readonly string[];
}
const manifest = await readJson<Manifest>('package.json');

test('the files that the package names are built, and the program may be run', async () => {
  const program = manifest.bin['fencepost'] ?? '';
  expect((await stat(join(repository, program))).mode & 0o111).not.toBe(0);
  expect(await readFile(join(repository, program), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  await stat(join(repository, manifest.exports['./winrm'].default));
});

test('every package inside has its licence, and is one that the SBOM lists: no development tool', async () => {
  const { packages } = await readJson<{ packages: Record<string, { version: string; dev?: boolean }> }>(
    'package-lock.json',
  );
  const shipped = Object.entries(packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true)
    .map(([path, entry]) => `${path.replace(/^.*node_modules\//, '')} ${entry.version}`);
  const licences = (await readFile(join(repository, 'dist/LICENSES.txt'), 'utf8')).split(`\n\n${'-'.repeat(80)}\n\n`);
  // Some bring no text of their licence, and only name it.
  const inside = licences.map(
    (text) => /^(\S+ \S+) \((?:MIT|MIT-0|ISC|BSD-\d-Clause|Apache-2\.0)\)(?:\n|$)/.exec(text)?.[1],
  );
  expect(inside).toEqual(expect.arrayContaining([expect.stringMatching(/^pino /), expect.stringMatching(/^koffi /)]));
  for (const one of inside) expect(shipped).toContain(one);
});

test('README links to nothing that the package leaves out', async () => {
  const readme = await readFile(join(repository, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
  expect(links.length).toBeGreaterThan(8);
  for (const link of links) {
    await stat(join(repository, link));
    expect([...manifest.files, 'LICENSE'], link).toContain(link.split('/')[0]);
  }
});
