// The service against what Windows answered: recorded requests are sent to it again and the answers compared; and what was
// not recorded (quotas, limits, waiting) by the requests our own client writes.
import { describe, expect, test } from 'vitest';
import { createWinrmService } from '../../../src/lab/wsman/winrm-service.ts';
import type { WinrmService } from '../../../src/lab/wsman/winrm-service.ts';
import type { Machine } from '../../../src/lab/machine/machine.ts';
import { buildMachine } from '../../../src/lab/scenario/build-machine.ts';
import { serverSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { ServerSpec } from '../../../src/lab/scenario/server-spec.ts';
import { readSoapRequest } from '../../../src/lab/wsman/soap.ts';
import { readEnvelope } from '../../../src/winrm/soap/envelope.ts';
import { readFault } from '../../../src/winrm/soap/fault.ts';
import * as requests from '../../../src/winrm/soap/requests.ts';
import { readCommandResponse, readCreateResponse, readReceiveResponse } from '../../../src/winrm/soap/responses.ts';
import { manualClock } from '../manual-clock.ts';
import type { ManualClock } from '../manual-clock.ts';
import { missingRecordings, recording, sample, shapeOf } from '../recordings.ts';

const caller = { user: 'LAB\\operator', address: '127.0.0.1', url: 'http://127.0.0.1:5985/wsman' };
const missing = missingRecordings();

interface Bench {
  readonly clock: ManualClock;
  readonly service: WinrmService;
  readonly machine: Machine;
  /** Sends SOAP text; gives status and body, and counts the answer as delivered. */
  send(text: string): Promise<{ readonly status: number; readonly body: string }>;
}

function bench(spec: Partial<ServerSpec> = {}, commandMs = 0): Bench {
  const clock = manualClock();
  let guids = 0;
  const machine = buildMachine(serverSpec({ name: 'ex01', ...spec }));
  const service = createWinrmService({
    machine,
    clock,
    newGuid: () => `0000000A-0000-4000-8000-${String((guids += 1)).padStart(12, '0')}`,
    commandMs,
    elevated: true,
  });
  return {
    clock,
    service,
    machine,
    async send(text) {
      const answer = await service.handle(readSoapRequest(text), caller);
      answer.delivered();
      return answer;
    },
  };
}

const base = {
  url: caller.url,
  messageId: 'uuid:11111111-2222-4333-8444-555555555555',
  sessionId: null,
  operationTimeoutMs: 20_000,
  maxEnvelopeBytes: 153_600,
  locale: 'en-US',
};

async function openShell(at: Bench): Promise<string> {
  const { body } = await at.send(requests.writeCreateRequest({ ...base, codePage: 65001, noProfile: true }));
  return readCreateResponse(readEnvelope(body)).shellId;
}

async function start(at: Bench, shellId: string, line: string): Promise<string> {
  const { body } = await at.send(requests.writeCommandRequest({ ...base, shellId, command: line }));
  return readCommandResponse(readEnvelope(body)).commandId;
}

const receive = (shellId: string, commandId: string, more: Partial<typeof base> = {}): string =>
  requests.writeReceiveRequest({ ...base, ...more, shellId, commandId });

async function faultOf(at: Bench, text: string): Promise<{ readonly status: number; readonly code: number | null }> {
  const { status, body } = await at.send(text);
  return { status, code: readFault(readEnvelope(body))?.code ?? null };
}

describe.skipIf(missing !== null)('answers as Windows Server 2016 gave them', () => {
  test.each([
    ['test_client_execute_cmd', '2016'],
    ['test_client_execute_cmd_environment', '2016'],
    ['test_winrs_standard', '2016'],
    ['test_winrs_environment', '2016'],
    ['test_winrs_extra_opts', '2016'],
    ['test_winrs_noprofile', '2016'],
    ['test_winrs_unicode', '2016'],
    ['test_winrs_stderr_rc', '2016'],
    ['test_winrs_send', '2016'],
    ['test_winrs_bad_cmd_id', '2016'],
    ['test_winrs_fail_poll_process', '2016'],
    ['test_winrs_open_already_opened', '2016'],
    ['test_winrs_no_cmd_shell', '2008r2'],
  ] as const)('%s', async (name, windows) => {
    const at = bench({ windows });
    const pairs = recording(name);
    expect(pairs.length).toBeGreaterThan(1);
    const live = new Map<string, string>();
    for (const pair of pairs) {
      const request = pair.request.replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, (id) => live.get(id) ?? id);
      const { body } = await at.send(request);
      for (const element of ['ShellId', 'CommandId']) {
        const id = new RegExp(`<rsp:${element}>([^<]+)<`);
        const [recorded, own] = [id.exec(pair.response)?.[1], id.exec(body)?.[1]];
        if (recorded !== undefined && own !== undefined) live.set(recorded, own);
      }
      expect([pair.name, shapeOf(body)]).toEqual([pair.name, shapeOf(pair.response)]);
      expect(readEnvelope(body).relatesTo).toBe(readEnvelope(request).messageId);
    }
  });

  test('the timeout fault of a Receive', async () => {
    const at = bench({}, 30_000);
    const shellId = await openShell(at);
    const commandId = await start(at, shellId, 'ver');
    const waiting = at.send(receive(shellId, commandId));
    await at.clock.advance(20_000);
    const recorded = sample('pypsrp/test_winrs_operation_timeout.03.response.fault.xml');
    expect(shapeOf((await waiting).body)).toEqual(shapeOf(recorded));
  });

  test('the fault for a shell that does not exist', async () => {
    const { status, body } = await bench().send(requests.writeDeleteRequest({ ...base, shellId: 'NO-SUCH-SHELL' }));
    const recorded = sample('pypsrp/test_psrp_is_alive_invalid_selectors.04.response.fault.xml');
    expect([status, shapeOf(body)]).toEqual([500, shapeOf(recorded)]);
  });

  test('the fault for a negative timeout', async () => {
    const request = requests.writeDeleteRequest({ ...base, shellId: 'X' }).replace('PT20.000S', 'PT-1S');
    const recorded = sample('pypsrp/test_psrp_is_alive_other_wsman_error.03.response.fault.xml');
    expect(shapeOf((await bench().send(request)).body)).toEqual(shapeOf(recorded));
  });

  test('the fault for a line that is too long, and only then', async () => {
    const at = bench();
    const shellId = await openShell(at);
    const command = (length: number) => requests.writeCommandRequest({ ...base, shellId, command: 'x'.repeat(length) });
    expect((await at.send(command(32_767))).status).toBe(200);
    const recorded = sample('masterzen/executeCommandResponseWithError.xml').replace('xml:lang=""', 'xml:lang="en-US"');
    expect(shapeOf((await at.send(command(32_768))).body)).toEqual(shapeOf(recorded));
  });

  test('Identify, without authentication', () => {
    const newer = sample('knife-windows/identify.ws2012_response_body.xml');
    const older = sample('knife-windows/identify.ws2008r2_response_body.xml');
    expect(shapeOf(bench().service.identify(false).body)).toEqual(shapeOf(newer));
    expect(shapeOf(bench({ windows: '2008r2' }).service.identify(false).body)).toEqual(shapeOf(older));
  });
});

