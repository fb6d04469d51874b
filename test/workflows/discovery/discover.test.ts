// What servers are marked with, by what their account and DNS say: no server is called gone on DNS' word alone.
import { expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import type { NameResolution, ServerMark } from '../../../src/model/discovery/discovery.ts';
import { isManaged } from '../../../src/model/discovery/server-marks.ts';
import { afterProgress, idle } from '../../../src/report/text/live-state.ts';
import { discover, findMissing } from '../../../src/workflows/discovery/discover.ts';
import { makeOrganization, memoryDirectory, type FixtureServer } from '../../support/exchange-directory.ts';
import { failureOf } from '../../support/failure-of.ts';
import { memoryListener } from '../../support/memory-seams.ts';

const domain = 'DC=corp,DC=example';
const now = '2026-11-27T00:00:00.000Z';
const recent = '2026-11-20T00:00:00.000Z';
const old = '2026-05-01T00:00:00.000Z';

function discovery(
  servers: readonly FixtureServer[],
  dns: (name: string) => NameResolution = () => 'found',
  listener = memoryListener(),
) {
  const entries = makeOrganization({ domain, computers: 'CN=Computers', servers });
  const directory = memoryDirectory(domain, entries);
  return discover('corp.example', { directory, resolveName: (name) => Promise.resolve(dns(name)), listener, now });
}

test.each<[string, FixtureServer, NameResolution, readonly ServerMark[], boolean]>([
  ['alive', { name: 'EX01', lastLogon: recent }, 'found', [], true],
  ['alive, in another DNS', { name: 'EX01', lastLogon: recent }, 'missing', ['no-dns'], true],
  ['quiet', { name: 'EX01', lastLogon: old }, 'found', ['decommissioned', 'no-logon'], false],
  ['disabled', { name: 'EX01', lastLogon: recent, disabled: true }, 'found', ['decommissioned', 'disabled'], false],
  ['without account', { name: 'EX01', lastLogon: null }, 'found', ['decommissioned', 'no-account'], false],
  [
    'of another domain, and not in DNS',
    { name: 'EX01', fqdn: 'ex01.b.example', lastLogon: null },
    'missing',
    ['decommissioned', 'no-dns'],
    false,
  ],
  ['of another domain', { name: 'EX01', fqdn: 'ex01.b.example', lastLogon: null }, 'unknown', [], true],
  ['Edge', { name: 'EX01', roles: 64, lastLogon: null }, 'missing', ['edge'], false],
  ['of 2010', { name: 'EX01', serial: 'Version 14.3 (Build 30123.4)', lastLogon: recent }, 'found', ['old'], false],
])('a server that is %s', async (_, server, dns, marks, managed) => {
  // Another one that all know, so that neither DNS nor the directory is blind.
  const witness = { name: 'WITNESS', lastLogon: recent };
  const { servers } = await discovery([server, witness], (name) => (name.startsWith('witness') ? 'found' : dns));
  const found = servers.find(({ name }) => name === 'EX01');
  expect(found?.marks).toEqual(marks);
  expect(found !== undefined && isManaged(found)).toBe(managed);
});

test('a DNS that knows none of them judges nobody, and is said', async () => {
  const { servers, notes } = await discovery([{ name: 'EX01', lastLogon: recent }], () => 'missing');
  expect(servers.map(({ dns, marks }) => ({ dns, marks }))).toEqual([{ dns: 'unknown', marks: [] }]);
  expect(notes).toEqual(['the DNS of this machine knows none of these servers: it was not used to judge them']);
});

test('a DNS that does not answer is not asked for every name', async () => {
  let asked = 0;
  const servers = Array.from({ length: 100 }, (_, index) => ({ name: `EX${index}`, lastLogon: recent }));
  await discovery(servers, () => {
    asked += 1;
    return 'unknown';
  });
  expect(asked).toBeLessThan(40);
});

test('missing in an inventory is what no host is called, reached by, or short for', async () => {
  const names = ['EX01', 'EX02', 'EX03', 'EX04'];
  const found = await discovery([
    ...names.map((name) => ({ name, lastLogon: recent })),
    { name: 'EX05', lastLogon: old },
  ]);
  const missing = findMissing(found, [
    { name: 'EX01.Corp.Example', address: '10.0.0.1', groups: [] },
    { name: 'mail2', address: 'ex02.corp.example', groups: [] },
    { name: 'ex03', address: '10.0.0.3', groups: [] },
  ]);
  expect(missing.map(({ name }) => name)).toEqual(['EX04']);
});

test('how far it is has a stated end wherever one is known', async () => {
  const servers = Array.from({ length: 150 }, (_, index) => ({ name: `EX${index}`, lastLogon: recent }));
  const listener = memoryListener();
  await discovery([...servers, { name: 'EX999', fqdn: 'ex01', lastLogon: recent }], () => 'found', listener);
  const states: (typeof idle)[] = [];
  for (const [index, progress] of listener.told.entries()) {
    states.push(afterProgress(states.at(-1) ?? idle, progress, index));
  }
  const read = states.flatMap(({ stage, busy }) => (stage === null ? (busy.get('')?.doing ?? []) : []));
  expect(read).toContain('reading servers from dc01.corp.example:636: 151 so far');
  expect(read).toContain('reading ports from dc01.corp.example:636: 0 so far');
  const ends = ['computer accounts', 'names in DNS'].map((name) => {
    const last = states.findLast(({ stage }) => stage === name);
    return { name, total: last?.total, done: last?.done, busy: last?.busy.size };
  });
  // The one without a name is asked of nobody.
  expect(ends).toEqual([
    { name: 'computer accounts', total: 150, done: 150, busy: 0 },
    { name: 'names in DNS', total: 150, done: 150, busy: 0 },
  ]);
  expect(states.at(-1)).toEqual(idle);
});

test('a discovery that fails leaves nothing under way', async () => {
  const listener = memoryListener();
  const failing = {
    where: 'dc01.corp.example:636',
    search: () => Promise.reject(new Failure('connect/lost', 'lost')),
    close: () => undefined,
  };
  await failureOf(discover('corp.example', { directory: failing, resolveName: null, listener, now }));
  expect(listener.told.at(-1)).toMatchObject({ host: '', over: true });
});
