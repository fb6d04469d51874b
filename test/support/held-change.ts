// A way to a server that stops a client's next command at the very moment at which it may no longer be called back: its intent is journaled, its lock
// was looked at, and the bytes are on their way. They arrive when they are let go, whatever became of the client. Connections that are opened
// meanwhile pass, as do all answers.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

interface HeldWay {
  readonly port: number;
  /** From now on the connections are looked at. Resolves once a command is held. */
  holdChange(isIntended: () => Promise<boolean>): Promise<void>;
  /** What was held arrives. Resolves once the server has answered it, or ended the connection. */
  letGo(): Promise<void>;
  close(): Promise<void>;
}

export async function openHeldWay(targetPort: number): Promise<HeldWay> {
  const sockets = new Set<Socket>();
  let watch: { isIntended: () => Promise<boolean>; onHeld: () => void } | null = null;
  let held: { readonly bytes: Buffer; readonly near: Socket; readonly far: Socket } | null = null;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    let isHeld = false;
    for (const one of [near, far]) {
      sockets.add(one);
      one.on('close', () => sockets.delete(one));
    }
    far.on('data', (bytes) => near.destroyed || near.write(bytes));
    far.on('end', () => near.end());
    far.on('error', () => near.destroy());
    near.on('error', () => undefined);
    // A process that died closes its end: what it sent before is under way all the same.
    near.on('end', () => isHeld || far.end());
    const pass = async (bytes: Buffer): Promise<void> => {
      if (watch !== null && held === null && (await watch.isIntended())) {
        held = { bytes, near, far };
        isHeld = true;
        watch.onHeld();
        return;
      }
      far.write(bytes);
      near.resume();
    };
    near.on('data', (bytes: Buffer) => {
      near.pause();
      void pass(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    holdChange: (isIntended) =>
      new Promise((resolve) => {
        watch = { isIntended, onHeld: resolve };
      }),
    letGo: () =>
      new Promise((resolve) => {
        if (held === null) throw new Error('nothing is held');
        const { bytes, near, far } = held;
        far.once('data', () => {
          resolve();
        });
        far.once('close', () => {
          resolve();
        });
        far.write(bytes);
        near.resume();
      }),
    async close() {
      for (const one of sockets) one.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