describe('headers', () => {
  const good = requests.writeCreateRequest({ ...base, codePage: 65001, noProfile: true });
  test.each<readonly [string, string, number | null]>([
    ['nothing wrong', good, null],
    ['Locale that must be understood', good.replace(/(<w:Locale[^>]*)"false"/, '$1"true"'), 2150858887],
    ['DataLocale that must be understood', good.replace(/(<p:DataLocale[^>]*)"false"/, '$1"true"'), 2150858887],
    ['MaxEnvelopeSize below 8192', good.replace('>153600<', '>8191<'), 2150858805],
    ['MaxEnvelopeSize of 8192', good.replace('>153600<', '>8192<'), null],
    ['a timeout that is no duration', good.replace('PT20.000S', '20'), 2150858767],
    ['another ReplyTo', good.replace('role/anonymous', 'role/me'), 2150858818],
    ['no ReplyTo', good.replace(/<a:ReplyTo>.*<\/a:ReplyTo>/, ''), 2150858769],
    ['no MessageID', good.replace(/<a:MessageID>.*<\/a:MessageID>/, ''), 2150858769],
    ['another resource', good.replace('windows/shell/cmd', 'windows/shell/nothing'), 2150858811],
    ['an action nobody knows', good.replace('transfer/Create', 'transfer/Destroy'), 2150858771],
    [
      'an idle time that is no duration',
      good.replace('<rsp:Shell>', '<rsp:Shell><rsp:IdleTimeOut>60</rsp:IdleTimeOut>'),
      2150858817,
    ],
    ['a mustUnderstand without prefix', good.replaceAll('s:mustUnderstand', 'mustUnderstand'), null],
  ])('%s', async (_name, request, code) => {
    expect(await faultOf(bench(), request)).toEqual({ status: code === null ? 200 : 500, code });
  });

  test('an unknown header that must be understood is named in the fault', async () => {
    const stranger = '<h:Odd xmlns:h="urn:odd" s:mustUnderstand="true">1</h:Odd></s:Header>';
    const { status, body } = await bench().send(good.replace('</s:Header>', stranger));
    const envelope = readEnvelope(body);
    expect([status, readFault(envelope)?.subcode]).toEqual([500, 'MustUnderstand']);
    expect(body).toContain('<s:NotUnderstood qname="h:Odd" xmlns:h="urn:odd"/>');
    expect((await bench().send(good.replace('</s:Header>', stranger.replace('"true"', '"false"')))).status).toBe(200);
  });
});

