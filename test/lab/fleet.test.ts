// The fleet on real sockets: what HTTP clients see, what happens to connections, and what a thousand servers cost.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startFleet } from '../../src/lab/fleet.ts';
import type { Fleet, FleetOptions, RunningServer } from '../../src/lab/fleet.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import type { MishapAct, MishapTrigger, ServerSpec } from '../../src/lab/scenario/server-spec.ts';
import { connect } from '../../src/winrm/client.ts';
import type { ConnectOptions } from '../../src/winrm/client.ts';

const account = { user: 'LAB\\operator', password: 'Grün-Pass-1!' };
const show = 'netsh interface ipv4 show excludedportrange protocol=tcp';

const running: Fleet[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((fleet) => fleet.close()));
});

async function start(specs: readonly Partial<ServerSpec>[], options: Partial<FleetOptions> = {}): Promise<Fleet> {
  const servers = specs.map((spec, index) => serverSpec({ name: `ex${String(index + 1).padStart(2, '0')}`, ...spec }));
  const fleet = await startFleet({ servers, account, ...options });
  running.push(fleet);
  return fleet;
}

const mishap = (act: MishapAct, on: Partial<MishapTrigger> = {}, times = 1): Partial<ServerSpec> => ({
  mishaps: [{ on: { operation: 'any', nth: null, line: null, request: null, ...on }, act, times }],
});

interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** One request on a connection of its own. Rejects with the socket's error. */
function http(
  server: RunningServer,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', path = '/wsman', headers = {}, body = '' } = options;
    const sending = httpRequest({ host: '127.0.0.1', port: server.port, method, path, headers, agent: false });
    sending.on('error', reject);
    sending.on('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const { statusCode = 0, headers: answered, rawHeaders } = answer;
        resolve({ status: statusCode, headers: answered, rawHeaders, body: Buffer.concat(parts).toString() });
      });
    });
    sending.end(body);
  });
}

