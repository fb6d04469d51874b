// `npm run release -- VERSION --sign-key FILE [--without-binaries]`: changelog, version, commit, files (release-files.mjs), signature, tag.
// The tag comes last, so that none stands for files that could not be made; started again after a failure it goes on where it was. It pushes
// and publishes nothing.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeReleaseFiles } from './release-files.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'sign-key': { type: 'string' }, 'without-binaries': { type: 'boolean', default: false } },
});
const [version = ''] = positionals;
const key = resolve(values['sign-key'] ?? '');
process.chdir(fileURLToPath(new URL('../', import.meta.url)));

if (!/^\d+\.\d+\.\d+(?:-[0-9a-z.]+)?$/.test(version)) refuse(`"${version}" is no version such as 0.1.0`);
if (values['sign-key'] === undefined)
  refuse('it needs --sign-key FILE, an SSH key to sign the checksums and the tag with');
if (!existsSync(key)) refuse(`there is no ${key}`);
if (git('status', '--porcelain') !== '') refuse('the working tree has changes: commit them first');
if (git('tag', '--list', `v${version}`) !== '') refuse(`the tag v${version} is there already`);

const subject = `Release ${version}`;
if (git('log', '-1', '--format=%s') !== subject) commitVersion();
const folder = resolve('.fencepost/release', version);
const names = makeReleaseFiles({ folder, binaries: !values['without-binaries'] });
const sums = join(folder, 'SHA256SUMS');
writeFileSync(sums, names.map((name) => `${hashFile(join(folder, name))}  ${name}\n`).join(''));
run('ssh-keygen', '-Y', 'sign', '-q', '-n', 'fencepost-release', '-f', key, sums);
git('-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}`, 'tag', '--sign', '-m', subject, `v${version}`);
console.log(
  `${folder}:\n${readFileSync(sums, 'utf8')}signed in SHA256SUMS.sig\nnext: git push origin HEAD v${version}`,
);

function commitVersion() {
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  const date = new Date().toISOString().slice(0, 10);
  const released = changelog.replace(/^## .*unreleased.*$/im, `## ${version} (${date})`);
  if (released === changelog) refuse('CHANGELOG.md has no section that is unreleased');
  writeFileSync('CHANGELOG.md', released);
  run('npm', 'version', '--no-git-tag-version', '--allow-same-version', version);
  git('commit', '--quiet', '-m', subject, '--', 'CHANGELOG.md', 'package.json', 'package-lock.json');
}

function hashFile(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function git(...args) {
  return run('git', ...args).trim();
}

function run(program, ...args) {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['inherit', 'pipe', 'inherit'] });
}

function refuse(why) {
  console.error(`no release: ${why}`);
  process.exit(1);
}
