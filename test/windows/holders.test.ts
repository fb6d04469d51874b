import { expect, test } from 'vitest';
import { portRange } from '../../src/model/port-range.ts';
import { findHolders, listListeningPorts } from '../../src/windows/holders.ts';
import { oneHost } from '../facts/some-facts.ts';

test('holders are the sockets on the range, of that family and protocol, with their processes', () => {
  expect(findHolders(oneHost, 'ipv4', 'tcp', portRange(9930, 10))).toEqual([
    { socket: oneHost.sockets[0], process: oneHost.processes[1] },
  ]);
  expect(findHolders(oneHost, 'ipv4', 'tcp', portRange(9930, 26))).toHaveLength(2);
  expect(findHolders(oneHost, 'ipv6', 'tcp', portRange(9933))).toEqual([]);
  expect(findHolders(oneHost, 'ipv4', 'udp', portRange(9933))).toEqual([]);
});

test('a holder whose process is not listed is still a holder', () => {
  const facts = { ...oneHost, processes: [] };
  expect(findHolders(facts, 'ipv4', 'tcp', portRange(9933))).toEqual([{ socket: oneHost.sockets[0], process: null }]);
});

test('a service listens where its process does, found by the process list or by the service control manager alone', () => {
  expect(listListeningPorts(oneHost, 'msexchangeimap4be')).toEqual([9933]);
  expect(listListeningPorts({ ...oneHost, processes: [] }, 'MSExchangeIMAP4BE')).toEqual([9933]);
  expect(listListeningPorts({ ...oneHost, services: [] }, 'MSExchangeIMAP4BE')).toEqual([9933]);
  // Dnscache has a connection on 9955, but listens nowhere.
  expect(listListeningPorts(oneHost, 'Dnscache')).toEqual([]);
  expect(listListeningPorts(oneHost, 'MSExchangePOP3BE')).toEqual([]);
});
