// One HTTP request at a time, without a socket: what is refused before anybody is asked who they are, and where exactly each
// mishap strikes.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAuthority } from '../../../src/lab/http/certificates.ts';
import type { HttpReply, LabHttpRequest, RequestRecord } from '../../../src/lab/http/http-handler.ts';
import { serverSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { MishapAct, MishapTrigger, ServerSpec } from '../../../src/lab/scenario/server-spec.ts';
import { createSimulatedServer, usualWire } from '../../../src/lab/simulated-server.ts';
import { readEnvelope } from '../../../src/winrm/soap/envelope.ts';
import { readFault } from '../../../src/winrm/soap/fault.ts';
import * as requests from '../../../src/winrm/soap/requests.ts';
import { readCommandResponse, readCreateResponse } from '../../../src/winrm/soap/responses.ts';
import { manualClock } from '../manual-clock.ts';

const account = { user: 'LAB\\operator', password: 'secret' };
const authorization = `Basic ${Buffer.from('operator:secret').toString('base64')}`;

const certificate = createAuthority({
  nowMs: Date.UTC(2026, 10, 24),
  randomBytes,
  newKeyPair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}).certificateFor('ex01', null).der;

/** A server behind TLS with Basic, so that every request stands for itself. */
function bench(spec: Partial<ServerSpec> = {}, delayMs = 0) {
  const clock = manualClock();
  let guids = 0;
  const log: RequestRecord[] = [];
  const server = createSimulatedServer(
    serverSpec({ name: 'ex01', listener: 'https', auth: ['ntlm', 'basic'], ...spec }),
    {
      ...account,
      wire: usualWire,
      kerberos: null,
      clock,
      randomBytes,
      newGuid: () => `0000000A-0000-4000-8000-${String((guids += 1)).padStart(12, '0')}`,
      delayMs,
      commandMs: 0,
      record: (one) => log.push(one),
    },
  );
  const acceptor = server.newAcceptor(certificate);
  return {
    clock,
    log,
    server,
    serve: (text: string, differences: Partial<LabHttpRequest> = {}): Promise<HttpReply> => {
      const body = Buffer.from(text, 'utf8');
      const headers = {
        host: '127.0.0.1:5986',
        'content-type': 'application/soap+xml;charset=UTF-8',
        'content-length': String(body.length),
        authorization,
      };
      const request = { method: 'POST', target: '/wsman', headers, body, isTooLarge: false };
      return server.httpHandler.serve(
        { ...request, clientAddress: '127.0.0.1', connection: 1, ...differences },
        acceptor,
      );
    },
  };
}

const base = {
  url: 'https://127.0.0.1:5986/wsman',
  messageId: 'uuid:11111111-2222-4333-8444-555555555555',
  sessionId: null,
  operationTimeoutMs: 20_000,
  maxEnvelopeBytes: 153_600,
  locale: 'en-US',
};
const create = requests.writeCreateRequest({ ...base, codePage: 65001, noProfile: true });

function sent(reply: HttpReply) {
  if (reply.kind !== 'send') throw new Error(`expected an answer, got ${reply.kind}`);
  return reply;
}

const envelopeOf = (reply: HttpReply) => readEnvelope(Buffer.from(sent(reply).body).toString('utf8'));

describe('HTTP', () => {
  const noLength = { host: 'x', authorization };
  test.each<readonly [string, Partial<LabHttpRequest>, number, boolean]>([
    ['another path', { target: '/' }, 404, false],
    ['a longer path', { target: '/wsman/more' }, 404, false],
    ['GET', { method: 'GET' }, 405, false],
    ['no Content-Length', { headers: noLength }, 411, true],
    ['a body beyond the largest envelope', { body: Buffer.alloc(520_000, 0x20) }, 413, true],
    ['a body that was cut', { isTooLarge: true }, 413, true],
    ['nobody in particular', { headers: { 'content-length': '0' }, body: new Uint8Array() }, 401, false],
  ])('%s', async (_name, differences, status, close) => {
    expect(await bench().serve(create, differences)).toMatchObject({ kind: 'send', status, close });
  });

  test.each(['/wsman', '/wsman/', '/WSMAN', '/wsman?PSVersion=5.1'])('%s is the service', async (target) => {
    expect(sent(await bench().serve(create, { target })).status).toBe(200);
  });

  test('a chunked request is answered with InternalError 50', async () => {
    const headers = {
      host: 'x',
      'transfer-encoding': 'chunked',
      'content-type': 'application/soap+xml',
      authorization,
    };
    const reply = await bench().serve(create, { headers });
    expect([sent(reply).status, readFault(envelopeOf(reply))?.code]).toEqual([500, 50]);
  });

  test('what is no SOAP is answered with a fault', async () => {
    const reply = await bench().serve('hello');
    expect([sent(reply).status, readFault(envelopeOf(reply))?.code]).toEqual([500, 2150858817]);
  });

  test('Identify needs no account, and tells no version without one', async () => {
    const headers = { 'content-length': '9', wsmanidentify: 'unauthenticated', 'content-type': 'application/soap+xml' };
    const stranger = Buffer.from(
      sent(await bench().serve(requests.writeIdentifyRequest(), { headers })).body,
    ).toString();
    expect(stranger).toContain('OS: 0.0.0 SP: 0.0 Stack: 3.0');
    const known = Buffer.from(sent(await bench().serve(requests.writeIdentifyRequest())).body).toString();
    expect(known).toContain('OS: 10.0.17763 SP: 0.0 Stack: 3.0');
  });

  test('every answer is held back as long as the bench wants', async () => {
    const at = bench({}, 40);
    let answered = false;
    const reply = at.serve(create).then((one) => {
      answered = true;
      return one;
    });
    await at.clock.advance(39);
    expect(answered).toBe(false);
    await at.clock.advance(1);
    expect(sent(await reply).status).toBe(200);
  });
});

describe('mishaps', () => {
  const add = 'netsh int ipv4 add excludedportrange protocol=tcp startport=9955 numberofports=1';

  /** A shell and a command that adds an exclusion, with this mishap on the way. */
  async function run(act: MishapAct, on: Partial<MishapTrigger> = { operation: 'command' }) {
    const trigger = { operation: 'any', nth: null, line: null, request: null, ...on } as const;
    const at = bench({ mishaps: [{ on: trigger, act, times: 1 }] });
    const opened = await at.serve(create);
    const shellId = opened.kind === 'send' ? readCreateResponse(envelopeOf(opened)).shellId : '';
    const command = requests.writeCommandRequest({ ...base, shellId, command: add });
    return { at, opened, shellId, command, reply: at.serve(command) };
  }

  const isDone = ({ server }: ReturnType<typeof bench>): boolean =>
    server.machine.exclusions.tcp.ipv4.active.some((row) => row.range.firstPort === 9955);

  test.each<readonly [MishapAct, string, boolean]>([
    [{ kind: 'drop-before' }, 'drop', false],
    [{ kind: 'refuse' }, 'drop', false],
    [{ kind: 'hang' }, 'silence', false],
    [{ kind: 'drop-after' }, 'drop', true],
    [{ kind: 'half-answer' }, 'send-half', true],
    [{ kind: 'status', status: 503 }, 'send', false],
    [{ kind: 'fault', code: 2150859173 }, 'send', false],
  ])('$kind: the socket does "%s"; done on the machine: %s', async (act, kind, done) => {
    const { at, reply } = await run(act);
    expect((await reply).kind).toBe(kind);
    expect(isDone(at)).toBe(done);
    expect(at.log.at(-1)).toMatchObject({ n: 2, operation: 'command', commandLine: add, mishap: act.kind });
  });

  test('a delay holds back the answer, not the effect', async () => {
    const { at, reply } = await run({ kind: 'delay', delayMs: 5000 });
    await at.clock.advance(4999);
    expect(isDone(at)).toBe(true);
    await at.clock.advance(1);
    expect(sent(await reply).status).toBe(200);
  });

  test('a status is bare, a fault has its number, and the next request is served as ever', async () => {
    const first = await run({ kind: 'status', status: 503 });
    expect(sent(await first.reply)).toMatchObject({ status: 503, body: new Uint8Array() });
    expect(sent(await first.at.serve(first.command)).status).toBe(200);
    const second = await run({ kind: 'fault', code: 2150859174 });
    expect(readFault(envelopeOf(await second.reply))?.code).toBe(2150859174);
    const odd = await run({ kind: 'fault', code: 1234 });
    expect(readFault(envelopeOf(await odd.reply))?.code).toBe(1234);
  });

  test('output whose answer was lost half way comes again', async () => {
    const { at, shellId, reply } = await run({ kind: 'half-answer' }, { operation: 'receive' });
    const { commandId } = readCommandResponse(envelopeOf(await reply));
    const receive = requests.writeReceiveRequest({ ...base, shellId, commandId });
    const half = await at.serve(receive);
    expect(half.kind).toBe('send-half');
    const whole = sent(await at.serve(receive));
    expect(whole.status).toBe(200);
    whole.delivered();
    expect(sent(await at.serve(receive)).status).toBe(500);
  });

  test('the record of every request: number, operation, shell, line, status, time', async () => {
    const { at, shellId, reply } = await run({ kind: 'drop-before' }, { operation: 'delete' });
    await reply;
    await at.serve(create, { target: '/' });
    const time = '2026-11-24T00:00:00.000Z';
    const common = { connection: 1, user: account.user, mishap: null, at: time };
    expect(at.log).toEqual([
      { ...common, n: 1, operation: 'create', shellId: null, commandLine: null, status: 200 },
      { ...common, n: 2, operation: 'command', shellId, commandLine: add, status: 200 },
      { ...common, n: 3, operation: null, shellId: null, commandLine: null, user: null, status: 404 },
    ]);
  });
});