describe('quotas', () => {
  test.each([
    ['2019', 30, 'MSFT_WmiError'],
    ['2008r2', 5, 'WSManFault'],
  ] as const)('on %s a user has %i shells, then a fault with %s', async (windows, quota, form) => {
    const at = bench({ windows });
    for (let index = 0; index < quota; index += 1) await openShell(at);
    const { status, body } = await at.send(requests.writeCreateRequest({ ...base, codePage: 65001, noProfile: true }));
    expect([status, readFault(readEnvelope(body))?.code]).toEqual([500, 2150859173]);
    expect(body).toContain(form);
    expect(at.service.openShells).toBe(quota);
  });

  test('a Signal gives no operation back; a Delete does', async () => {
    const at = bench({ windows: '2008r2' });
    const shellId = await openShell(at);
    for (let index = 0; index < 15; index += 1) {
      const commandId = await start(at, shellId, 'ver');
      await at.send(requests.writeSignalRequest({ ...base, shellId, commandId, code: 'terminate' }));
    }
    const next = requests.writeCommandRequest({ ...base, shellId, command: 'ver' });
    expect(await faultOf(at, next)).toEqual({ status: 500, code: 2150859174 });
    await at.send(requests.writeDeleteRequest({ ...base, shellId }));
    expect(await start(at, await openShell(at), 'ver')).toMatch(/^[0-9A-F-]{36}$/);
  });
});

