// What is installed with Fencepost: every package has its reason on a page, and stands in the SBOM. The lock file is the truth.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { judgeAudit } from './support/audit-report.ts';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

interface Entry {
  readonly version: string;
  readonly dev?: boolean;
  readonly integrity?: string;
}
interface Sbom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly purl: string;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = await readJson<Manifest>(join(root, 'package.json'));
const lock = await readJson<{ packages: Readonly<Record<string, Entry>> }>(join(root, 'package-lock.json'));

/** Package URL -> sha512 of everything that the lock file installs with Fencepost. */
const shipped: ReadonlyMap<string, string> = new Map(
  Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true)
    .map(([path, { version, integrity = '' }]) => {
      const name = path.split('node_modules/').at(-1) ?? '';
      const hash = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
      return [`pkg:npm/${name.replace('@', '%40')}@${version}`, hash] as const;
    }),
);

describe('the SBOM', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-sbom-'));
  const write = async (name: string): Promise<string> => {
    const file = join(folder, name);
    await run(process.execPath, [join(root, '.ci/sbom.mjs'), file]);
    return readFile(file, 'utf8');
  };
  const text = await write('first.json');
  const sbom = JSON.parse(text) as Sbom;

  test('lists exactly what the lock file installs with Fencepost, each with its hash', () => {
    const listed = sbom.components.map(({ purl, hashes = [] }) => {
      const sha512 = hashes.find((one) => one.alg === 'SHA-512')?.content;
      return [purl, sha512] as const;
    });
    expect(listed.toSorted()).toEqual([...shipped].toSorted());
    for (const name of Object.keys(manifest.dependencies)) {
      const purl = `pkg:npm/${name.replace('@', '%40')}@${manifest.dependencies[name] ?? ''}`;
      expect(shipped.has(purl), purl).toBe(true);
    }
  });

  test('is of this package, and nothing in it leads to what is not listed', () => {
    expect(sbom.bomFormat).toBe('CycloneDX');
    expect(sbom.metadata.component).toMatchObject({ name: manifest.name, version: manifest.version });
    const refs = new Set([`${manifest.name}@${manifest.version}`, ...sbom.components.map((one) => one['bom-ref'])]);
    for (const { ref, dependsOn } of sbom.dependencies) {
      expect([ref, ...dependsOn].filter((one) => !refs.has(one))).toEqual([]);
    }
    expect(sbom.dependencies).toHaveLength(refs.size);
  });

  test('is the same text for the same lock file, and goes into the package', async () => {
    expect(await write('second.json')).toBe(text);
    await rm(folder, { recursive: true });
    expect(manifest.files).toContain('sbom.cdx.json');
  });
});

test('every dependency has its reason and its place in docs/dependencies.md', async () => {
  const page = await readFile(join(root, 'docs/dependencies.md'), 'utf8');
  const [needed = '', optional = ''] = page.split('\nOptional,');
  const rowsOf = (part: string): readonly (readonly string[])[] =>
    [...part.matchAll(/^\| `([^`]+)` *\| (.+?) *\| `([^`]+)` *\|$/gm)].map((row) => row.slice(1));
  expect(rowsOf(needed).map(([name]) => name)).toEqual(Object.keys(manifest.dependencies));
  expect(rowsOf(optional).map(([name]) => name)).toEqual(Object.keys(manifest.optionalDependencies));
  for (const [name = '', , file = ''] of rowsOf(page)) {
    expect(await readFile(join(root, file), 'utf8'), file).toContain(`'${name}'`);
  }
});

test('versions are exact, and every entry of the lock file has a hash', () => {
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  for (const version of Object.values({ ...dependencies, ...optionalDependencies, ...devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
  for (const [path, { integrity }] of Object.entries(lock.packages)) {
    if (path !== '') expect(integrity, path).toMatch(/^sha512-/);
  }
});

describe('the advisories of a registry', () => {
  const report = (severity: string): string =>
    JSON.stringify({ auditReportVersion: 2, vulnerabilities: { yaml: { severity } } });

  test.each([
    ['none', JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} }), { kind: 'clean' }],
    ['a moderate one', report('moderate'), { kind: 'clean' }],
    ['a high one', report('high'), { kind: 'unsafe', packages: ['yaml'] }],
    ['a critical one', report('critical'), { kind: 'unsafe', packages: ['yaml'] }],
    [
      'no such service',
      '{"message":"405 Method Not Allowed"}',
      { kind: 'not-checked', reason: '405 Method Not Allowed' },
    ],
    ['nothing', '', { kind: 'not-checked', reason: 'npm audit printed no report' }],
    ['a report of another version', '{"auditReportVersion":3}', { kind: 'not-checked', reason: 'no report' }],
  ])('%s', (_, stdout, verdict) => {
    expect(judgeAudit(stdout)).toEqual(verdict);
  });
});
