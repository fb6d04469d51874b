// Every program in the library's README is run as it stands, as a user's program would be: from another folder, with the package in its
// node_modules, against a lab in the host's place.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFleet, type Fleet } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import { repository } from '../support/cli.ts';

const run = promisify(execFile);
const password = 'Grün-Pass-1!';
const page = await readFile(join(repository, 'docs/library.md'), 'utf8');
const programs = [...page.matchAll(/^```js\n(.*?)^```/gms)].map((fence) => fence[1] ?? '');
const hostLine = "host: 'ex01.corp.example',";

let fleet: Fleet;
let folder: string;
beforeAll(async () => {
  fleet = await startFleet({ account: { user: 'CORP\\admin', password }, servers: [serverSpec({ name: 'ex01' })] });
  folder = await mkdtemp(join(tmpdir(), 'fencepost-readme-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(repository, join(folder, 'node_modules/fencepost'));
});
afterAll(async () => {
  await fleet.close();
  await rm(folder, { recursive: true });
});

/** What each prints, in the order of the page. */
const printed = [
  /^0 \r?\n.*tcp.*5985/s,
  /^Microsoft Windows Server 2019 Standard\nAutomatic null\n.*Internet 6005\nStopped\n0\n$/s,
  /^Zug\n0\n$/,
];

test.each(programs.map((program, index) => [index + 1, program] as const))('program %i runs', async (n, program) => {
  expect(program).toContain(hostLine);
  const here = `host: '127.0.0.1', port: ${String(fleet.server('ex01').port)},`;
  const file = join(folder, `program-${String(n)}.mjs`);
  await writeFile(file, program.replaceAll(hostLine, here));
  const { stdout, stderr } = await run(process.execPath, [file], { env: { WINRM_PASSWORD: password } });
  // Reached by its address, a host gets no Kerberos, and the library says so; by a name that a KDC knows it would be silent.
  expect(stderr).toMatch(
    /^(?:\(node:\d+\) \[FENCEPOST_LESS_SECURE\] Warning: .*NTLM is used instead of Kerberos.*\n.*\n)?$/,
  );
  expect(stdout).toMatch(printed[n - 1] ?? /^$/);
  await expect.poll(() => fleet.server('ex01').openShells).toBe(0);
});

test('every program has its expectation', () => {
  expect(programs).toHaveLength(printed.length);
});
