// The npm package as a user meets it: packed in a fresh clone, installed into an empty folder without the network, on every Node it is for.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repository } from '../support/cli.ts';
import { installPacked, npm } from '../support/packed.ts';
import { fetchNode } from './support/node-versions.ts';
import { packAgain, packedOnce } from './support/shared/products.ts';

const run = promisify(execFile);

let folder: string;
let tarball: string;
/** A project that has only the package. */
let project: string;
let installed: string;
let state: Record<string, string>;

beforeAll(async () => {
  tarball = await packedOnce();
  folder = await realpath(await mkdtemp(join(tmpdir(), 'fencepost-package-')));
  project = join(folder, 'project');
  installed = await installPacked(tarball, project);
  state = { PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home') };
});
afterAll(() => rm(folder, { recursive: true }));

async function fencepost(...args: readonly string[]): Promise<string> {
  const command = ['--no-install', 'fencepost', ...args];
  return (await run('npx', command, { cwd: project, env: state, maxBuffer: 2 ** 24 })).stdout;
}

test('brings no other package, and nothing that runs when it is installed', async () => {
  expect((await readdir(join(project, 'node_modules'))).filter((one) => !one.startsWith('.'))).toEqual(['fencepost']);
  const published = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as object;
  for (const name of ['dependencies', 'scripts', 'private']) expect(published).not.toHaveProperty(name);
});

test('asks for the compiled parts of koffi directly, in the version of the code inside', async () => {
  const readManifest = async (from: string): Promise<Record<string, string>> =>
    (JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as { optionalDependencies: typeof state })
      .optionalDependencies;
  const { koffi, ...others } = await readManifest(repository);
  const compiled = Object.entries(await readManifest(installed)).filter(([name]) => !(name in others));
  expect(compiled.map(([name]) => name)).toEqual(
    expect.arrayContaining(['@koromix/koffi-win32-x64', '@koromix/koffi-linux-x64', '@koromix/koffi-linux-arm64']),
  );
  for (const [, version] of compiled) expect(version).toBe(koffi);
});

test('has the docs, the SBOM and the licences', async () => {
  expect(await readdir(join(installed, 'docs'))).toEqual(await readdir(join(repository, 'docs')));
  for (const name of ['README.md', 'LICENSE', 'sbom.cdx.json', 'dist/LICENSES.txt']) await stat(join(installed, name));
});

test('runs through npx, and from a global installation', async () => {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
  expect(await fencepost('--version')).toBe(`${version}\n`);
  const prefix = join(folder, 'global');
  await npm(['install', '--global', '--prefix', prefix, '--omit=optional', '--offline', tarball], folder);
  const { stdout } = await run(join(prefix, 'bin/fencepost'), ['plan', '--help'], { env: state, cwd: folder });
  expect(stdout).toMatch(/^fencepost plan/);
});

test('writes the files to start from', async () => {
  await fencepost('init', 'start');
  expect((await readdir(join(project, 'start'))).toSorted()).toEqual(['inventory', 'playbooks', 'schemas']);
});

describe.each([20, 22, 24, 26])('on Node %i', (major) => {
  test('says its version, and does the whole job of the demo', { timeout: 600_000 }, async () => {
    const node = await fetchNode(major);
    const main = join(installed, 'dist/cli/main.js');
    const home = join(folder, `home-${String(major)}`);
    await mkdir(home);
    const options = { cwd: folder, env: { HOME: home, TMPDIR: home }, maxBuffer: 2 ** 24 };
    expect((await run(node, ['--version'])).stdout).toMatch(new RegExp(`^v${String(major)}\\.`));
    expect(await run(node, [main, '--version'], options)).toEqual({ stdout: '0.1.0\n', stderr: '' });
    const { stdout } = await run(node, [main, 'demo'], options);
    expect(stdout).toMatch(/All 12 servers are exactly as they were found\.\n[^]*fencepost init\n$/);
    expect(stdout).not.toMatch(/Warning/);
    const hasCache = await stat(join(home, '.cache/fencepost/compiled')).catch(() => null);
    // Node 20 can't keep what it compiled.
    expect(hasCache !== null).toBe(major >= 22);
  });
});

test('gives fencepost/winrm with its types, whole', async () => {
  const program = `import { connect, createClient, Failure, quoteWql } from 'fencepost/winrm';
const client = createClient({ host: '127.0.0.1', port: 9, username: 'a', password: 'b' });
const name: string = quoteWql('x');
try {
  await connect({ host: '127.0.0.1', port: 9, username: 'a', password: 'b' });
} catch (error) {
  console.log(error instanceof Failure, name);
}
await client.close();
`;
  const wrong = `import { createClient } from 'fencepost/winrm';
createClient({ hots: 'x' });
`;
  await writeFile(join(project, 'program.ts'), program);
  await writeFile(join(project, 'wrong.ts'), wrong);
  const options = { strict: true, module: 'nodenext', target: 'es2023', skipLibCheck: false, types: ['node'] };
  const typeRoots = [join(repository, 'node_modules/@types')];
  const compilerOptions = { ...options, typeRoots, lib: ['es2023'] };
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['program.ts', 'wrong.ts'] }),
  );
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const refused = (await run(process.execPath, [tsc, '-p', project]).catch((error: unknown) => error)) as {
    readonly stdout: string;
  };
  // A name that is none of the options is the only thing that is refused.
  expect(refused.stdout).toMatch(/^\S*wrong\.ts\(2,\d+\): error [^\n]*hots[^\n]*\n(?: [^\n]*\n)*$/);
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: project, env: state });
  expect(stdout).toBe("true 'x'\n");
});

test('is the same, byte for byte, when it is packed again', { timeout: 600_000 }, async () => {
  const first = await readFile(tarball);
  expect((await packAgain()).equals(first)).toBe(true);
});
