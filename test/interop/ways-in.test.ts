// Each way in that README names, in a bare Debian with nothing but what it asks for: from nothing to a demo that passes, with seconds and
// megabytes (they are printed; docs/install.md has a table of them). The last is the image: the steps of the Dockerfile, then its user.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFleet } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { repository } from '../support/cli.ts';
import { missingBareRoot, openBareRoot, type BareRoot } from './support/bare-root.ts';
import { buildImage, readDockerfile, runImage, runIn, type Ended, type Image } from './support/dockerfile.ts';
import { binaryOnce, packedOnce, tarballName } from './support/shared/products.ts';

const run = promisify(execFile);
const missing = await missingBareRoot();
const works = /All 12 servers are exactly as they were found\.\n[^]*Now your servers: fencepost init\n$/;

let bare: BareRoot;
let tarball: string;
let binary: string;
let env: Readonly<Record<string, string>>;
const user = {
  user: '1000:1000',
  workingFolder: '/home/me',
  env: { HOME: '/home/me', PATH: '/usr/local/bin:/usr/bin:/bin' },
};

async function megabytes(): Promise<number> {
  const { stdout } = await run('du', ['-sm', '--exclude=proc', bare.root]);
  return Number.parseInt(stdout, 10);
}

/** Seconds and megabytes from nothing to a demo that passes; prints them. */
async function measure(way: string, install: () => Promise<unknown>, demo: () => Promise<Ended>): Promise<void> {
  const [before, started] = [await megabytes(), performance.now()];
  await install();
  const ended = await demo();
  const seconds = (performance.now() - started) / 1000;
  expect(ended, ended.stderr).toMatchObject({
    exitCode: 0,
    stderr: '',
    stdout: expect.stringMatching(works) as string,
  });
  console.info(`${way}: ${seconds.toFixed(0)} s, ${String((await megabytes()) - before)} MB`);
}

describe.skipIf(missing !== null)('in a bare Debian', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    tarball = await packedOnce();
    binary = await binaryOnce();
    bare = await openBareRoot();
    await mkdir(join(bare.root, 'home/me'));
    await run('chown', ['1000:1000', join(bare.root, 'home/me')]);
    env = await bare.npmEnvironment();
  });
  afterAll(() => bare.remove());

  test('one file: copied, and run, with the one library that Node 26 takes from the system', async () => {
    const to = join(bare.root, 'usr/local/bin/fencepost');
    const root = { root: bare.root, ...user, user: '0:0', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } };
    const fetching = 'apt-get update -qq && apt-get install -qq --no-install-recommends libatomic1';
    const library = `${fetching} && apt-get clean && rm -rf /var/lib/apt/lists/*`;
    const install = async (): Promise<void> => {
      await run('install', [binary, to]);
      // Without it the system's loader says what is missing, and nothing is started.
      expect((await runIn({ root: bare.root, ...user }, ['fencepost', '--version'])).stderr).toMatch(
        /libatomic\.so\.1/,
      );
      expect(await runIn(root, ['sh', '-c', library])).toMatchObject({ exitCode: 0 });
    };
    try {
      await measure('one file', install, () => runIn({ root: bare.root, ...user }, ['fencepost', 'demo']));
    } finally {
      await rm(to);
    }
  });

  test('the npm package: installed without a network, beside a Node that is there', async () => {
    await bare.addNode(24);
    await copyFile(tarball, join(bare.root, 'home/me', tarballName));
    const root = { root: bare.root, ...user, user: '0:0' };
    const flags = ['--global', '--omit=optional', '--offline', `./${tarballName}`];
    const install = async (): Promise<void> => {
      const { exitCode, stderr } = await runIn(root, ['npm', 'install', ...flags]);
      expect(exitCode, stderr).toBe(0);
    };
    try {
      await measure('npm package', install, () => runIn({ root: bare.root, ...user }, ['fencepost', 'demo']));
    } finally {
      await runIn(root, ['npm', 'uninstall', '--global', 'fencepost']);
    }
  });

  describe('the image', () => {
    let image: Image;

    test('is built by the steps of its Dockerfile, and does the demo as its user', async () => {
      const dockerfile = join(repository, 'Dockerfile');
      expect(readDockerfile(await readFile(dockerfile, 'utf8'))[0]).toEqual({
        name: 'FROM',
        rest: 'node:24.11.1-bookworm-slim',
      });
      const build = async (): Promise<void> => {
        image = await buildImage(bare.root, dockerfile, dirname(tarball), env);
      };
      await measure('image, above its base', build, () => runImage(image, ['demo']));
    });

    test('runs as a user who owns the state directory and nothing else', async () => {
      const asUser = (line: string): Promise<Ended> => runIn(image, ['sh', '-c', line]);
      expect((await asUser('id -u; stat -c %U:%a /var/lib/fencepost; touch /usr/local/x')).stdout).toBe(
        '10001\nfencepost:700\n',
      );
      expect((await runImage(image, null)).stdout).toMatch(/^fencepost <command>/);
    });

    test('has MIT Kerberos, which our client can load, and ssh-keygen', async () => {
      const asUser = (line: string): Promise<Ended> => runIn(image, ['sh', '-c', line]);
      expect((await asUser('kinit -V nobody@NOWHERE.EXAMPLE </dev/null; command -v ssh-keygen')).stdout).toMatch(
        /ssh-keygen\n$/,
      );
      const fleet = await startFleet({
        account: { user: 'x', password: 'y' },
        servers: [serverSpec({ name: 'ex01' })],
      });
      try {
        const winrm = `{ username: a@B.EXAMPLE, auth: kerberos, port: ${String(fleet.server('ex01').port)} }`;
        const inventory = `all: { children: { exchange: { hosts: { localhost: { winrm: ${winrm} } } } } }`;
        const playbook = '/usr/local/lib/node_modules/fencepost/playbooks/exchange-backend-ports.yml';
        const line = `cd /tmp; echo '${inventory}' > prod.yml; fencepost collect -i prod.yml -p ${playbook}`;
        const { stdout, stderr } = await asUser(line);
        expect(stdout + stderr).toMatch(/auth\/kerberos-ticket/);
      } finally {
        await fleet.close();
      }
    });
  });
});
