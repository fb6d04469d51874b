// A server that ends the connection behind an answer: what a client sends first over the next one, when that is a change.
import { expect } from 'vitest';
import type { RemoteShell } from '../../../src/winrm/client.ts';
import type { PeerServer } from './peer-server.ts';

/** Runs a change behind it, closes the shell, and returns the requests of the new connection. */
export async function changeBehindHangUp(server: PeerServer, shell: RemoteShell): Promise<readonly string[]> {
  await shell.run('then hang up');
  await expect.poll(async () => (await server.log()).requests.at(-1)?.what).toBe('hung up');
  expect((await shell.run('a change')).stdout).toBe('a change');
  await shell.close();
  const log = await server.log({ afterDelete: true });
  const sent = log.requests.map((one) => one.what);
  return sent.slice(sent.indexOf('hung up') + 1);
}
