// I/O: a way over loopback that can be cut or held, in front of a server that stays as it is. `cut`: connections are reset and further ones
// refused; `hold`: nothing comes through, in either direction, and all of it arrives once the way is open again, also what a process sent that
// died meanwhile. It looks into nothing.
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface Way {
  readonly port: number;
  cut(): void;
  hold(): void;
  open(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export async function openWay(targetPort: number): Promise<Way> {
  let state: 'open' | 'cut' | 'held' = 'open';
  const pairs = new Set<Pair>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    near.on('error', () => undefined);
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair = { near, far };
    pairs.add(pair);
    join(near, far);
    join(far, near);
    for (const one of [near, far]) one.once('close', () => pairs.delete(pair));
    if (state === 'held') pause(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const drop = (): void => {
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  };
  return {
    port,
    cut() {
      state = 'cut';
      drop();
    },
    hold() {
      state = 'held';
      pairs.forEach(pause);
    },
    open() {
      state = 'open';
      for (const { near, far } of pairs) {
        near.resume();
        far.resume();
      }
    },
    async close() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join(from: Socket, to: Socket): void {
  from.on('data', (bytes) => to.write(bytes));
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.end());
}

function pause({ near, far }: Pair): void {
  near.pause();
  far.pause();
}