/** Lets the event loop turn until it is so; the test's own time limit ends a wait in vain. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

function reach(server: RunningServer, more: Partial<ConnectOptions> = {}): ReturnType<typeof connect> {
  const { scheme, port } = server;
  const timeouts = { connectMs: 2000, operationMs: 5000, requestMs: 10_000 };
  return connect({
    host: '127.0.0.1',
    port,
    scheme,
    username: account.user,
    password: account.password,
    timeouts,
    ...more,
  });
}

const soap = { 'content-type': 'application/soap+xml;charset=UTF-8' };

describe('what an HTTP client sees', () => {
  test("a 401 with Windows' headers and no others", async () => {
    const fleet = await start([{}]);
    const { status, headers, body } = await http(fleet.server('ex01'), { headers: soap, body: '<x/>' });
    expect(status).toBe(401);
    expect(headers).toMatchObject({
      'www-authenticate': 'Negotiate',
      server: 'Microsoft-HTTPAPI/2.0',
      'content-length': '0',
    });
    expect(headers).not.toHaveProperty('keep-alive');
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(body).toBe('');
  });

  test.each([
    [{ path: '/' }, 404],
    [{ method: 'GET' }, 405],
    [{ headers: { 'content-length': '0' } }, 401],
    [{ headers: { 'transfer-encoding': 'chunked' }, body: 'x' }, 401],
    [{ headers: { authorization: 'Negotiate AAAA' } }, 401],
  ])('%j: %i', async (request, status) => {
    const fleet = await start([{}]);
    expect((await http(fleet.server('ex01'), request)).status).toBe(status);
  });

  test('without Content-Length and not chunked: 411, and the connection ends', async () => {
    const fleet = await start([{}]);
    const text = await new Promise<string>((resolve, reject) => {
      const socket = tcpConnect(fleet.server('ex01').port, '127.0.0.1');
      let got = '';
      socket.on('data', (part) => (got += part.toString()));
      socket.on('error', reject);
      socket.on('close', () => {
        resolve(got);
      });
      socket.write('POST /wsman HTTP/1.1\r\nHost: x\r\n\r\n');
    });
    expect(text).toMatch(/^HTTP\/1\.1 411 /);
  });

  test('a body beyond all limits: 413', async () => {
    const fleet = await start([{ windows: '2008r2' }]);
    const server = fleet.server('ex01');
    expect((await http(server, { headers: soap, body: 'x'.repeat(400_000) })).status).toBe(413);
    expect((await http(server, { headers: soap, body: 'x'.repeat(160_000) })).status).toBe(413);
    expect((await http(server, { headers: soap, body: 'x'.repeat(150_000) })).status).toBe(401);
  });
});

describe('our own client', () => {
  test('runs a command in five requests on one connection, and leaves no shell behind', async () => {
    const fleet = await start([{ language: 'de' }]);
    const server = fleet.server('ex01');
    const shell = await reach(server);
    const { stdout, exitCode } = await shell.run(show);
    expect([exitCode, server.openShells]).toEqual([0, 1]);
    expect(stdout).toContain('Portausschlussbereiche für das Protokoll');
    await shell.close();
    // The client does not wait for the answer to its Delete.
    await until(() => server.requests.length === 5);
    expect(server.requests.map((one) => one.operation)).toEqual([null, 'create', 'command', 'receive', 'delete']);
    expect(server.requests.map((one) => one.status)).toEqual([401, 200, 200, 200, 200]);
    expect([server.connectionsOpened, server.openShells]).toEqual([1, 0]);
  });

  test('finds its way when the last leg of NTLM takes no body', async () => {
    const fleet = await start([{}], { wire: () => ({ type3Body: false }) });
    const shell = await reach(fleet.server('ex01'));
    expect((await shell.run('ver')).stdout).toContain('10.0.17763');
    await shell.close();
  });

  test.each([{}, { tabs: false }, { spacedBoundary: true }, { lowerCaseNames: true }, { extraCrlf: true }])(
    'reads sealed answers framed with %j',
    async (framing) => {
      const fleet = await start([{}], { wire: () => ({ framing }) });
      const shell = await reach(fleet.server('ex01'));
      expect((await shell.run('ver')).exitCode).toBe(0);
      await shell.close();
    },
  );

  test('is refused with a wrong password, and by a server whose password is wrong', async () => {
    const fleet = await start([{}, { password: 'wrong' }]);
    await expect(reach(fleet.server('ex01'), { password: 'wrong' })).rejects.toMatchObject({ code: 'auth/refused' });
    await expect(reach(fleet.server('ex02'))).rejects.toMatchObject({ code: 'auth/refused' });
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fencepost-tls-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function caFile(fleet: Fleet): string {
    const path = join(folder, `${String(fleet.servers[0]?.port)}.pem`);
    writeFileSync(path, fleet.caPem ?? '');
    return path;
  }

  test.each([
    ['ntlm', false],
    ['ntlm', true],
    ['basic', false],
  ] as const)('%s with the authority verified; strict channel binding: %s', async (auth, requireChannelBinding) => {
    const fleet = await start([{ listener: 'https', auth: ['ntlm', 'basic'] }], {
      wire: () => ({ requireChannelBinding }),
    });
    const shell = await reach(fleet.server('ex01'), { auth, caFile: caFile(fleet) });
    expect((await shell.run('ver')).exitCode).toBe(0);
    await shell.close();
  });

  test.each([
    ['self-signed', 'tls/untrusted'],
    ['expired', 'tls/expired'],
    ['wrong-name', 'tls/wrong-name'],
  ] as const)('a certificate that is %s is recognised: %s', async (certificateFlaw, code) => {
    const fleet = await start([{ listener: 'https' }], { wire: () => ({ certificateFlaw }) });
    await expect(reach(fleet.server('ex01'), { caFile: caFile(fleet) })).rejects.toMatchObject({ code });
  });

  test('there is no authority where nobody needs one', async () => {
    expect((await start([{}])).caPem).toBeNull();
  });
});

describe('connections', () => {
  test('a resting one is closed after its time', async () => {
    const fleet = await start([{}], { idleCloseMs: 50 });
    const socket = tcpConnect(fleet.server('ex01').port, '127.0.0.1');
    socket.write('POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(fleet.server('ex01').requests.length).toBe(1);
  });

  test('stop breaks connections and takes the shells; start listens on the same port, with the same machine', async () => {
    const fleet = await start([{}]);
    const server = fleet.server('ex01');
    const shell = await reach(server);
    await shell.run('netsh int ipv4 add excludedportrange protocol=tcp startport=9955 numberofports=1');
    await server.stop();
    expect(server.openShells).toBe(0);
    await expect(reach(server)).rejects.toMatchObject({ code: 'connect/refused' });
    await shell.close();
    await server.start();
    const again = await reach(server);
    expect((await again.run(show)).stdout).toMatch(/9955 +9955/);
    await again.close();
  });

  test('nothing listens where a server is unreachable, until it is started', async () => {
    const fleet = await start([{ reachable: false }]);
    const server = fleet.server('ex01');
    await expect(reach(server)).rejects.toMatchObject({ code: 'connect/refused' });
    await server.start();
    await (await reach(server)).close();
  });

  test('ports count up from the first when one is given', async () => {
    const free = (await start([{}])).server('ex01');
    await free.stop();
    const fleet = await start([{}], { firstPort: free.port });
    expect(fleet.server('ex01').port).toBe(free.port);
  });
});

describe('mishaps on the wire', () => {
  test.each<readonly [string, MishapAct]>([
    ['drop-before', { kind: 'drop-before' }],
    ['drop-after', { kind: 'drop-after' }],
  ])('%s: the socket ends without an answer', async (_name, act) => {
    const fleet = await start([mishap(act, { request: 1 })]);
    await expect(http(fleet.server('ex01'))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(fleet.server('ex01').requests).toMatchObject([{ n: 1, status: null, mishap: act.kind }]);
    expect((await http(fleet.server('ex01'))).status).toBe(401);
  });

  test('half-answer: the head promises more than comes', async () => {
    const fleet = await start([mishap({ kind: 'half-answer' }, { request: 1 })]);
    const identify = { headers: { ...soap, wsmanidentify: 'unauthenticated' }, body: identifyText };
    await expect(http(fleet.server('ex01'), identify)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await http(fleet.server('ex01'), identify)).body).toContain('IdentifyResponse');
  });

  test('hang: no answer, and closing the fleet ends it', async () => {
    const fleet = await start([mishap({ kind: 'hang' }, { request: 1 })]);
    const server = fleet.server('ex01');
    const hanging = http(server).catch((error: unknown) => error);
    await until(() => server.requests.length === 1);
    await fleet.close();
    expect(await hanging).toMatchObject({ code: 'ECONNRESET' });
  });

  test('refuse: connections are reset as often as it says', async () => {
    const fleet = await start([mishap({ kind: 'refuse' }, {}, 2)]);
    const server = fleet.server('ex01');
    await expect(http(server)).rejects.toThrow();
    await expect(http(server)).rejects.toThrow();
    expect((await http(server)).status).toBe(401);
    expect(server.connectionsOpened).toBe(3);
    expect(server.requests.length).toBe(1);
  });
});

const identifyText =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>' +
  '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>';

test('a thousand servers start, each on a port of its own, and each answers', async () => {
  const fleet = await start(
    Array.from({ length: 1000 }, (_, index) => ({ listener: index % 2 === 0 ? 'http' : 'https' })),
  );
  expect(new Set(fleet.servers.map((server) => server.port)).size).toBe(1000);
  const plain = fleet.servers.filter((server) => server.scheme === 'http');
  const answers = await Promise.all(plain.map((server) => http(server)));
  expect(answers.every(({ status }) => status === 401)).toBe(true);
});

test('asking for a server that is not there is an error that names it', async () => {
  const fleet = await start([{}]);
  expect(() => fleet.server('ex99')).toThrow('expected the name of a server in the lab, got "ex99"');
});
