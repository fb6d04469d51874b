// Inventory and playbook -> what is desired of each host, and asked of it: with `port: backend` each has its own, and hosts that are alike share.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVaultOpener, noPasswords } from '../../src/inventory/secrets/vault-opener.ts';
import type { Desired } from '../../src/model/desired.ts';
import { judgeHost } from '../../src/plan/make-plan.ts';
import { readDiagnosisScope } from '../../src/workflows/diagnose.ts';
import { makeRequest } from '../../src/workflows/host-jobs.ts';
import { readIntent } from '../../src/workflows/read-intent.ts';
import { oneHost } from '../facts/some-facts.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-intent-'));
  await writeFile(
    join(folder, 'hosts.yml'),
    `exchange:
  vars: { winrm: { username: ops, auth: ntlm, password: { env: SECRET } } }
  hosts:
    ex01: { exchange_imap4_backend_port: 9933, exchange_pop3_backend_port: 9955 }
    ex02: { exchange_imap4_backend_port: 1993, exchange_pop3_backend_port: 1995 }
    ex03: { exchange_imap4_backend_port: 9933, exchange_pop3_backend_port: 9955 }
    ex04: { exchange_imap4_backend_port: 1993 }
    ex05: {}
`,
  );
  await writeFile(
    join(folder, 'playbook.yml'),
    `name: Own ports and their range
hosts: exchange
exclusions:
  - { port: backend, for: MSExchangeIMAP4BE }
  - { port: backend, for: MSExchangePOP3BE }
dynamic_range: { start: 6005, count: 59530 }
`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const vault = createVaultOpener(noPasswords);
const inventory = () => ({ files: [join(folder, 'hosts.yml')], untrusted: undefined });

const portsOf = ({ exclusions, unresolved = [] }: Desired) => [
  ...exclusions.map(({ range }) => range.firstPort),
  ...unresolved.map(({ service, reason }) => `${service} ${reason}`),
];

test('each host is asked about its own ports, whatever else they have alike; those with the same ports are one request', async () => {
  const request = {
    inventory: inventory(),
    playbook: join(folder, 'playbook.yml'),
    limit: null,
    concurrency: undefined,
  };
  const { intent } = await readIntent(request, vault);
  const desires = intent.targets.map(intent.desiredOf);
  expect(desires.map(portsOf)).toEqual([
    [9933, 9955],
    [1993, 1995],
    [9933, 9955],
    [1993, 'MSExchangePOP3BE unset'],
    ['MSExchangeIMAP4BE unset', 'MSExchangePOP3BE unset'],
  ]);
  expect(intent.request?.exclusions).toHaveLength(2);
  const requests = desires.map(makeRequest);
  expect(requests.map(({ ranges }) => ranges.map(({ range }) => range.firstPort))).toEqual([
    [9933, 9955],
    [1993, 1995],
    [9933, 9955],
    [1993],
    [],
  ]);
  // Where a service listens is told of a host whose port nobody wrote down, too.
  for (const { services, protocols } of requests) {
    expect([services.toSorted(), protocols]).toEqual([['MSExchangeIMAP4BE', 'MSExchangePOP3BE'], ['tcp']]);
  }
  expect(requests[2]).toBe(requests[0]);
  expect(makeRequest(intent.desiredOf(intent.targets[0] ?? expect.fail('no host')))).toBe(requests[0]);
});

test('a doctor without a playbook looks at the ports that the inventory says, and else at the usual ones', async () => {
  const { targets, desiredOf } = await readDiagnosisScope(
    { inventory: inventory(), playbook: undefined, limit: null },
    vault,
  );
  expect(targets.map(desiredOf).map(portsOf)).toEqual([
    [9933, 9955],
    [1993, 1995],
    [9933, 9955],
    [1993, 9955],
    [9933, 9955],
  ]);
  // Of a port that the inventory says it is known where it is, though the service is stopped.
  const stopped = ['MSExchangeIMAP4BE', 'MSExchangePOP3BE'].map((name) => {
    return { name, installed: true, state: 'stopped', processId: null, startType: 'manual' } as const;
  });
  const facts = { ...oneHost, sockets: [], services: stopped };
  const unknown = targets.map((target) =>
    judgeHost(facts, desiredOf(target)).findings.flatMap(({ code, sentence }) =>
      code === 'port-unknown' ? [sentence.split(' ')[0]] : [],
    ),
  );
  expect(unknown).toEqual([[], [], [], ['MSExchangePOP3BE'], ['MSExchangeIMAP4BE']]);
});

test('a playbook of numbers makes no request of its plan, and the same of every host', async () => {
  const playbook = join(import.meta.dirname, '../../playbooks/exchange-backend-ports.yml');
  const { intent } = await readIntent({ inventory: inventory(), playbook, limit: null, concurrency: undefined }, vault);
  expect(intent.request).toBeUndefined();
  expect(new Set(intent.targets.map(intent.desiredOf)).size).toBe(1);
});
