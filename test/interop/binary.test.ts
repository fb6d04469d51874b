// The single executable for this machine, from an empty folder with no node, no package and no shell command in reach.
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFleet } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { repository } from '../support/cli.ts';
import { createKdc, missingKdc } from './support/kdc.ts';
import { binaryOnce, buildBinaryAgain } from './support/shared/products.ts';

const run = promisify(execFile);
const playbook = join(repository, 'playbooks/exchange-backend-ports.yml');

let binary: string;
let folder: string;
beforeAll(async () => {
  binary = await binaryOnce();
  folder = await mkdtemp(join(tmpdir(), 'fencepost-binary-'));
  await mkdir(join(folder, 'home'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** Rejects, as execFile does, with what was printed when it ends with another code than 0. */
function fencepost(...args: readonly string[]): Promise<Printed> {
  const env = {
    HOME: join(folder, 'home'),
    TMPDIR: folder,
    PATH: join(folder, 'nothing'),
    FENCEPOST_STATE_DIR: join(folder, 'state'),
  };
  return run(binary, args, { cwd: folder, env, maxBuffer: 2 ** 24 });
}

test('says its version, in the words of the package', async () => {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
  expect(await fencepost('--version')).toEqual({ stdout: `${version}\n`, stderr: '' });
});

test('does the whole job of the demo, and shows a run of it as a page', async () => {
  const { stdout } = await fencepost('demo', '--keep');
  expect(stdout).toMatch(/All 12 servers are exactly as they were found\.\n[^]*fencepost init\n$/);
  const kept = /^Kept: (.*)$/m.exec(stdout)?.[1] ?? '';
  try {
    const [first = ''] = (await readdir(join(kept, 'state/runs'))).toSorted();
    await fencepost('report', first, '--state-dir', join(kept, 'state'), '--out', join(folder, 'night.html'));
    expect(await readFile(join(folder, 'night.html'), 'utf8')).toMatch(/^<!doctype html>[^]*ex03[^]*<\/html>\s*$/i);
  } finally {
    await rm(kept, { recursive: true });
  }
});

test('writes the files to start from, the schemas and the completion', async () => {
  await fencepost('init', 'start');
  for (const name of ['inventory/example.yml', 'playbooks/exchange-backend-ports.yml'] as const) {
    const [made, theirs] = [name.replace('example', 'prod'), await readFile(join(repository, name), 'utf8')];
    expect((await readFile(join(folder, 'start', made), 'utf8')).split('\n').at(-5)).toBe(theirs.split('\n').at(-5));
  }
  expect(JSON.parse((await fencepost('schema', 'playbook')).stdout)).toHaveProperty('properties');
  expect((await fencepost('completion', 'bash')).stdout).toContain('fencepost');
  expect((await fencepost('completion', 'bash', '--install')).stdout).toMatch(/^written .*\.bashrc\n/);
  expect(await readFile(join(folder, 'home/.bashrc'), 'utf8')).toContain('fencepost --get-yargs-completions');
});

const kerberos = '{ username: user@CORP.EXAMPLE, auth: kerberos, port: PORT }';

/** All that `collect` prints of one host with these settings. */
async function collectWith(winrm: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const fleet = await startFleet({ account: { user: 'x', password: 'y' }, servers: [serverSpec({ name: 'ex01' })] });
  try {
    const port = String(fleet.server('ex01').port);
    const hosts = `all:\n  children:\n    exchange:\n      vars:\n        winrm: ${winrm.replace('PORT', port)}\n      hosts:\n        localhost:\n`;
    await writeFile(join(folder, 'prod.yml'), hosts);
    const env = { HOME: join(folder, 'home'), PATH: '', ...environment };
    const ended = run(binary, ['collect', '-i', 'prod.yml', '-p', playbook], { cwd: folder, env });
    const { stdout, stderr } = await ended.catch((error: unknown) => error as Printed);
    return `${stdout}${stderr}`;
  } finally {
    await fleet.close();
  }
}

test.each([
  ['Kerberos', kerberos, /auth\/kerberos-ticket/],
  ['the keyring', '{ username: x, auth: ntlm, port: PORT, password: { keyring: none } }', /the keyring/],
])('calls the native module of %s, and leaves nothing of it behind', async (_name, winrm, said) => {
  const printed = await collectWith(winrm);
  expect(printed).toMatch(said);
  expect(printed).not.toMatch(/koffi|native module|inside this executable/);
  expect(await readdir(join(folder, 'home/.cache/fencepost/native'))).toEqual([]);
});

const withoutKdc = await missingKdc();

test.skipIf(withoutKdc !== null)(
  'serves a lab that takes tickets of an MIT KDC, and logs on there with one',
  async () => {
    const kdc = await createKdc();
    try {
      await kdc.admin('addprinc -pw secret ops');
      await kdc.admin('addprinc -randkey HTTP/ex01.corp.example');
      const keytab = await kdc.keytab('services.keytab', 'HTTP/ex01.corp.example');
      await kdc.start();
      await kdc.kinit('ops', 'secret');
      const env = { ...kdc.environment, HOME: join(folder, 'home'), PATH: '' };
      await writeFile(join(folder, 'scenario.yml'), 'defaults: { groups: [exchange] }\nservers: [{ name: ex01 }]\n');
      const args = ['lab', 'scenario.yml', '--dir', 'kerberos', '--keytab', keytab];
      const lab = spawn(binary, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
      const ended = new Promise((resolve) => lab.once('close', resolve));
      try {
        await new Promise<void>((resolve, reject) => {
          let said = '';
          lab.stderr.setEncoding('utf8').on('data', (text: string) => {
            said += text;
            if (said.includes('Stop with Ctrl-C')) resolve();
          });
          lab.once('close', () => {
            reject(new Error(said));
          });
        });
        const collect = ['collect', '-i', 'kerberos/inventory.yml', '-p', playbook, '--json'];
        const { stdout } = await run(binary, collect, { cwd: folder, env });
        expect((JSON.parse(stdout) as { readonly hosts: readonly unknown[] }).hosts).toHaveLength(1);
      } finally {
        lab.kill('SIGINT');
        expect(await ended).toBe(0);
      }
    } finally {
      await kdc.dispose();
    }
  },
);

test('says what it lacks, and writes nothing, where others can write', async () => {
  const shared = join(folder, 'shared');
  await mkdir(shared);
  await chmod(shared, 0o777);
  expect(await collectWith(kerberos, { XDG_CACHE_HOME: shared })).toMatch(
    /there is no folder that only you can write[^]*let XDG_CACHE_HOME name a folder of yours/,
  );
  expect(await readdir(shared)).toEqual([]);
});

test('is the same, byte for byte, when it is built again', async () => {
  const first = await readFile(binary);
  expect((await buildBinaryAgain()).equals(first)).toBe(true);
});
