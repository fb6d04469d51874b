import { expect, test } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { readServiceRefusal } from '../../src/windows/service-refusals.ts';
import {
  readServiceExit,
  showServiceConfig,
  showServiceState,
  startService,
  stopService,
} from '../../src/windows/services.ts';

test.each([
  [showServiceState('MSExchangeIMAP4BE'), 'sc queryex MSExchangeIMAP4BE'],
  [showServiceConfig('My Service'), 'sc qc "My Service"'],
  [stopService('MSExchangePOP3BE'), 'sc stop MSExchangePOP3BE'],
  [startService('MSSQL$MAIL'), 'sc start MSSQL$MAIL'],
])('%s', (line, expected) => {
  expect(line).toBe(expected);
});

test.each(['', ' a', 'a&b', 'a"b', 'a|b', '%a%', 'a!b', 'a  b', 'a\nb', 'sérvice'])(
  'refuses the service name %j',
  (name) => {
    for (const write of [showServiceState, showServiceConfig, startService, stopService]) {
      expect(() => write(name)).toThrow(Failure);
    }
  },
);

test('how a service ended is read by place, in any language; another name or an error is not read', () => {
  const german = [
    'SERVICE_NAME: POP',
    '        TYP                : 10  WIN32_OWN_PROCESS  ',
    '        STATUS             : 1  STOPPED ',
    '        WIN32_BEENDIGUNGSCODE: 1066  (0x42a)',
    '        DIENST_BEENDIGUNGSCODE: 10048  (0x2740)',
    '        PRÜFPUNKT          : 0x0',
    '        WARTEHINWEIS       : 0x0',
    '        PID                : 0',
    '        FLAGS              : ',
    '',
  ].join('\r\n');
  expect(readServiceExit('POP', german, 0)).toEqual({ win32: 1066, own: 10048 });
  expect(readServiceExit('IMAP', german, 0)).toBeNull();
  expect(readServiceExit('POP', german, 1060)).toBeNull();
});

test.each([0, 1053, 1726, 4294967295])('exit code %i is no proof that a command was refused', (exitCode) => {
  expect(readServiceRefusal(exitCode, 'POP')).toBeNull();
});
