// The command line on win32: the npm package in npm's node.exe under Wine, against simulated servers on this machine. What is asserted of
// a change is the state of those servers. Wine is not Windows: what it cannot show is listed in docs/windows.md.
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { openLab, type TestLab } from '../../support/lab.ts';
import { installPacked } from '../../support/packed.ts';
import { repository } from '../../support/cli.ts';
import { packedOnce } from '../support/shared/products.ts';
import { missingWine, openWine, type Wine, type WineEnd, type WineOptions } from '../support/wine.ts';

const missing = await missingWine();
const suite = describe.skipIf(missing !== null);
const program = 'C:\\Program Files\\Fencepost';
const main = `${program}\\dist\\cli\\main.js`;
const desk = 'C:\\Exchange Night';
const password = 'Grün-Pass-€-1!';

let wine: Wine;
/** `C:\Exchange Night`, as this machine sees it. */
let folder: string;
let lab: TestLab;

beforeAll(async () => {
  if (missing !== null) return;
  const [opened, tarball] = await Promise.all([openWine(), packedOnce()]);
  wine = opened;
  const installed = await installPacked(tarball, join(wine.folder, 'project'));
  await cp(installed, join(wine.driveC, 'Program Files/Fencepost'), { recursive: true });
});
afterAll(async () => {
  if (missing === null) await wine.close();
});

beforeEach(async () => {
  if (missing !== null) return;
  folder = join(wine.driveC, 'Exchange Night');
  await mkdir(folder);
  lab = await openLab([{ name: 'ex01' }, { name: 'ex02', language: 'de' }], { password });
});
afterEach(async () => {
  if (missing !== null) return;
  await lab.close();
  await rm(folder, { recursive: true, force: true });
  await rm(join(wine.localAppData, 'fencepost'), { recursive: true, force: true });
});

/** In the folder of the night. */
function fencepost(args: readonly string[], options: WineOptions = {}): Promise<WineEnd> {
  return wine.run([wine.node, main, ...args], { cwd: folder, ...options });
}

const holdUntilDeleted = `
  const fs = require('node:fs');
  fs.writeFileSync('held', '');
  setInterval(() => fs.existsSync('held') || process.exit(), 50);`;

/** As Windows PowerShell 5 writes what is redirected with `>`. */
function utf16(text: string): Buffer {
  return Buffer.from(`\uFEFF${text.replaceAll(/\r?\n/g, '\r\n')}`, 'utf16le');
}

function crlf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}

/** Inventory, password and playbook, as they are on a Windows machine. */
async function writeNight(to: string, write: (text: string) => Buffer | string): Promise<void> {
  await mkdir(join(to, 'playbooks'), { recursive: true });
  await writeFile(join(to, 'prod.yml'), write(await readFile(lab.inventoryFile, 'utf8')));
  await writeFile(join(to, 'password'), write(`${password}\n`));
  const playbook = 'playbooks/exchange-backend-ports.yml';
  await writeFile(join(to, playbook), write(await readFile(join(repository, playbook), 'utf8')));
}

suite('on win32', () => {
  test('does the whole job of the demo', async () => {
    const { exitCode, stdout, stderr } = await fencepost(['demo']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/All 12 servers are exactly as they were found\.\r?\n[^]*fencepost init\r?\n$/);
  });

  test('plan, apply, verify, rollback: CRLF, drive letters, state below %LOCALAPPDATA%', async () => {
    await writeNight(folder, crlf);
    const before = lab.states();
    const plan = await fencepost(['plan', '-i', 'prod.yml', '--out', `${desk}\\tonight.json`]);
    expect(plan, plan.stderr).toMatchObject({ exitCode: 0 });
    expect(lab.changedSince(before)).toEqual([]);
    const apply = await fencepost(['apply', 'tonight.json', '-i', `${desk}\\prod.yml`, '--yes']);
    expect(apply, apply.stderr).toMatchObject({ exitCode: 0 });
    expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
    expect(await fencepost(['verify', '-i', 'prod.yml'])).toMatchObject({ exitCode: 0 });
    const [run = '', ...others] = await readdir(join(wine.localAppData, 'fencepost/runs'));
    expect(others).toEqual([]);
    // Beside it lies the password: in this folder, not at the root of the drive.
    const rollback = await fencepost(['rollback', run, '-i', 'c:prod.yml', '--yes']);
    expect(rollback, rollback.stdout + rollback.stderr).toMatchObject({ exitCode: 0 });
    expect(lab.changedSince(before)).toEqual([]);
  });

  test('files in UTF-16, as PowerShell 5 redirects; and a plan that another program has open is not replaced', async () => {
    await writeNight(folder, utf16);
    const plan = ['plan', '-i', 'prod.yml', '--out', 'tonight.json', '--force'];
    const saved = await fencepost(plan);
    expect(saved, saved.stderr).toMatchObject({ exitCode: 0 });
    const first = await readFile(join(folder, 'tonight.json'), 'utf8');
    expect(first).toContain('"fencepost-plan"');
    await writeFile(join(folder, 'hold.cjs'), holdUntilDeleted);
    // cmd opens what it reads from so that it can't be replaced.
    const { ended } = wine.start(['cmd', '/c', `${wine.node} hold.cjs < tonight.json`], { cwd: folder });
    await expect.poll(() => readdir(folder), { timeout: 120_000 }).toContain('held');
    const refused = await fencepost(plan);
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.stderr).toMatch(/can't be written \((EPERM|EBUSY)\)[^]*close the program that has this file open/);
    expect(await readFile(join(folder, 'tonight.json'), 'utf8')).toBe(first);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await rm(join(folder, 'held'));
    await ended;
  });

  test('killed in the middle of a change: its locks block nobody, and a rollback restores every server', async () => {
    await writeNight(folder, crlf);
    const before = lab.states();
    const running = wine.start([wine.node, main, 'apply', '-i', 'prod.yml', '--yes'], { cwd: folder });
    await expect.poll(() => lab.changesSent().length, { timeout: 120_000, interval: 2 }).toBeGreaterThan(0);
    running.kill();
    expect(await running.ended).toMatchObject({ exitCode: null });
    const state = join(wine.localAppData, 'fencepost');
    expect(await readdir(join(state, 'locks'))).not.toEqual([]);
    const [run = ''] = await readdir(join(state, 'runs'));
    const rollback = await fencepost(['rollback', run, '-i', 'prod.yml', '--yes']);
    expect(rollback, rollback.stdout + rollback.stderr).toMatchObject({ exitCode: 0 });
    expect(lab.changedSince(before)).toEqual([]);
    expect(await readdir(join(state, 'locks'))).toEqual([]);
  });

  test('inventory and state directory on a share (UNC)', async () => {
    await mkdir(join(wine.folder, 'share/ops'), { recursive: true });
    await symlink(join(wine.folder, 'share'), join(wine.folder, 'prefix/dosdevices/unc')).catch(() => undefined);
    await writeNight(join(wine.folder, 'share/ops/night'), crlf);
    const share = '\\\\ops\\night';
    const at = ['-i', `${share}\\prod.yml`, '-p', `${share}\\playbooks\\exchange-backend-ports.yml`];
    const before = lab.states();
    const apply = await fencepost(['apply', ...at, '--state-dir', `${share}\\state`, '--yes']);
    expect(apply, apply.stderr).toMatchObject({ exitCode: 0 });
    expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
    const state = join(wine.folder, 'share/ops/night/state');
    expect(await readdir(join(state, 'locks'))).toEqual([]);
    expect(await readdir(join(state, 'runs'))).toHaveLength(1);
  });
});
