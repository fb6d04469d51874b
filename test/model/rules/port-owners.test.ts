// Whose an open port is, in every case, and how that is put.
import { expect, test } from 'vitest';
import type { Process, ServiceFacts, Socket } from '../../../src/model/facts.ts';
import {
  describeOwner,
  findOwners,
  isOwnProcess,
  socketsQuestion,
  type OwnerFacts,
} from '../../../src/model/rules/port-owners.ts';
import { portRange } from '../../../src/model/port-range.ts';

const pop = 'MSExchangePOP3BE';
const desired = { protocol: 'tcp', range: portRange(9955), service: pop } as const;

function socket(processId: number, differences: Partial<Socket> = {}): Socket {
  const about = { family: 'ipv4', protocol: 'tcp', localAddress: '0.0.0.0', localPort: 9955, listening: true } as const;
  return { ...about, processId, ...differences };
}

function process(processId: number, imageName: string, services: readonly string[] = []): Process {
  return { processId, imageName, services };
}

function service(processId: number | null): ServiceFacts {
  const state = processId === null ? 'stopped' : 'running';
  return { name: pop, installed: true, state, processId, startType: 'manual' };
}

function factsWith(differences: Partial<OwnerFacts>): OwnerFacts {
  return { sockets: [socket(8)], processes: [], services: [service(null)], gaps: [], ...differences };
}

test.each<{ what: string; facts: Partial<OwnerFacts>; kind: string; words: string }>([
  {
    what: 'the process that the service control manager names',
    facts: { services: [service(8)] },
    kind: 'own',
    words: 'a process that is not shown, pid 8',
  },
  {
    what: 'a process that hosts the service, whatever the case of its name',
    facts: { processes: [process(8, 'a.exe', ['MSEXCHANGEPOP3be'])] },
    kind: 'own',
    words: 'a.exe (MSEXCHANGEPOP3be), pid 8',
  },
  {
    what: 'its worker, while the service is stopped',
    facts: { processes: [process(8, 'microsoft.exchange.POP3.exe')] },
    kind: 'worker',
    words: 'microsoft.exchange.POP3.exe, pid 8',
  },
  {
    what: 'the worker of another service',
    facts: { processes: [process(8, 'Microsoft.Exchange.Imap4.exe')] },
    kind: 'stranger',
    words: 'Microsoft.Exchange.Imap4.exe, pid 8',
  },
  {
    what: 'any other process',
    facts: { processes: [process(8, 'svchost.exe', ['Dnscache', 'NlaSvc'])] },
    kind: 'stranger',
    words: 'svchost.exe (Dnscache, NlaSvc), pid 8',
  },
  { what: 'a process that was not listed', facts: {}, kind: 'unknown', words: 'a process that is not shown, pid 8' },
  { what: 'Windows itself, listed or not', facts: { sockets: [socket(4)] }, kind: 'stranger', words: 'System, pid 4' },
  {
    what: 'connections that no process owns, however process 0 is called',
    facts: { sockets: [socket(0)], processes: [process(0, 'System Idle Process')] },
    kind: 'closing',
    words: 'closing connections (TIME_WAIT)',
  },
])('$what: $kind', ({ facts, kind, words }) => {
  const owners = findOwners(factsWith(facts), desired);
  expect(owners?.map((one) => [one.kind, describeOwner(one)])).toEqual([[kind, words]]);
});

test('nobody is its own service where a range is for none', () => {
  const facts = factsWith({ services: [service(8)], processes: [process(8, 'a.exe', [pop])] });
  expect(findOwners(facts, { ...desired, service: null })?.map((one) => one.kind)).toEqual(['stranger']);
});

test('each process once, on either family; other ports and protocols are left out', () => {
  const sockets = [
    socket(8),
    socket(8, { family: 'ipv6' }),
    socket(9, { listening: false }),
    socket(10, { localPort: 9956 }),
    socket(11, { protocol: 'udp' }),
  ];
  const owners = findOwners(factsWith({ sockets }), desired);
  expect(owners?.map((one) => [one.processId, one.sockets.length])).toEqual([
    [8, 2],
    [9, 1],
  ]);
});

test('open ports that could not be read are neither free nor owned', () => {
  const gaps = [{ question: socketsQuestion, reason: 'no row of netstat' }];
  expect(findOwners(factsWith({ sockets: [], gaps }), desired)).toBeNull();
});

test('a service that does not run has no process', () => {
  expect(isOwnProcess(factsWith({ services: [{ name: pop, installed: false }] }), 8, pop)).toBe(false);
  expect(isOwnProcess(factsWith({ services: [service(9)] }), 8, pop)).toBe(false);
});
