// A port on which nothing listens, and which nobody else is given meanwhile: a server that is down. Were it free, the next fleet on this machine
// might get it, and whoever asks for the dead server would work on another one. It is the near end of a connection to ourselves: the system
// refuses whoever connects to it.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';

export interface HeldPort {
  readonly port: number;
  /** Resolves when it may be listened on again. */
  release(): Promise<void>;
}

/** The far end of all of them. It keeps no process alive. */
let farEnd: Promise<Server> | null = null;

/** `port`: 0 for any. Rejects with the system's error when somebody has it. */
export async function holdPort(port: number): Promise<HeldPort> {
  const host = '127.0.0.1';
  farEnd ??= openFarEnd(host);
  const { port: far } = (await farEnd).address() as AddressInfo;
  const socket = connect({ host, port: far, localAddress: host, ...(port === 0 ? {} : { localPort: port }) });
  await once(socket, 'connect');
  socket.unref();
  socket.on('error', () => undefined);
  const held = socket.localPort;
  if (held === undefined) throw new Error('a connection without a port');
  return {
    port: held,
    async release() {
      if (socket.destroyed) return;
      const closed = once(socket, 'close');
      // Without a moment in which the system waits for stragglers.
      socket.resetAndDestroy();
      await closed;
    },
  };
}

async function openFarEnd(host: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.unref();
    socket.on('error', () => undefined);
  });
  server.listen({ host, port: 0 });
  await once(server, 'listening');
  return server.unref();
}
