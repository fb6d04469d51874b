import { describe, expect, test } from 'vitest';
import { collectFacts } from '../../src/facts/collect.ts';
import type { FactsRequest } from '../../src/facts/collect.ts';
import type { HostFacts } from '../../src/model/facts.ts';
import { explainUnread } from '../../src/model/rules/unread-answers.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Clock } from '../../src/model/seams.ts';
import { answersOf, fakeHost, healthy, serviceState, keys } from './fake-host.ts';
import type { FakeAnswer } from './fake-host.ts';

const clock: Clock = {
  now: () => '2026-12-05T21:00:00.000Z',
  elapsedMs: () => 0,
  sleep: () => Promise.resolve(),
};

const request: FactsRequest = {
  ranges: [
    { range: portRange(9933), protocol: 'tcp' },
    { range: portRange(9955), protocol: 'tcp' },
  ],
  services: ['MSExchangeIMAP4BE', 'MSExchangePOP3BE'],
  protocols: ['tcp'],
};

async function collect(changed: Readonly<Record<string, FakeAnswer>> = {}): Promise<HostFacts> {
  return (await collectFacts(fakeHost(answersOf(changed)), request, clock)).facts;
}

function lineWith(words: string): string {
  return Object.keys(healthy).find((line) => line.includes(words)) ?? '';
}

