import { expect, test } from 'vitest';
import { exchangeName } from '../../src/windows/exchange.ts';
import { findWorkerImage } from '../../src/model/rules/exchange-workers.ts';

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
  expect(findWorkerImage('msexchangeIMAP4be')).toBe('Microsoft.Exchange.Imap4.exe');
  expect(findWorkerImage('MSExchangePOP3BE')).toBe('Microsoft.Exchange.Pop3.exe');
  expect(findWorkerImage('MSExchangeImap4')).toBeNull();
});
