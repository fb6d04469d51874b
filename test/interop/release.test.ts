// A release from nothing to its signature, in a repository of its own; and the same files once more from its tag.
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repository } from '../support/cli.ts';
import { makePerson, missingSshKeygen, writeSigners, type SshPerson } from '../support/ssh-keys.ts';

const execute = promisify(execFile);
const releaseTest = test.skipIf((await missingSshKeygen()) !== null);
const version = '9.8.7';

let folder: string;
let origin: string;
let person: SshPerson;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-released-'));
  origin = join(folder, 'origin');
  const { stdout } = await execute('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: repository });
  for (const file of stdout.split('\0').filter((one) => one !== '')) {
    await mkdir(dirname(join(origin, file)), { recursive: true });
    await cp(join(repository, file), join(origin, file));
  }
  person = await makePerson(folder, 'keeper');
  await run('git', 'init', '--quiet', '--initial-branch', 'main');
  await run('git', 'add', '--all');
  await run('git', 'commit', '--quiet', '-m', 'All of it');
});
afterAll(() => rm(folder, { recursive: true }));

async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const names = { GIT_AUTHOR_NAME: 'keeper', GIT_AUTHOR_EMAIL: 'k@corp.example' };
  const env = { PATH, HOME, ...names, GIT_COMMITTER_NAME: 'keeper', GIT_COMMITTER_EMAIL: 'k@corp.example' };
  return (await execute(program, args, { cwd: origin, env, maxBuffer: 2 ** 24 })).stdout;
}

const release = (...args: readonly string[]): Promise<string> => run('node', '.build/release.mjs', ...args);
const releasing = [version, '--without-binaries', '--sign-key'];

releaseTest('refuses what is no version, has no key, or is not committed, and changes nothing', async () => {
  await expect(release('1.2', '--sign-key', person.keyFile)).rejects.toThrow(/"1\.2" is no version/);
  await expect(release(version)).rejects.toThrow(/needs --sign-key/);
  await expect(release(...releasing, join(folder, 'no-such-key'))).rejects.toThrow(/there is no .*no-such-key/);
  await cp(join(origin, 'LICENSE'), join(origin, 'LICENSE-2'));
  await expect(release(...releasing, person.keyFile)).rejects.toThrow(/commit them first/);
  await rm(join(origin, 'LICENSE-2'));
  expect(await run('git', 'log', '--format=%s')).toBe('All of it\n');
});

releaseTest(
  'leaves no tag for files that could not be made, and goes on when they can',
  { timeout: 600_000 },
  async () => {
    // An npm that can install nothing, before the real one.
    const script = '[ "$1" = ci ] && echo "no registry" >&2 && exit 1\nPATH="${PATH#*:}" exec npm "$@"\n';
    await writeFile(join(folder, 'npm'), `#!/bin/sh\n${script}`);
    await chmod(join(folder, 'npm'), 0o755);
    const path = `PATH=${folder}:${process.env['PATH'] ?? ''}`;
    const failing = run('env', path, 'node', '.build/release.mjs', ...releasing, person.keyFile);
    await expect(failing).rejects.toThrow(/no registry/);
    expect(await run('git', 'tag')).toBe('');
    await release(...releasing, person.keyFile);
    expect(await run('git', 'log', '--format=%s')).toBe(`Release ${version}\nAll of it\n`);
    expect(await run('git', 'status', '--porcelain')).toBe('');
    expect(await run('git', 'cat-file', 'tag', `v${version}`)).toMatch(/^tag v9\.8\.7$[^]*BEGIN SSH SIGNATURE/m);
    expect(await run('git', 'show', `v${version}:CHANGELOG.md`)).toMatch(/^## 9\.8\.7 \(\d{4}-\d\d-\d\d\)$/m);
    expect(await run('git', 'show', `v${version}:package-lock.json`)).toMatch(/"version": "9\.8\.7"/);
    await expect(release(...releasing, person.keyFile)).rejects.toThrow(/is there already/);
  },
);

releaseTest(
  'signs the checksums of all its files, which can be made again from the tag',
  { timeout: 600_000 },
  async () => {
    const made = join(origin, '.fencepost/release', version);
    const sums = await readFile(join(made, 'SHA256SUMS'), 'utf8');
    expect(sums).toMatch(/^\w{64} {2}fencepost-9\.8\.7\.tgz\n\w{64} {2}sbom\.cdx\.json\n$/);
    const signers = await writeSigners(join(folder, 'allowed_signers'), [person]);
    const verify = 'ssh-keygen -Y verify -f "$0" -I keeper -n fencepost-release -s SHA256SUMS.sig <SHA256SUMS';
    const { stdout } = await execute('sh', ['-c', verify, signers], { cwd: made });
    expect(stdout).toMatch(/Good "fencepost-release" signature/);
    const again = join(folder, 'again');
    await run('node', '.build/release-files.mjs', again, '--without-binaries');
    await cp(join(made, 'SHA256SUMS'), join(again, 'SHA256SUMS'));
    expect((await execute('sha256sum', ['--check', 'SHA256SUMS'], { cwd: again })).stdout).toMatch(
      /^fencepost-9\.8\.7\.tgz: OK\nsbom\.cdx\.json: OK\n$/,
    );
  },
);
