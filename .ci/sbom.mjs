// Writes sbom.cdx.json: what is installed with Fencepost, as CycloneDX. npm writes it from the lock file; "npm sbom --omit dev" leaves out
// packages that a development tool needs too (yaml, zod), so the lock file's own word decides here. The same lock file, the same bytes.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));

/** `name@version` of every entry of the lock file that is not there for development alone. */
const shipped = new Set(
  Object.entries(packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true)
    .map(
      ([path, entry]) => `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${entry.version}`,
    ),
);

const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
const isWindows = process.platform === 'win32';
const text = execFileSync('npm', ['sbom', ...options], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
  shell: isWindows,
});
const { serialNumber: _, metadata, components, dependencies, ...rest } = JSON.parse(text);

// npm names the component after the folder, and notes the time.
const { name, version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const { timestamp: __, ...about } = metadata;
const kept = components.filter((one) => shipped.has(`${one.name}@${one.version}`));
const refs = new Set([metadata.component['bom-ref'], ...kept.map((one) => one['bom-ref'])]);
const sbom = {
  ...rest,
  metadata: { ...about, component: { ...about.component, name, version } },
  components: kept,
  dependencies: dependencies
    .filter((one) => refs.has(one.ref))
    .map((one) => ({ ...one, dependsOn: one.dependsOn.filter((ref) => refs.has(ref)) })),
};
writeFileSync(process.argv[2] ?? `${root}sbom.cdx.json`, `${JSON.stringify(sbom, null, 1)}\n`);
