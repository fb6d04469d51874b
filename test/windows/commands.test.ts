import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { Failure } from '../../src/model/failure.ts';
import { families, protocols, stores } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { showDynamicRange } from '../../src/windows/dynamic-ports.ts';
import { exchangeName } from '../../src/windows/exchange.ts';
import { workerImageOf } from '../../src/windows/exchange-workers.ts';
import {
  addExclusion,
  deleteExclusion,
  lacksExclusions,
  readExclusions,
  showExclusions,
} from '../../src/windows/excluded-ports.ts';
import { readSockets, showSockets } from '../../src/windows/listeners.ts';
import { showServiceConfig, showServiceState, startService, stopService } from '../../src/windows/services.ts';
import { windowsName } from '../../src/windows/version.ts';

describe('what is sent to Windows', () => {
  test.each([
    [showExclusions('ipv4', 'tcp', 'active'), 'netsh interface ipv4 show excludedportrange protocol=tcp store=active'],
    [
      showExclusions('ipv6', 'udp', 'persistent'),
      'netsh interface ipv6 show excludedportrange protocol=udp store=persistent',
    ],
    [
      addExclusion('ipv4', 'tcp', portRange(9933), 'persistent'),
      'netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1 store=persistent',
    ],
    [
      deleteExclusion('ipv6', 'tcp', portRange(9900, 100), 'active'),
      'netsh interface ipv6 delete excludedportrange protocol=tcp startport=9900 numberofports=100 store=active',
    ],
    [showDynamicRange('ipv6', 'tcp'), 'netsh interface ipv6 show dynamicportrange protocol=tcp'],
    [showSockets([9955, 9933, 9955]), 'netstat -ano | findstr /c:":9933 " /c:":9955 " /c:":0 "'],
    [showSockets([]), 'netstat -ano | findstr /c:":0 "'],
    [showServiceState('MSExchangeIMAP4BE'), 'sc queryex MSExchangeIMAP4BE'],
    [showServiceConfig('My Service'), 'sc qc "My Service"'],
    [stopService('MSExchangePOP3BE'), 'sc stop MSExchangePOP3BE'],
    [startService('MSSQL$MAIL'), 'sc start MSSQL$MAIL'],
  ])('%s', (line, expected) => {
    expect(line).toBe(expected);
  });

  test('a delete is the twin of its add', () => {
    const any = fc.tuple(
      fc.constantFrom(...families),
      fc.constantFrom(...protocols),
      fc.integer({ min: 1, max: 65000 }),
      fc.integer({ min: 1, max: 500 }),
      fc.constantFrom(...stores),
    );
    fc.assert(
      fc.property(any, ([family, protocol, first, count, store]) => {
        const range = portRange(first, count);
        const add = addExclusion(family, protocol, range, store);
        expect(deleteExclusion(family, protocol, range, store)).toBe(add.replace(' add ', ' delete '));
      }),
    );
  });

  test('filters up to twenty ports on the host, and none beyond', () => {
    const ports = Array.from({ length: 21 }, (_, index) => 9000 + index);
    expect(showSockets(ports.slice(1))).toContain('findstr');
    expect(showSockets(ports)).toBe('netstat -ano');
  });

  test.each(['', ' a', 'a&b', 'a"b', 'a|b', '%a%', 'a!b', 'a  b', 'a\nb', 'sérvice'])(
    'refuses the service name %j',
    (name) => {
      for (const write of [showServiceState, showServiceConfig, startService, stopService]) {
        expect(() => write(name)).toThrow(Failure);
      }
    },
  );
});

