// The client's end of three logons, carried out in node.exe under Wine with the binding of secur32.dll as it is shipped; bundled by the test.
// It hands tokens over as files, to a service of MIT's on the other side of Wine. It asserts nothing.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as koffi from 'koffi';
import { bindSecur32 } from '../../../src/winrm/auth/kerberos/secur32.ts';
import { createSspiLibrary } from '../../../src/winrm/auth/kerberos/sspi.ts';

function put(name: string, bytes: Uint8Array | string): void {
  writeFileSync(`${name}.part`, bytes);
  renameSync(`${name}.part`, name);
}

async function take(name: string): Promise<Buffer> {
  while (!existsSync(name)) await sleep(10);
  return readFileSync(name);
}

const secur32 = bindSecur32(koffi, koffi.load('secur32.dll'));
// Wine 8 has no QueryCredentialsAttributes (0x80090302): the name is told by the one who got the ticket.
const library = createSspiLibrary({ ...secur32, nameOf: () => ({ status: 0, name: 'CORP.EXAMPLE\\ops' }) });
const credential = await library.acquire({ kind: 'ticket-cache', principal: null });
for (const turn of ['first', 'second', 'forged']) {
  const { context, token } = await library.initiate({ credential, service: 'HTTP@localhost', channelBinding: null });
  put(`${turn}-token`, token);
  const received = await take(`${turn}-answer`);
  try {
    put(`${turn}-end`, JSON.stringify([context.answer(received), context.established]));
  } catch (thrown) {
    put(`${turn}-end`, JSON.stringify([String(thrown), context.established]));
  }
  context.release();
}
