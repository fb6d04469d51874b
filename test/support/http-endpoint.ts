// An HTTP server on loopback that takes notes and answers as the test says, one way per request; the last way stays. Node's own server, so
// that what is sent is judged by an implementation that is not ours.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A status, with headers; or no answer at all; or a connection that is cut. */
export type AnswerWay =
  | number
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | 'hang'
  | 'reset'
  | 'endless';

export interface TakenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpEndpoint {
  readonly url: string;
  /** Every request, whatever came of it. */
  readonly requests: readonly TakenRequest[];
  /** Those that were answered with 2xx, as JSON. */
  readonly taken: readonly Record<string, unknown>[];
  answer(...ways: readonly AnswerWay[]): void;
  /** Resolves when so many requests have come. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function openEndpoint(...first: readonly AnswerWay[]): Promise<HttpEndpoint> {
  const requests: TakenRequest[] = [];
  const taken: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  let ways = [...first];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      for (const look of waiting) look();
      const way = (ways.length > 1 ? ways.shift() : ways[0]) ?? 200;
      if (way === 'hang') return;
      if (way === 'reset') {
        request.socket.destroy();
        return;
      }
      if (way === 'endless') {
        response.writeHead(200, { 'content-type': 'text/plain' });
        const part = 'x'.repeat(1024 * 1024);
        const more = (): void => {
          while (!response.destroyed && response.write(part));
        };
        response.on('drain', more);
        more();
        return;
      }
      const { status, headers } = typeof way === 'number' ? { status: way, headers: {} } : way;
      if (status >= 200 && status < 300) taken.push(JSON.parse(body) as Record<string, unknown>);
      response.writeHead(status, headers).end(status === 204 ? undefined : 'S3CR3T of the receiver');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/hook`,
    requests,
    taken,
    answer(...next) {
      ways = [...next];
    },
    until(count) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (requests.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