describe('commands', () => {
  test('the effect on the machine is immediate, the output comes later', async () => {
    const at = bench({}, 1000);
    const shellId = await openShell(at);
    await start(at, shellId, 'netsh int ipv4 add excludedportrange protocol=tcp startport=9955 numberofports=1');
    const again = await start(at, shellId, 'netsh int ipv4 show excludedportrange protocol=tcp');
    const waiting = at.send(receive(shellId, again));
    await at.clock.advance(1000);
    const { chunks } = readReceiveResponse(readEnvelope((await waiting).body));
    expect(Buffer.concat(chunks.map((chunk) => chunk.data)).toString()).toMatch(/9955 +9955 +\*/);
  });

  test.each([8192, 20_000, 153_600])(
    'an answer stays within %i bytes, and nothing is lost',
    async (maxEnvelopeBytes) => {
      const at = bench();
      const shellId = await openShell(at);
      const text = 'x'.repeat(700);
      const line = Array.from({ length: 10 }, () => `echo ${text}`).join('&');
      const commandId = await start(at, shellId, line);
      const parts: Buffer[] = [];
      let answers = 0;
      for (let done = false; !done;) {
        const { body } = await at.send(receive(shellId, commandId, { maxEnvelopeBytes }));
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(maxEnvelopeBytes);
        const received = readReceiveResponse(readEnvelope(body));
        parts.push(...received.chunks.map((chunk) => Buffer.from(chunk.data)));
        done = received.done;
        answers += 1;
      }
      expect(Buffer.concat(parts).toString().replace(/\s/g, '')).toBe(text.repeat(10));
      expect(answers > 1).toBe(maxEnvelopeBytes < 10_000);
    },
  );

  test('an empty command and a command without its shell are refused', async () => {
    const at = bench();
    const shellId = await openShell(at);
    const command = requests.writeCommandRequest({ ...base, shellId, command: 'ver' });
    expect((await faultOf(at, command.replace('>ver<', '><'))).code).toBe(87);
    expect((await faultOf(at, command.replace(/<w:SelectorSet>.*<\/w:SelectorSet>/, ''))).code).toBe(2150858843);
  });

  test('after the last part was delivered the command is over; Signal is still taken', async () => {
    const at = bench();
    const shellId = await openShell(at);
    const commandId = await start(at, shellId, 'ver');
    expect((await at.send(receive(shellId, commandId))).status).toBe(200);
    expect((await faultOf(at, receive(shellId, commandId))).code).toBe(2150858843);
    const signal = requests.writeSignalRequest({ ...base, shellId, commandId, code: 'ctrl_c' });
    expect((await at.send(signal)).status).toBe(200);
  });

  test.each(['terminate', 'delete'] as const)('%s while a Receive waits: the Receive answers 995', async (how) => {
    const at = bench({}, 60_000);
    const shellId = await openShell(at);
    const commandId = await start(at, shellId, 'ver');
    const waiting = faultOf(at, receive(shellId, commandId));
    await at.clock.advance(0);
    const ending =
      how === 'delete'
        ? requests.writeDeleteRequest({ ...base, shellId })
        : requests.writeSignalRequest({ ...base, shellId, commandId, code: how });
    expect((await at.send(ending)).status).toBe(200);
    expect(await waiting).toEqual({ status: 500, code: 995 });
    expect((await faultOf(at, receive(shellId, commandId))).code).toBe(2150858843);
    expect(at.clock.pending).toBe(0);
  });

  test('a Receive waits no longer than the server allows, and no less than half a second', async () => {
    const at = bench({}, 600_000);
    const shellId = await openShell(at);
    const commandId = await start(at, shellId, 'ver');
    for (const [wantedMs, waitsMs] of [
      [300_000, 60_000],
      [10, 500],
    ] as const) {
      let answered = false;
      const waiting = faultOf(at, receive(shellId, commandId, { operationTimeoutMs: wantedMs })).then((fault) => {
        answered = true;
        return fault;
      });
      await at.clock.advance(waitsMs - 1);
      expect(answered).toBe(false);
      await at.clock.advance(1);
      expect((await waiting).code).toBe(2150858793);
    }
  });

  test('PowerShell that reads its script from stdin runs it when stdin ends', async () => {
    const at = bench({ language: 'de' });
    const shellId = await openShell(at);
    const commandId = await start(at, shellId, 'powershell.exe -NoProfile -');
    const send = (data: string, end: boolean) =>
      at.send(requests.writeSendRequest({ ...base, shellId, commandId, data: Buffer.from(data), end }));
    await send('netsh interface ipv4 show dynamic', false);
    await send('port tcp\n', true);
    const { chunks, exitCode } = readReceiveResponse(readEnvelope((await at.send(receive(shellId, commandId))).body));
    expect(Buffer.concat(chunks.map((chunk) => chunk.data)).toString()).toMatch(/6005[\s\S]*59530/);
    expect(exitCode).toBe(0);
  });

  test('variables of the shell are expanded', async () => {
    const at = bench();
    const { body } = await at.send(
      requests
        .writeCreateRequest({ ...base, codePage: 65001, noProfile: true })
        .replace(
          '<rsp:Shell>',
          '<rsp:Shell><rsp:Environment><rsp:Variable Name="Site">paris</rsp:Variable></rsp:Environment>',
        ),
    );
    const { shellId } = readCreateResponse(readEnvelope(body));
    const commandId = await start(at, shellId, 'echo %SITE%');
    const { chunks } = readReceiveResponse(readEnvelope((await at.send(receive(shellId, commandId))).body));
    expect(
      Buffer.concat(chunks.map((chunk) => chunk.data))
        .toString()
        .trim(),
    ).toBe('paris');
  });
});

test('when the service stops, its shells are gone', async () => {
  const at = bench();
  const shellId = await openShell(at);
  at.service.stop();
  expect(at.service.openShells).toBe(0);
  expect((await faultOf(at, requests.writeDeleteRequest({ ...base, shellId }))).code).toBe(2150858843);
});

describe('a command that waits on the host', () => {
  const look = 'sc query MSExchangePOP3BE';
  const line = `sc stop MSExchangePOP3BE & ping -n 6 127.0.0.1 >nul & ${look} & ${look} & sc start MSExchangePOP3BE`;
  const stateOf = ({ machine }: Bench) =>
    machine.services.find((one) => one.name === 'MSExchangePOP3BE')?.state ?? null;

  test('goes on whether or not anybody receives', async () => {
    const at = bench({ pop: 'running' });
    await start(at, await openShell(at), line);
    expect(stateOf(at)).toBe('stop-pending');
    await at.clock.advance(4999);
    expect(stateOf(at)).toBe('stop-pending');
    await at.clock.advance(1);
    expect(stateOf(at)).toBe('start-pending');
    expect(at.clock.pending).toBe(0);
  });

  test('ends where it stands when its shell is deleted', async () => {
    const at = bench({ pop: 'running' });
    const shellId = await openShell(at);
    await start(at, shellId, line);
    await at.clock.advance(1000);
    await at.send(requests.writeDeleteRequest({ ...base, shellId }));
    await at.clock.advance(60_000);
    expect(stateOf(at)).toBe('stop-pending');
  });
});