describe('collectFacts', () => {
  test('of a healthy host', async () => {
    const row = (first: number, administered: boolean) => ({ range: portRange(first), administered });
    expect(await collect()).toEqual({
      collectedAt: '2026-12-05T21:00:00.000Z',
      rights: 'administrator',
      windows: { major: 10, minor: 0, build: 17763, revision: 5458 },
      exchange: { major: 15, minor: 2, build: 1544, revision: 9 },
      exclusionSupport: true,
      state: {
        exclusionTables: [
          { family: 'ipv4', protocol: 'tcp', store: 'active', exclusions: [row(5985, false), row(9955, true)] },
          { family: 'ipv4', protocol: 'tcp', store: 'persistent', exclusions: [] },
          { family: 'ipv6', protocol: 'tcp', store: 'active', exclusions: [row(5985, false)] },
          { family: 'ipv6', protocol: 'tcp', store: 'persistent', exclusions: [] },
        ],
        dynamicRanges: [
          { family: 'ipv4', protocol: 'tcp', range: portRange(6005, 59530) },
          { family: 'ipv6', protocol: 'tcp', range: portRange(49152, 16384) },
        ],
      },
      sockets: [
        { family: 'ipv4', protocol: 'tcp', localAddress: '0.0.0.0', localPort: 5985, listening: true, processId: 4 },
        { family: 'ipv4', protocol: 'tcp', localAddress: '0.0.0.0', localPort: 9933, listening: true, processId: 5210 },
        {
          family: 'ipv4',
          protocol: 'tcp',
          localAddress: '10.0.0.7',
          localPort: 9955,
          listening: false,
          processId: 7002,
        },
        { family: 'ipv6', protocol: 'tcp', localAddress: '::', localPort: 9933, listening: true, processId: 5210 },
      ],
      processes: [
        { processId: 4, imageName: 'System', services: [] },
        { processId: 5210, imageName: 'Microsoft.Exchange.Imap4Service.exe', services: ['MSExchangeIMAP4BE'] },
        { processId: 7002, imageName: 'svchost.exe', services: ['Dnscache', 'NlaSvc'] },
      ],
      services: [
        { name: 'MSExchangeIMAP4BE', installed: true, state: 'running', processId: 5210, startType: 'manual' },
        { name: 'MSExchangePOP3BE', installed: false },
      ],
      gaps: [],
      guards: [],
    });
  });

  describe('guards', () => {
    const line = lineWith('schtasks');
    const row = (path: string): string => `"${path}","N/A","Bereit"\r\n`;
    const usual = row('\\Microsoft\\Windows\\Defrag\\ScheduledDefrag');

    test.each([
      [
        'those in the folder of Fencepost, once each',
        `${row('\\Fencepost\\a-run')}${usual}${row('\\Fencepost\\a-run')}`,
        0,
        ['\\Fencepost\\a-run'],
      ],
      ['none', usual, 0, []],
      ['not known, for every Windows has tasks', '', 0, null],
      ['not known, for Windows refused', row('\\Fencepost\\a-run'), 1, null],
    ])('%s', async (_, text, exitCode, guards) => {
      expect((await collect({ [line]: { text, exitCode } })).guards).toEqual(guards);
    });

    test('are not known to an account that may not see every task', async () => {
      const facts = await collect({ [lineWith('whoami')]: { text: '"x","y","S-1-5-32-545","z"\r\n', exitCode: 0 } });
      expect([facts.rights === 'administrator', facts.guards]).toEqual([false, null]);
    });

    test('a list that cannot be read is no gap: the ports are known all the same', async () => {
      expect((await collect({ [line]: { text: '', exitCode: 1 } })).gaps).toEqual([]);
    });
  });

  test('asks once, and keeps every answer word for word', async () => {
    const host = fakeHost(answersOf());
    const { answers } = await collectFacts(host, request, clock);
    expect(host.sent.map(({ how }) => how)).toEqual(['ask']);
    expect(answers.map(({ line }) => line).sort()).toEqual(Object.keys(healthy).sort());
    for (const { line, text, exitCode } of answers) {
      expect({ text, exitCode }).toEqual({ exitCode: 0, ...healthy[line] });
    }
    expect(new Set(answers.map(({ question }) => question)).size).toBe(answers.length);
  });

  test('passes the signal on', async () => {
    const { signal } = new AbortController();
    const host = fakeHost(answersOf());
    const seen: unknown[] = [];
    await collectFacts(
      { ...host, ask: (line, options) => (seen.push(options?.signal), host.ask(line)) },
      request,
      clock,
      { signal },
    );
    expect(seen).toEqual([signal]);
  });

  test.each([
    ['ver', 'windows version', 'windows'],
    ['ipv6 show excludedportrange protocol=tcp store=persistent', 'exclusions ipv6 tcp persistent', 'exclusionTables'],
    ['ipv4 show dynamicportrange', 'dynamic range ipv4 tcp', 'dynamicRanges'],
    ['netstat', 'listeners', 'sockets'],
    ['tasklist', 'processes', 'processes'],
    ['queryex MSExchangeIMAP4BE', 'state of service MSExchangeIMAP4BE', 'services'],
    ['qc MSExchangeIMAP4BE', 'start type of MSExchangeIMAP4BE', 'startType'],
    ['v15\\Setup', 'exchange version', 'exchange'],
    ['whoami', 'rights', 'rights'],
  ])('an answer to %s that cannot be read is one gap, and nothing is made up for it', async (words, question, lost) => {
    const sound = await collect();
    const facts = await collect({ [lineWith(words)]: { text: 'something else\r\n' } });
    expect(facts.gaps).toEqual([{ question, reason: expect.stringMatching(/^.{10,}$/) as string }]);
    const left = {
      windows: facts.windows.major,
      exclusionTables: facts.state.exclusionTables.length,
      dynamicRanges: facts.state.dynamicRanges.length,
      sockets: facts.sockets.length,
      processes: facts.processes.length,
      services: facts.services.length,
      startType: facts.services[0]?.installed === true && facts.services[0].startType !== null ? 1 : 0,
      exchange: facts.exchange === null ? 0 : 1,
      rights: facts.rights === null ? 0 : 1,
    };
    const whole = {
      windows: 10,
      exclusionTables: 4,
      dynamicRanges: 2,
      sockets: 4,
      processes: 3,
      services: 2,
      startType: 1,
      exchange: 1,
      rights: 1,
    };
    const expected: Record<string, number> = {
      ...whole,
      [lost]: ['exclusionTables', 'dynamicRanges', 'services'].includes(lost)
        ? whole[lost as keyof typeof whole] - 1
        : 0,
    };
    // The first service is gone with its start type; the owners of no sockets are the asked services' processes only.
    if (lost === 'services') expected['startType'] = 0;
    if (lost === 'sockets') expected['processes'] = 1;
    expect(left).toEqual(expected);
    expect(facts.exclusionSupport).toBe(sound.exclusionSupport);
  });

  const tables = Object.keys(healthy).filter((line) => line.includes('excludedportrange'));
  const refusals = Object.fromEntries(tables.map((line) => [line, { text: 'words\r\n', exitCode: 1 }]));

  test('all tables refused on 2008 R2: no support, and no gaps for it', async () => {
    const facts = await collect({ ...refusals, ver: { text: 'Microsoft Windows [Version 6.1.7601]' } });
    expect(facts).toMatchObject({ exclusionSupport: false, gaps: [], state: { exclusionTables: [] } });
  });

  test('all tables refused on 2019, or on an unknown Windows: four gaps', async () => {
    for (const changed of [refusals, { ...refusals, ver: { text: 'words' } }]) {
      const facts = await collect(changed);
      expect(facts.exclusionSupport).toBe(true);
      expect(facts.gaps.filter(({ question }) => question.startsWith('exclusions'))).toHaveLength(4);
    }
  });

  test('a netsh that refuses everything on 2008 R2 is not too old', async () => {
    const dynamic = Object.keys(healthy).filter((line) => line.includes('dynamicportrange'));
    const all = Object.fromEntries([...tables, ...dynamic].map((line) => [line, { text: '', exitCode: 1 }]));
    const facts = await collect({ ...all, ver: { text: 'Microsoft Windows [Version 6.1.7601]' } });
    expect(facts.exclusionSupport).toBe(true);
    expect(facts.gaps.map((one) => one.refused)).toEqual(Array(6).fill(true));
    expect(explainUnread(facts).map((one) => one.code)).toEqual(['netsh-refused']);
  });

  test('a socket bound without listening, where netstat knows -q', async () => {
    const bound = Object.keys(healthy).find((line) => line.startsWith('netstat -anoq')) ?? '';
    const facts = await collect({
      [bound]: {
        text: [
          '  TCP    0.0.0.0:9933           0.0.0.0:0              LISTENING       5210',
          '  TCP    0.0.0.0:9955           0.0.0.0:0              GEBUNDEN        7001',
          '  TCP    10.0.0.7:9955          0.0.0.0:0              GEBUNDEN        7002',
          '  TCP    10.0.0.7:51000         10.0.0.8:9933          ESTABLISHED     7001',
          '',
        ].join('\r\n'),
      },
    });
    const found = facts.sockets.filter((one) => one.bound === true);
    expect(found.map((one) => [one.localPort, one.processId, one.listening])).toEqual([[9955, 7001, false]]);
    expect(facts.processes.map((one) => one.imageName)).toContain('w3wp.exe');
    for (const text of ['', 'usage\r\n', '  TCP broken\r\n']) {
      expect(await collect({ [bound]: { text, exitCode: 1 } })).toEqual(await collect());
    }
  });

  test('one table refused on 2008 R2 is a gap', async () => {
    const facts = await collect({ [tables[0] ?? '']: { text: 'words', exitCode: 1 }, ver: { text: '[6.1.7601]' } });
    expect(facts).toMatchObject({ exclusionSupport: true, gaps: [{ question: 'exclusions ipv4 tcp active' }] });
  });

  test('no Exchange is proven by a list of keys; a key that may not be read is not known', async () => {
    const denied = { text: '', exitCode: 1 };
    const [setup = '', ofExchange = '', ofMicrosoft = ''] = Object.keys(healthy).filter((line) =>
      /^reg query .*(?:Exchange|Microsoft)/.test(line),
    );
    const unknown = { exchange: null, gaps: [{ question: 'exchange version', refused: true }] };
    const none = { exchange: null, gaps: [] };
    // Exchange 2010 only; no Exchange at all; and lists that say too little to tell.
    for (const [exchangeKeys, microsoftKeys, expected] of [
      [keys('ExchangeServer\\v14'), keys('ExchangeServer', 'Windows'), none],
      [denied, keys('Windows'), none],
      [keys('ExchangeServer\\v15'), keys('ExchangeServer', 'Windows'), unknown],
      [denied, keys('ExchangeServer', 'Windows'), unknown],
      [denied, denied, unknown],
      [denied, keys('NoWindows'), unknown],
    ] as const) {
      const changed = { [setup]: denied, [ofExchange]: exchangeKeys, [ofMicrosoft]: microsoftKeys };
      expect(await collect(changed)).toMatchObject(expected);
    }
  });

  test('a stopped service has no process', async () => {
    const facts = await collect({ 'sc queryex MSExchangeIMAP4BE': serviceState('MSExchangeIMAP4BE', 1, 0) });
    expect(facts.services[0]).toMatchObject({ state: 'stopped', processId: null });
  });

  test('a service asked for twice, in other letters, is asked once', async () => {
    const host = fakeHost(answersOf());
    const twice = { ...request, services: ['MSExchangePOP3BE', 'msexchangeimap4be', 'MSExchangeIMAP4BE'] };
    const { facts } = await collectFacts(host, twice, clock);
    expect(facts.services.map(({ name }) => name)).toEqual(['MSExchangePOP3BE', 'MSExchangeIMAP4BE']);
  });

  test.each([
    ['cut short', (stdout: string) => stdout.slice(0, stdout.length / 2)],
    ['empty', () => ''],
    ['with more after it', (stdout: string) => `${stdout}more`],
  ])('an answer %s rejects, and may be asked for again', async (_, spoil) => {
    const collected = collectFacts(fakeHost(answersOf(), spoil), request, clock);
    await expect(collected).rejects.toMatchObject({ code: 'answer/incomplete', retry: 'same-request', effect: 'none' });
  });

  test('too many services for one line reject before anything is sent', async () => {
    const host = fakeHost(answersOf());
    const services = Array.from({ length: 200 }, (_, index) => `Service${index}`);
    await expect(collectFacts(host, { ...request, services }, clock)).rejects.toMatchObject({
      code: 'command/too-long',
    });
    expect(host.sent).toEqual([]);
  });
});
