import { expect, test } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { showServiceConfig, showServiceState, startService, stopService } from '../../src/windows/services.ts';

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