describe('netstat rows', () => {
  test('in any states, addresses and words are read; a listener is one with remote port 0', () => {
    const port = fc.integer({ min: 1, max: 65535 });
    const ip = fc.oneof(
      fc.ipV4().map((text) => ({ text, family: 'ipv4' })),
      fc.ipV6().map((text) => ({ text: `[${text}]`, family: 'ipv6' })),
    );
    const state = fc.constantFrom('LISTENING', 'ABHÖREN', 'ABH?REN', 'À L’ÉCOUTE', '監聽中', '');
    const row = fc.record({
      local: ip,
      localPort: port,
      remotePort: fc.oneof(fc.constant(0), port),
      state,
      processId: fc.nat(99999),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 9 }), (rows) => {
        const text = rows
          .map(
            (one) =>
              `  TCP    ${one.local.text}:${one.localPort}   ${one.local.text}:${one.remotePort}  ${one.state}   ${one.processId}\r\n`,
          )
          .join('');
        expect(readSockets(text)).toEqual({
          value: rows.map((one) => ({
            family: one.local.family,
            protocol: 'tcp',
            localAddress: one.local.text.replace(/[[\]]/g, ''),
            localPort: one.localPort,
            listening: one.remotePort === 0,
            processId: one.processId,
          })),
        });
      }),
    );
  });

  test('cut off, never lose a row in silence', () => {
    const rows = [
      '  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1012',
      '  TCP    [::]:9933              [::]:0                 LISTENING       5210',
    ];
    const text = rows.join('\r\n');
    for (let length = text.indexOf('[::]:9933'); length < text.length - 4; length += 1) {
      expect(readSockets(text.slice(0, length))).toHaveProperty('problem');
    }
  });
});

describe('a netsh without excludedportrange', () => {
  const refusal = readExclusions('words\r\n', 1, 'active');
  const table = readExclusions('\r\n----  ----\r\n', 0, 'active');
  const other = readExclusions('words\r\n', 5, 'active');
  test.each([
    ['2008', 6, 0, [refusal, refusal], true],
    ['2008 R2', 6, 1, [refusal, refusal], true],
    ['2008 R2 with the hotfix', 6, 1, [refusal, table], false],
    ['2008 R2 that ends with another code', 6, 1, [refusal, other], false],
    ['2012', 6, 2, [refusal, refusal], false],
    ['2019', 10, 0, [refusal, refusal], false],
    ['nothing asked', 6, 1, [], false],
  ] as const)('%s', (_, major, minor, readings, lacks) => {
    expect(lacksExclusions({ major, minor }, readings)).toBe(lacks);
  });

  test('a table with exit code 1 is no refusal of the command, but a problem', () => {
    const reading = readExclusions('\r\n----------    --------\r\n  5  6\r\n', 1, 'active');
    expect(reading).toEqual({ problem: 'netsh ended with exit code 1: "---------- --------"' });
  });
});

describe('names', () => {
  test.each([
    [6, 0, 6003, 'Windows Server 2008'],
    [6, 1, 7601, 'Windows Server 2008 R2'],
    [6, 2, 9200, 'Windows Server 2012'],
    [6, 3, 9600, 'Windows Server 2012 R2'],
    [10, 0, 14393, 'Windows Server 2016'],
    [10, 0, 17763, 'Windows Server 2019'],
    [10, 0, 20348, 'Windows Server 2022'],
    [10, 0, 26100, 'Windows Server 2025'],
    [10, 0, 19045, 'Windows 10.0.19045'],
    [0, 0, 0, 'unknown Windows'],
  ])('Windows %i.%i.%i', (major, minor, build, name) => {
    expect(windowsName({ major, minor, build, revision: null })).toBe(name);
  });

  test.each([
    [15, 0, 1497, 'Exchange Server 2013'],
    [15, 1, 2507, 'Exchange Server 2016'],
    [15, 2, 2561, 'Exchange Server 2019'],
    [15, 2, 2562, 'Exchange Server SE'],
    [15, 3, 1, 'Exchange 15.3.1.0'],
  ])('Exchange %i.%i.%i', (major, minor, build, name) => {
    expect(exchangeName({ major, minor, build, revision: 0 })).toBe(name);
  });

  test('workers of the two back ends, and of no other service', () => {
    expect(workerImageOf('msexchangeIMAP4be')).toBe('Microsoft.Exchange.Imap4.exe');
    expect(workerImageOf('MSExchangePOP3BE')).toBe('Microsoft.Exchange.Pop3.exe');
    expect(workerImageOf('MSExchangeImap4')).toBeNull();
  });
});
