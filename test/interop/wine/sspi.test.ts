// The binding of secur32.dll against Wine's own, in node.exe: structs, calls and buffers as an implementation has them that nobody here
// wrote, with a KDC and a service of MIT's. As far as Wine 8 goes: no sealing and no channel binding (docs/windows.md).
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openKerberosService } from '../../../src/winrm/auth/kerberos.ts';
import type { KerberosService } from '../../../src/winrm/auth/kerberos/library.ts';
import { createKdc, missingKdc, realm, type Kdc } from '../support/kdc.ts';
import { fetchKoffi } from '../support/node-versions.ts';
import { missingWine, openWine, type Wine } from '../support/wine.ts';

const missing = (await missingKdc()) ?? (await missingWine());
const password = 'Grün-Pass-€-1!';
const before = { ...process.env };
let kdc: Kdc;
let wine: Wine;
let service: KerberosService;
let folder: string;

beforeAll(async () => {
  if (missing !== null) return;
  [kdc, wine] = await Promise.all([createKdc(), openWine()]);
  await kdc.admin(`addprinc -pw ${password} ops`);
  await kdc.admin('addprinc -randkey HTTP/localhost');
  const keytab = await kdc.keytab('services.keytab', 'HTTP/localhost');
  await kdc.start();
  await kdc.kinit('ops', password);
  Object.assign(process.env, kdc.environment);
  service = await openKerberosService(keytab);
  folder = join(wine.driveC, 'sspi');
  await mkdir(folder);
  await cp(await fetchKoffi('win32', 'x64'), join(folder, 'node_modules'), { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL('../support/wine-initiator.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    outfile: join(folder, 'initiator.mjs'),
    logLevel: 'warning',
  });
});

afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
  if (missing !== null) return;
  await kdc.dispose();
  await wine.close();
});

async function take(name: string): Promise<Buffer> {
  await expect.poll(() => readdir(folder), { timeout: 120_000 }).toContain(name);
  return readFile(join(folder, name));
}

async function put(name: string, bytes: Uint8Array): Promise<void> {
  await writeFile(join(folder, `${name}.part`), bytes);
  await rename(join(folder, `${name}.part`), join(folder, name));
}

/** A logon as far as the service's answer; `alter` makes another of it. Resolves with what the client made of that. */
async function logOn(turn: string, alter: (token: Buffer) => Buffer) {
  const answer = service.accept({ token: await take(`${turn}-token`), channelBinding: null });
  if (answer.kind !== 'accepted') return expect.fail(answer.status.words);
  await put(`${turn}-answer`, alter(Buffer.from(answer.token ?? [])));
  const end = JSON.parse((await take(`${turn}-end`)).toString()) as unknown;
  answer.context.release();
  return {
    principal: answer.principal,
    isMutual: answer.isMutual,
    isConfidential: answer.isConfidential,
    end,
  };
}

const same = (token: Buffer): Buffer => token;
function falsify(token: Buffer): Buffer {
  token.writeUInt8(token.readUInt8(token.length - 1) ^ 1, token.length - 1);
  return token;
}

test.skipIf(missing !== null)(
  "Wine's SSPI logs on: mutual, confidential, and a false proof is refused",
  { timeout: 600_000 },
  async () => {
    const running = wine.start([wine.node, 'initiator.mjs'], { cwd: folder, env: kdc.environment });
    const agreed = { principal: `ops@${realm}`, isMutual: true, isConfidential: true };
    try {
      expect(await logOn('first', same)).toMatchObject({ ...agreed, end: [null, true] });
      expect(await logOn('second', same)).toMatchObject({ ...agreed, end: [null, true] });
      expect(await logOn('forged', falsify)).toMatchObject({
        ...agreed,
        end: [expect.stringContaining('SSPI status') as string, false],
      });
      expect(await running.ended).toMatchObject({ exitCode: 0, stderr: '' });
    } catch (thrown) {
      running.kill();
      const { stdout, stderr } = await running.ended;
      throw new Error(`${stdout}${stderr}`, { cause: thrown });
    }
  },
);
